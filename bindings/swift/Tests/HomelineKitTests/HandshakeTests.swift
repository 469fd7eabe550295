import Foundation
import HomelineGenerated
import Testing

@testable import HomelineKit

/// Code and library must be of one build: another one is refused before anything is opened.
struct HandshakeTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What every first call answers in `program`.
  func answers(of program: URL) throws -> [String] {
    let process = Process()
    let output = Pipe()
    process.executableURL = program
    process.arguments = [folder.url.appendingPathComponent("vault").path]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: said, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test("A library with another contract is refused by every call that can be the first")
  func foreignLibrary() throws {
    let built = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let program = built.appendingPathComponent("first-calls")
    let ours = try answers(of: program)
    #expect(ours.count == 6)
    #expect(!ours.contains { $0.contains("binding.other-library") })

    // The library is linked in. Its contract stands in it as text once; what the code was generated for is no such text.
    var bytes = try Data(contentsOf: program)
    let contract = Data(generatedContract.utf8)
    let place = try #require(bytes.range(of: contract))
    // No checksum of 32 bits has this number.
    bytes.replaceSubrange(place, with: Data(repeating: UInt8(ascii: "9"), count: contract.count))
    let foreign = folder.url.appendingPathComponent("first-calls")
    try bytes.write(to: foreign)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: foreign.path)
    #expect(
      try answers(of: foreign)
        == ours.map { line in
          "\(line.prefix { $0 != ":" }): internal binding.other-library never"
        })
    #expect(!FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("vault").path))
  }

  @Test("The refusal names both builds and says what to do")
  func refusal() throws {
    try requireOneBuild(BuildInfo(version: generatedFor, contract: generatedContract))
    let others = [
      BuildInfo(version: "0.0.9", contract: generatedContract), BuildInfo(version: generatedFor, contract: "1"),
    ]
    for other in others {
      do {
        try requireOneBuild(other)
        Issue.record("\(other) was not refused")
      } catch {
        #expect(error.kind == .internal)
        #expect(error.code == "binding.other-library")
        #expect(error.what.contains("\(other.version) (\(other.contract))"))
        #expect(error.what.contains("\(generatedFor) (\(generatedContract))"))
        #expect(error.remedy.contains("from one build"))
      }
    }
  }
}

import Foundation
import HomelineKit
import Testing

@testable import GettingStarted

/// Runs the program of `docs/getting-started-swift.md`.
struct GettingStartedTests {
  @Test("What the page shows works")
  func thePageWorks() async throws {
    let folder = try TemporaryFolder()
    let vault = folder.url.appendingPathComponent("vault").path
    let keys = MemoryKeyStore()
    let first = try await openOrCreate(folder: vault, keyStore: keys)
    _ = try await startTheDoseThatIsDue(first, plan: try plan("vancomycin-elastomeric"))
    #expect(try await writeAndHear(first) == .journal)
    #expect(try await !newest(first).isEmpty)
    #expect(await wordsFor(first, "") == "note: Write at least one word.")
    try await first.close()
    let second = try await openOrCreate(folder: vault, keyStore: keys)
    #expect(await wordsFor(second, "Good morning.") == "Written.")
    try await second.close()
  }
}

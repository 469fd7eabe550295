import Foundation
import HomelineKit
import ShellLogic
import Testing

@MainActor struct OpeningModelTests {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("homeline-\(UUID().uuidString)")
  let platform = Platform(clock: StandingClock(), zones: FoundationZoneRules(), keyStore: MemoryKeyStore())

  var config: Config { Config(folder: folder.path, protection: .hardware) }

  func model() -> OpeningModel {
    OpeningModel { [config, platform] in
      try await Homeline.open(config: config, platform: platform, credentials: .keyStore)
    }
  }

  @Test("A phone without a vault says so")
  func noVault() async {
    let model = model()
    await model.open()
    #expect(model.failure?.kind == .notFound)
    #expect(model.today == nil)
  }

  @Test("A vault is opened once, closed with the app, and opened again with it")
  func openCloseOpen() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let patient = NewProfile(name: "Ana Lopez", role: .patient)
    let created = try await Homeline.create(config: config, platform: platform, profile: patient)
    try await created.homeline.close()

    let model = model()
    // A second vault on the same folder would be refused as already open.
    async let first: Void = model.open()
    async let second: Void = model.open()
    _ = await (first, second)
    #expect(model.failure == nil)
    #expect(model.today != nil)
    await model.close()
    #expect(model.today == nil)
    await model.open()
    #expect(model.today != nil)
    await model.close()
    #expect(model.failure == nil)
  }
}

import HomelineKit
import ShellApple
import ShellLogic
import ShellUI
import SwiftUI

@main
struct HomelineApp: App {
  @State private var opening = OpeningModel {
    let support = URL.applicationSupportDirectory
    try? FileManager.default.createDirectory(at: support, withIntermediateDirectories: true)
    return try await Homeline.open(
      config: Config(folder: support.appending(path: "vault").path, protection: .hardware),
      platform: Platform(
        clock: PhoneClock(), zones: FoundationZoneRules(),
        keyStore: SecureEnclaveKeyStore(service: "org.homeline.app")),
      credentials: .keyStore)
  }
  @Environment(\.scenePhase) private var phase

  var body: some Scene {
    WindowGroup { OpeningView(model: opening) }
      .onChange(of: phase) { _, phase in
        Task {
          switch phase {
          case .active: await opening.open()
          // A file that is open when iOS suspends the app ends the app.
          case .background: await opening.close()
          default: break
          }
        }
      }
  }
}

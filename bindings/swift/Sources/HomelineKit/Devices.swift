import HomelineGenerated

/// Thermometers, cuffs, oximeters and scales over the radio: what they measured becomes entries, once each.
public struct Devices: Sendable {
  let core: HomelineGenerated.Homeline

  /// Adds a device and looks for it. `withoutScreen` says that it can show no code, so that its link cannot be proven: the
  /// device is then marked for good. Answers with its link.
  ///
  /// `badInput` (16 devices are the most), `platform` (no radio).
  public func add(_ kind: VitalDeviceKind, withoutScreen: Bool = false) async throws(HomelineError) -> String {
    try await calling { [core] in try await core.addVitalDevice(kind: kind, withoutScreen: withoutScreen) }
  }

  /// Says under which number, 0 to 255, a shared device knows the patient; its readings of others are dropped. Until it is
  /// said, a device that tells persons apart gives nothing.
  public func setUser(_ link: String, user: UInt32?) async throws(HomelineError) {
    try await calling { [core] in try await core.setVitalDeviceUser(link: link, user: user) }
  }

  /// Forgets a device. What it measured stays.
  public func remove(_ link: String) async throws(HomelineError) {
    try await calling { [core] in try await core.removeVitalDevice(link: link) }
  }

  /// Listens to all devices that were added.
  public func listen() async throws(HomelineError) {
    try await calling { [core] in try await core.listenToVitalDevices() }
  }

  /// Pairs a device again, after its pairing was lost or refused.
  public func pairAgain(_ link: String) async throws(HomelineError) {
    try await calling { [core] in try await core.pairVitalDeviceAgain(link: link) }
  }

  /// When each session wants to hear `RadioEvent.tick`.
  public func wakeAt() async throws(HomelineError) -> [WakeAt] {
    try await calling { [core] in try await core.vitalDevicesWakeAt() }
  }

  /// The devices, and how their links are.
  public func list() async throws(HomelineError) -> [VitalDevice] {
    try await calling { [core] in try await core.vitalDevices() }
  }

  /// The devices as a screen.
  public func screen() async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.vitalDevicesScreen() }
  }
}

import HomelineGenerated

/// The pump: listening to it, never steering it. It needs a `BluetoothPort`.
public struct Pump: Sendable {
  let core: HomelineGenerated.Homeline

  /// Pairs with the pump of this serial number, which the plan must name. The phone asks for the passkey that the pump shows.
  ///
  /// `badInput` (no pump of the plan), `platform` (no radio), `notFound` (no plan).
  public func enrol(serial: String) async throws(HomelineError) {
    try await calling { [core] in try await core.enrolPump(serial: serial) }
  }

  /// Listens to the pump of this serial number, which was enrolled before.
  public func listen(serial: String) async throws(HomelineError) {
    try await calling { [core] in try await core.listenToPump(serial: serial) }
  }

  /// Stops listening. `notFound` when nobody listens.
  public func stop() async throws(HomelineError) {
    try await calling { [core] in try await core.stopPump() }
  }

  /// Carries out an action of the pump's screen: a person saw an alarm. That silences nothing on the pump.
  public func act(_ action: Action) async throws(HomelineError) { try await act(id: action.id) }

  /// The same by the action's id.
  public func act(id: String) async throws(HomelineError) {
    try await calling { [core] in try await core.actOnPump(action: id) }
  }

  /// A person saw the alarm with this code of `status`. That silences nothing on the pump. `notFound` when nobody listens.
  public func alarmSeen(_ code: UInt32) async throws(HomelineError) {
    try await calling { [core] in try await core.pumpAlarmSeen(code: code) }
  }

  /// When the session wants to hear `RadioEvent.tick` on the link `pump`, in milliseconds of the platform's monotonic clock;
  /// `nil` when it waits for the radio alone.
  public func wakeAt() async throws(HomelineError) -> UInt64? {
    try await calling { [core] in try await core.pumpWakeAt() }
  }

  /// What is known of the pump now, and how old it is, as data; `nil` when nobody listens.
  public func status() async throws(HomelineError) -> PumpStatus? {
    try await calling { [core] in try await core.pumpStatus() }
  }

  /// What is known of the pump, how old it is, and its alarms.
  public func screen() async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.pumpScreen() }
  }
}

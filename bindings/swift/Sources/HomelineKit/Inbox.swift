import HomelineGenerated

/// The journal is locked, and this phone goes on listening to pump and devices. Close it before the journal is opened, and open
/// it after the journal was closed: one of them is open. Nothing is lost or doubled on the way. `Homeline.listenWhileLocked`
/// allows it.
public final class Inbox: Sendable {
  private let core: HomelineGenerated.Inbox

  private init(core: HomelineGenerated.Inbox) { self.core = core }

  /// Opens the inbox of the vault in `folder`, without anything that opens the vault. `keyStore` is the one that
  /// `Homeline.listenWhileLocked` was given; where it never was, nothing is listened to.
  ///
  /// `notFound` (no vault), `alreadyOpen`, `keyUnavailable` (the phone was not unlocked since its start), `keyLost`, `damaged`.
  public static func open(
    folder: String, platform: Platform, keyStore: any KeyStore
  ) async throws(HomelineError) -> Inbox {
    let core = try await first {
      try await HomelineGenerated.Inbox.open(folder: folder, platform: platform, keyStore: keyStore)
    }
    return Inbox(core: core)
  }

  /// Listens to what was listened to when the journal was closed. Also after an error, which ends a session: it begins anew from
  /// what was kept.
  public func listen() async throws(HomelineError) {
    try await calling { [core] in try await core.listen() }
  }

  /// What happened on one link, in order, as `Homeline.radioEvents`. Events of a link that nobody listens on are dropped.
  public func radioEvents(link: String, _ events: [RadioEvent]) async throws(HomelineError) {
    try await calling { [core] in try await core.radioEvents(link: link, events: events) }
  }

  /// When each session wants to hear `RadioEvent.tick`.
  public func wakeAt() async throws(HomelineError) -> [WakeAt] {
    try await calling { [core] in try await core.wakeAt() }
  }

  /// What a locked phone may show: how the link is, and which alarms are on, in words that name no drug.
  public func screen() async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.screen() }
  }

  /// Carries out an action of that screen: a person saw an alarm. That silences nothing on the pump.
  public func act(_ action: Action) async throws(HomelineError) { try await act(id: action.id) }

  /// The same by the action's id.
  public func act(id: String) async throws(HomelineError) {
    try await calling { [core] in try await core.act(action: id) }
  }

  /// Lets go of the links and of the files, so that the journal can be opened. It is finished also when its task is cancelled.
  public func close() async throws(HomelineError) {
    try await finishing { [core] in try await core.shut() }
  }
}

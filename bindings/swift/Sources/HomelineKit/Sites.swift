import HomelineGenerated

/// Which sites were used when, and what each did.
public struct Sites: Sendable {
  let core: HomelineGenerated.Homeline

  /// The places of the last 26 weeks, the one that was not used for the longest time first, and what was seen there. It is a
  /// record and no advice.
  public func screen() async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.sitesScreen() }
  }
}

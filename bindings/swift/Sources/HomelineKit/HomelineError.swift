import HomelineGenerated

/// The one error. `kind` is what a screen can act on; `localizedDescription` is fit to be shown: what is wrong, and what to
/// do. Nothing in it repeats a name, a drug or a word of the patient.
public struct HomelineError: Error, Equatable, Sendable {
  /// What a screen can act on.
  public let kind: ErrorKind
  /// Stable, e.g. `vault.wrong-passcode`; for logs and support.
  public let code: String
  /// Which field of the input, where one is to blame.
  public let field: String?
  /// What is wrong, one plain sentence without a full stop.
  public let what: String
  /// What to do about it, one plain sentence.
  public let remedy: String
  /// Whether trying again can help.
  public let retry: Retry
}

extension HomelineError: CustomStringConvertible {
  public var description: String { "\(field.map { "\($0): " } ?? "")\(what). \(remedy)" }
}

/// Runs a call into the core and turns whatever it throws into a `HomelineError`.
func calling<Answer: Sendable>(
  _ call: @Sendable () async throws -> Answer
) async throws(HomelineError) -> Answer {
  do {
    return try await call()
  } catch HomelineGenerated.HomelineError.Failed(let kind, let code, let field, let what, let remedy, let retry) {
    throw HomelineError(kind: kind, code: code, field: field, what: what, remedy: remedy, retry: retry)
  } catch {
    // A panic arrives as an error of the generated code's own.
    throw HomelineError(
      kind: .internal, code: "binding.unexpected", field: nil, what: "Homeline has a fault of its own",
      remedy: "Close the app and open it again; what was recorded is kept.", retry: .never)
  }
}

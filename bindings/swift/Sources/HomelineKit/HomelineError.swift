import HomelineGenerated

/// The one error. `kind` is what a screen can act on; `description` is fit to be shown: what is wrong, and what to do. Nothing
/// in it repeats a name, a drug or a word of the patient.
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

extension HomelineError {
  /// Whatever a call into the core throws.
  init(_ error: any Error) {
    switch error {
    case HomelineGenerated.HomelineError.Failed(let kind, let code, let field, let what, let remedy, let retry):
      self.init(kind: kind, code: code, field: field, what: what, remedy: remedy, retry: retry)
    case let ours as HomelineError:
      self = ours
    default:
      // A panic arrives as an error of the generated code's own.
      self.init(
        kind: .internal, code: "binding.unexpected", field: nil, what: "Homeline has a fault of its own",
        remedy: "Close the app and open it again; what was recorded is kept.", retry: .never)
    }
  }

  /// The caller's task was cancelled.
  static let cancelled = HomelineError(
    kind: .cancelled, code: "call.cancelled", field: nil, what: "nobody waits for the answer any more",
    remedy: "Ask again.", retry: .afterRemedy)
}

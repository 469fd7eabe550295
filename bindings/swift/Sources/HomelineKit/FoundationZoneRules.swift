import Foundation
import HomelineGenerated

/// Zone rules from Foundation, which are updated with the phone.
public final class FoundationZoneRules: ZoneRules {
  private let here: @Sendable () -> TimeZone

  /// `here` is asked anew each time, for a phone travels.
  public init(here: @escaping @Sendable () -> TimeZone = { TimeZone.autoupdatingCurrent }) {
    self.here = here
  }

  public func currentZone() throws -> String { here().identifier }

  public func table(zone: String, from: Int64, to: Int64) throws -> ZoneTable {
    guard let rules = TimeZone(identifier: zone) else {
      throw PortError.Failed(reason: "this phone has no rules for that zone")
    }
    let start = Date(timeIntervalSince1970: TimeInterval(from))
    let end = Date(timeIntervalSince1970: TimeInterval(to))
    var transitions: [ZoneOffset] = []
    var last = start
    while let next = rules.nextDaylightSavingTimeTransition(after: last), next < end {
      let offset = rules.secondsFromGMT(for: next)
      transitions.append(ZoneOffset(at: Int64(next.timeIntervalSince1970), offsetSeconds: Int32(offset)))
      last = next
    }
    return ZoneTable(
      version: TimeZone.timeZoneDataVersion, initialOffsetSeconds: Int32(rules.secondsFromGMT(for: start)),
      transitions: transitions)
  }
}

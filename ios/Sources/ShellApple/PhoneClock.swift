import Foundation
import HomelineKit

/// The phone's clocks. The continuous clock counts through sleep and is never set.
public final class PhoneClock: HomelineKit.Clock {
  private let start = ContinuousClock.now

  public init() {}

  public func now() throws -> Date { Date() }

  public func monotonicMs() throws -> UInt64 {
    let passed = start.duration(to: .now).components
    return UInt64(passed.seconds) * 1000 + UInt64(passed.attoseconds / 1_000_000_000_000_000)
  }
}

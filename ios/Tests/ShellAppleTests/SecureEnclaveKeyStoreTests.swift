import Foundation
import HomelineKit
import ShellApple
import Testing

/// Our use of the keychain, over a keychain in memory. What only a phone can prove: that the key is in its hardware.
struct SecureEnclaveKeyStoreTests {
  let keyStore = SecureEnclaveKeyStore(service: "test.\(UUID().uuidString)")

  @Test("What was wrapped comes back, on every later start of the app")
  func roundTrip() throws {
    let secret = Data((0..<32).map { UInt8($0) })
    let wrapped = try keyStore.wrap(secret: secret)
    #expect(wrapped != secret)
    #expect(try keyStore.unwrap(wrapped: wrapped) == secret)
  }

  @Test("A key that is gone is gone for good")
  func keyGone() {
    #expect(throws: KeyStoreError.Invalidated) { try keyStore.unwrap(wrapped: Data([1])) }
  }

  @Test("The counter rises and never falls")
  func counter() throws {
    #expect(try keyStore.counter() == 0)
    try keyStore.setCounter(value: 7)
    try keyStore.setCounter(value: 5)
    #expect(try keyStore.counter() == 7)
  }
}

import Foundation
import HomelineKit
import Security

/// The phone's hardware key: a P-256 key that never leaves the Secure Enclave, with which secrets are sealed (ECIES with
/// AES-GCM, `SecKeyAlgorithm.eciesEncryptionCofactorVariableIVX963SHA256AESGCM`). It answers after the first unlock, and is
/// not part of any backup or transfer.
///
/// The counter is an item of the keychain bound to this phone: a restored copy of the app's files does not set it back.
public final class SecureEnclaveKeyStore: KeyStore {
  private let service: String

  /// `service` tells this app's items in the keychain from others.
  public init(service: String) { self.service = service }

  public func wrap(secret: Data) throws -> Data {
    guard let publicKey = SecKeyCopyPublicKey(try find() ?? make()) else { throw KeyStoreError.Unavailable }
    guard let sealed = SecKeyCreateEncryptedData(publicKey, algorithm, secret as CFData, nil) else {
      throw KeyStoreError.Unavailable
    }
    return sealed as Data
  }

  public func unwrap(wrapped: Data) throws -> Data {
    guard let key = try find() else { throw KeyStoreError.Invalidated }
    guard let secret = SecKeyCreateDecryptedData(key, algorithm, wrapped as CFData, nil) else {
      throw KeyStoreError.Invalidated
    }
    return secret as Data
  }

  public func counter() throws -> UInt64 {
    var query = counterItem
    query[kSecReturnData] = true
    var found: CFTypeRef?
    switch SecItemCopyMatching(query as CFDictionary, &found) {
    case errSecSuccess:
      guard let data = found as? Data, let value = UInt64(String(decoding: data, as: UTF8.self)) else {
        throw KeyStoreError.Unavailable
      }
      return value
    case errSecItemNotFound: return 0
    default: throw KeyStoreError.Unavailable
    }
  }

  public func setCounter(value: UInt64) throws {
    guard try counter() < value else { return }
    let data = Data(String(value).utf8)
    var status = SecItemUpdate(counterItem as CFDictionary, [kSecValueData: data] as CFDictionary)
    if status == errSecItemNotFound {
      var item = counterItem
      item[kSecValueData] = data
      item[kSecAttrAccessible] = kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
      status = SecItemAdd(item as CFDictionary, nil)
    }
    guard status == errSecSuccess else { throw KeyStoreError.Unavailable }
  }

  private var algorithm: SecKeyAlgorithm { .eciesEncryptionCofactorVariableIVX963SHA256AESGCM }

  private var counterItem: [CFString: Any] {
    [kSecClass: kSecClassGenericPassword, kSecAttrService: service, kSecAttrAccount: "counter"]
  }

  private var tag: Data { Data("\(service).key".utf8) }

  private func find() throws -> SecKey? {
    let query: [CFString: Any] = [
      kSecClass: kSecClassKey, kSecAttrApplicationTag: tag, kSecAttrKeyType: kSecAttrKeyTypeECSECPrimeRandom,
      kSecReturnRef: true,
    ]
    var found: CFTypeRef?
    switch SecItemCopyMatching(query as CFDictionary, &found) {
    case errSecSuccess: return found.map { $0 as! SecKey }
    case errSecItemNotFound: return nil
    default: throw KeyStoreError.Unavailable
    }
  }

  private func make() throws -> SecKey {
    let access = SecAccessControlCreateWithFlags(
      nil, kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly, .privateKeyUsage, nil)
    guard let access else { throw KeyStoreError.Unavailable }
    let attributes: [CFString: Any] = [
      kSecAttrKeyType: kSecAttrKeyTypeECSECPrimeRandom,
      kSecAttrKeySizeInBits: 256,
      kSecAttrTokenID: kSecAttrTokenIDSecureEnclave,
      kSecPrivateKeyAttrs: [
        kSecAttrIsPermanent: true, kSecAttrApplicationTag: tag, kSecAttrAccessControl: access,
      ] as [CFString: Any],
    ]
    guard let key = SecKeyCreateRandomKey(attributes as CFDictionary, nil) else { throw KeyStoreError.Unavailable }
    return key
  }
}

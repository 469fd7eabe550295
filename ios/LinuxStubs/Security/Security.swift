// The names are Apple’s, not in lowerCamelCase.
// swift-format-ignore-file
// The part of Security that ShellApple uses, for type-checking on Linux, with a keychain in memory behind it. Shapes follow
// https://developer.apple.com/documentation/security. Core Foundation's types are the Swift types that they bridge to.

@_exported import Foundation

public typealias CFString = String
public typealias CFData = Data
public typealias CFDictionary = [String: Any]
public typealias CFTypeRef = AnyObject
public typealias CFErrorPointer = UnsafeMutableRawPointer
public typealias OSStatus = Int32

public let errSecSuccess: OSStatus = 0
public let errSecItemNotFound: OSStatus = -25300

public let kSecClass: CFString = "class"
public let kSecClassKey: CFString = "keys"
public let kSecClassGenericPassword: CFString = "genp"
public let kSecAttrService: CFString = "svce"
public let kSecAttrAccount: CFString = "acct"
public let kSecAttrAccessible: CFString = "pdmn"
public let kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly: CFString = "cku"
public let kSecAttrAccessControl: CFString = "accc"
public let kSecAttrApplicationTag: CFString = "atag"
public let kSecAttrKeyType: CFString = "type"
public let kSecAttrKeyTypeECSECPrimeRandom: CFString = "73"
public let kSecAttrKeySizeInBits: CFString = "bsiz"
public let kSecAttrTokenID: CFString = "tkid"
public let kSecAttrTokenIDSecureEnclave: CFString = "com.apple.setoken"
public let kSecAttrIsPermanent: CFString = "perm"
public let kSecPrivateKeyAttrs: CFString = "private"
public let kSecReturnData: CFString = "r_Data"
public let kSecReturnRef: CFString = "r_Ref"
public let kSecValueData: CFString = "v_Data"

public final class SecKey: @unchecked Sendable {}
public final class SecAccessControl: @unchecked Sendable {}

public struct SecAccessControlCreateFlags: OptionSet, Sendable {
  public let rawValue: UInt
  public init(rawValue: UInt) { self.rawValue = rawValue }
  public static let privateKeyUsage = SecAccessControlCreateFlags(rawValue: 1 << 30)
}

public struct SecKeyAlgorithm: Sendable {
  public static let eciesEncryptionCofactorVariableIVX963SHA256AESGCM = SecKeyAlgorithm()
}

final class Keychain: @unchecked Sendable {
  static let shared = Keychain()
  let lock = NSLock()
  var passwords: [String: Data] = [:]
  var keys: [Data: SecKey] = [:]
}

private func account(_ query: CFDictionary) -> String {
  "\(query[kSecAttrService] ?? "")/\(query[kSecAttrAccount] ?? "")"
}

public func SecItemCopyMatching(_ query: CFDictionary, _ result: UnsafeMutablePointer<CFTypeRef?>?) -> OSStatus {
  Keychain.shared.lock.withLock {
    var found: CFTypeRef?
    if let tag = query[kSecAttrApplicationTag] as? Data {
      found = Keychain.shared.keys[tag]
    } else if let data = Keychain.shared.passwords[account(query)] {
      found = data as NSData
    }
    result?.pointee = found
    return found == nil ? errSecItemNotFound : errSecSuccess
  }
}

public func SecItemAdd(_ attributes: CFDictionary, _ result: UnsafeMutablePointer<CFTypeRef?>?) -> OSStatus {
  Keychain.shared.lock.withLock {
    Keychain.shared.passwords[account(attributes)] = attributes[kSecValueData] as? Data
    return errSecSuccess
  }
}

public func SecItemUpdate(_ query: CFDictionary, _ change: CFDictionary) -> OSStatus {
  Keychain.shared.lock.withLock {
    guard Keychain.shared.passwords[account(query)] != nil else { return errSecItemNotFound }
    Keychain.shared.passwords[account(query)] = change[kSecValueData] as? Data
    return errSecSuccess
  }
}

public func SecAccessControlCreateWithFlags(
  _ allocator: AnyObject?, _ protection: CFString, _ flags: SecAccessControlCreateFlags, _ error: CFErrorPointer?
) -> SecAccessControl? { SecAccessControl() }

public func SecKeyCreateRandomKey(_ parameters: CFDictionary, _ error: CFErrorPointer?) -> SecKey? {
  guard let stored = parameters[kSecPrivateKeyAttrs] as? CFDictionary, let tag = stored[kSecAttrApplicationTag] as? Data
  else { return nil }
  let key = SecKey()
  Keychain.shared.lock.withLock { Keychain.shared.keys[tag] = key }
  return key
}

public func SecKeyCopyPublicKey(_ key: SecKey) -> SecKey? { key }

/// Reverses the bytes: enough to see that what is stored is not what was given.
public func SecKeyCreateEncryptedData(
  _ key: SecKey, _ algorithm: SecKeyAlgorithm, _ plaintext: CFData, _ error: CFErrorPointer?
) -> CFData? { CFData(plaintext.reversed()) }

public func SecKeyCreateDecryptedData(
  _ key: SecKey, _ algorithm: SecKeyAlgorithm, _ ciphertext: CFData, _ error: CFErrorPointer?
) -> CFData? { CFData(ciphertext.reversed()) }

import Foundation
import HomelineKit

/// Plain data as a story sees it.
enum Json: Equatable, Sendable {
  case null
  case bool(Bool)
  case number(Int64)
  case text(String)
  case list([Json])
  case object([String: Json])

  subscript(name: String) -> Json? {
    guard case .object(let fields) = self else { return nil }
    return fields[name]
  }

  var text: String? {
    guard case .text(let text) = self else { return nil }
    return text
  }

  var number: Int64? {
    guard case .number(let number) = self else { return nil }
    return number
  }

  var list: [Json]? {
    guard case .list(let items) = self else { return nil }
    return items
  }

  func flag(_ name: String) -> Bool { self[name] == .bool(true) }
}

extension Json: Decodable {
  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? value.decode(Int64.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let items = try? value.decode([Json].self) {
      self = .list(items)
    } else {
      self = .object(try value.decode([String: Json].self))
    }
  }
}

extension Json {
  /// Any record of the API: fields in `snake_case`, words of a closed set in `kebab-case`.
  init(of value: Any) {
    switch value {
    case let json as Json: self = json
    case is Void: self = .null
    case let text as String: self = .text(text)
    case let bool as Bool: self = .bool(bool)
    case let number as any BinaryInteger: self = .number(Int64(number))
    case let date as Date: self = .text(date.formatted(.iso8601))
    default: self = Json(reflecting: Mirror(reflecting: value), of: value)
    }
  }

  private init(reflecting mirror: Mirror, of value: Any) {
    switch mirror.displayStyle {
    case .optional: self = mirror.children.first.map { Json(of: $0.value) } ?? .null
    case .collection: self = .list(mirror.children.map { Json(of: $0.value) })
    case .enum where mirror.children.isEmpty: self = .text(separated("\(value)", by: "-"))
    default:
      let fields = mirror.children.compactMap { child in
        child.label.map { (separated($0, by: "_"), Json(of: child.value)) }
      }
      self = .object(Dictionary(uniqueKeysWithValues: fields))
    }
  }

  /// The error as a story sees it.
  init(of error: HomelineError) {
    self = .object([
      "kind": Json(of: error.kind), "code": .text(error.code), "field": Json(of: error.field as Any),
      "retry": Json(of: error.retry),
    ])
  }
}

/// `camelCase` in small letters.
private func separated(_ name: String, by separator: Character) -> String {
  var words = ""
  for letter in name {
    if letter.isUppercase { words.append(separator) }
    words.append(letter.lowercased())
  }
  return words
}

/// What happened is not what the story says.
struct Otherwise: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// What an answer must look like: as much of it as the story says, and names for what later steps use.
struct Pattern {
  var known: [String: Json]

  mutating func match(_ pattern: Json, _ answer: Json) throws(Otherwise) {
    switch pattern {
    case .text(let text) where text.hasPrefix("$"):
      guard let value = known[String(text.dropFirst())] else { throw Otherwise("nothing is known as \(text)") }
      if value != answer { throw Otherwise("\(text) is \(value), and not \(answer)") }
    case .object(let fields) where fields.keys.contains(where: { $0.hasPrefix("$") }):
      for (name, operand) in fields { try hold(name, operand, answer) }
    case .object(let fields):
      for (name, expected) in fields {
        do { try match(expected, answer[name] ?? .null) } catch { throw Otherwise("\(name): \(error)") }
      }
    case .list(let patterns):
      let items = try items(answer)
      guard items.count == patterns.count else {
        throw Otherwise("\(patterns.count) were expected, not \(items.count): \(answer)")
      }
      for (expected, item) in zip(patterns, items) { try match(expected, item) }
    case .null, .bool, .number, .text:
      if pattern != answer { throw Otherwise("\(pattern) was expected, not \(answer)") }
    }
  }

  /// All that are named must hold.
  private mutating func hold(_ name: String, _ operand: Json, _ answer: Json) throws(Otherwise) {
    let holds: Bool
    switch name {
    case "$any": holds = try learnsFromOne(of: items(answer), operand)
    case "$none": holds = try !items(answer).contains { fits(operand, $0) != nil }
    case "$size": holds = try operand.number == Int64(items(answer).count)
    case "$least": holds = (answer.number ?? .min) >= (operand.number ?? .max)
    // By unicode scalars: "é" typed as one letter and as two are not the same here.
    case "$has": holds = scalars(answer).contains(scalars(operand))
    case "$starts": holds = scalars(answer).starts(with: scalars(operand))
    case "$as":
      known[operand.text ?? ""] = answer
      holds = true
    default: throw Otherwise("a story knows no \(name)")
    }
    if !holds { throw Otherwise("\(name) \(operand) is not so of \(answer)") }
  }

  private func scalars(_ json: Json) -> [Unicode.Scalar] { Array((json.text ?? "").unicodeScalars) }

  private mutating func learnsFromOne(of items: [Json], _ pattern: Json) -> Bool {
    for item in items {
      if let learned = fits(pattern, item) {
        known = learned
        return true
      }
    }
    return false
  }

  /// What is known after a try that fits; a try that fails leaves no names behind.
  private func fits(_ pattern: Json, _ answer: Json) -> [String: Json]? {
    var tried = self
    do { try tried.match(pattern, answer) } catch { return nil }
    return tried.known
  }

  private func items(_ answer: Json) throws(Otherwise) -> [Json] {
    guard let items = answer.list else { throw Otherwise("a list was expected, not \(answer)") }
    return items
  }
}

// SPDX-License-Identifier: Apache-2.0

/// The members of a JSON object in the order in which they came, as a Python dictionary keeps them:
/// an answer shows the attributes of a row in the order in which a client sent them.
package struct JSONObject: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  private var names: [String] = []
  private var values: [JSONValue] = []
  /// Only for objects so wide that a search through them would be felt.
  private var index: [String: Int] = [:]
  private static let widest = 16

  package init() {}

  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (name, value) in elements { self[name] = value }
  }

  package var isEmpty: Bool { names.isEmpty }
  package var count: Int { names.count }
  package var keys: [String] { names }

  package subscript(name: String) -> JSONValue? {
    get { position(of: name).map { values[$0] } }
    set {
      if let at = position(of: name) {
        if let newValue { values[at] = newValue } else { remove(at: at) }
      } else if let newValue {
        names.append(name)
        values.append(newValue)
        if !index.isEmpty {
          index[name] = names.count - 1
        } else if names.count > Self.widest {
          reindex()
        }
      }
    }
  }

  /// Members in their order.
  package var members: [(name: String, value: JSONValue)] {
    zip(names, values).map { (name: $0, value: $1) }
  }

  package func filter(_ wanted: (String) -> Bool) -> JSONObject {
    var kept = JSONObject()
    for (name, value) in members where wanted(name) { kept[name] = value }
    return kept
  }

  /// Members of `other` in the place of their own, or at the end.
  package mutating func merge(_ other: JSONObject) {
    for (name, value) in other.members { self[name] = value }
  }

  private func position(of name: String) -> Int? {
    index.isEmpty ? names.firstIndex(of: name) : index[name]
  }

  private mutating func remove(at position: Int) {
    names.remove(at: position)
    values.remove(at: position)
    if !index.isEmpty { reindex() }
  }

  private mutating func reindex() {
    index.removeAll(keepingCapacity: true)
    guard names.count > Self.widest else { return }
    for (position, name) in names.enumerated() { index[name] = position }
  }
}

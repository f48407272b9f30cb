// SPDX-License-Identifier: Apache-2.0

/// Rules that make a user and groups of what an identity provider asserts
/// (`keystone/federation/utils.py`, `RuleProcessor`).
///
/// An assertion is the environment that a login in front has set; values are parted by semicolons.
/// Regular expressions are read as pieces of text that must occur, but for `^`, `$` and `.*` at the
/// ends.
struct FederationMapping {
  struct Result: Equatable {
    var user: JSONObject = [:]
    var groupIDs: [String] = []
    /// By name, with the domain.
    var groups: [(name: String, domain: JSONValue)] = []

    static func == (a: Result, b: Result) -> Bool {
      a.user == b.user && a.groupIDs == b.groupIDs
        && a.groups.map(\.name) == b.groups.map(\.name)
        && a.groups.map(\.domain) == b.groups.map(\.domain)
    }
  }

  let rules: [JSONValue]

  /// Nil if no rule fits.
  func apply(_ environment: [String: String]) -> Result? {
    var result = Result()
    var fits = false
    for rule in rules {
      guard let values = Self.requirements(rule["remote"]?.array ?? [], environment) else {
        continue
      }
      for local in rule["local"]?.array ?? [] {
        fits = true
        Self.add(Self.filled(local, values), to: &result)
      }
    }
    return fits ? result : nil
  }

  /// The values that `{0}`, `{1}` … stand for; nil if a requirement is not met.
  private static func requirements(
    _ requirements: [JSONValue], _ environment: [String: String]
  ) -> [[String]]? {
    var direct: [[String]] = []
    for requirement in requirements {
      let asserted = (environment[requirement["type"]?.string ?? ""] ?? "")
        .split(separator: ";").map(String.init)
      guard !asserted.isEmpty else { return nil }
      let isPattern = requirement["regex"] == .bool(true)
      func occurs(_ value: String, in list: [JSONValue]) -> Bool {
        list.compactMap(\.string).contains {
          isPattern ? matches(value, $0) : value == $0
        }
      }
      if let list = requirement["any_one_of"]?.array {
        guard asserted.contains(where: { occurs($0, in: list) }) else { return nil }
      } else if let list = requirement["not_any_of"]?.array {
        guard !asserted.contains(where: { occurs($0, in: list) }) else { return nil }
      } else if let list = requirement["blacklist"]?.array {
        direct.append(asserted.filter { !occurs($0, in: list) })
      } else if let list = requirement["whitelist"]?.array {
        direct.append(asserted.filter { occurs($0, in: list) })
      } else {
        direct.append(asserted)
      }
    }
    return direct
  }

  private static func matches(_ value: String, _ pattern: String) -> Bool {
    var text = pattern[...]
    let fromStart = text.hasPrefix("^")
    if fromStart { text = text.dropFirst() }
    let toEnd = text.hasSuffix("$")
    if toEnd { text = text.dropLast() }
    let open = (start: text.hasPrefix(".*"), end: text.hasSuffix(".*"))
    if open.start { text = text.dropFirst(2) }
    if open.end, !text.isEmpty { text = text.dropLast(2) }
    switch (fromStart && !open.start, toEnd && !open.end) {
    case (true, true): return value == text
    case (true, false): return value.hasPrefix(text)
    case (false, true): return value.hasSuffix(text)
    case (false, false): return text.isEmpty || value.contains(text)
    }
  }

  private static func filled(_ local: JSONValue, _ values: [[String]]) -> JSONValue {
    switch local {
    case .object(let members):
      var result = JSONObject()
      for (name, value) in members.members { result[name] = filled(value, values) }
      return .object(result)
    case .array(let elements):
      return .array(elements.map { filled($0, values) })
    case .string(let text):
      // Several values in one place stay a list: `groups` takes them one by one.
      if text.hasPrefix("{"), text.hasSuffix("}"), let at = Int(text.dropFirst().dropLast()),
        at < values.count, values[at].count != 1
      {
        return .array(values[at].map(JSONValue.string))
      }
      var result = text
      for (at, list) in values.enumerated() {
        while let range = result.firstRange(of: "{\(at)}") {
          result.replaceSubrange(range, with: list.joined(separator: ";"))
        }
      }
      return .string(result)
    case .number, .bool, .null:
      return local
    }
  }

  private static func add(_ local: JSONValue, to result: inout Result) {
    if let user = local["user"]?.object, result.user.isEmpty { result.user = user }
    if let group = local["group"] {
      if let id = group["id"]?.string {
        result.groupIDs.append(id)
      } else if let name = group["name"]?.string {
        result.groups.append((name, group["domain"] ?? .null))
      }
    }
    if let groups = local["groups"] {
      let names = groups.array?.compactMap(\.string) ?? [groups.string].compactMap { $0 }
      for name in names { result.groups.append((name, local["domain"] ?? .null)) }
    }
    if let ids = local["group_ids"] {
      result.groupIDs += ids.array?.compactMap(\.string) ?? [ids.string].compactMap { $0 }
    }
  }
}

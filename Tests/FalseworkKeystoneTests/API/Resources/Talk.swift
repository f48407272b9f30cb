// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

/// A conversation with a node, a line a request:
///
///     POST /users {"user": {"name": "a"}} = 201 >u user.id
///     GET /users/$u = 200 "name": "a"
///     GET /users/nope = 404 Could not find user: nope.
///
/// After the status stands what the answer must have in it: of an error its message, of another its
/// body. `>name path` keeps a member for later lines. `as NAME` at the beginning changes who asks;
/// `$admin`, `$demo`, `$project` (admin's), `$demoproject` and the ids of roles are known.
struct Talk {
  var desk: Desk
  private var names: [String: String] = [:]
  private var token: String?
  private var scopes: [String: String?] = [:]

  init(_ release: String = "2026.1", seed: IdentitySeed = .standard) throws {
    desk = Desk(release)
    desk.store = IdentityStore(seed)
    names["admin"] = IdentitySeed.id("user", "Default", "admin")
    names["demo"] = IdentitySeed.id("user", "Default", "demo")
    names["project"] = IdentitySeed.id("project", "Default", "admin")
    names["demoproject"] = IdentitySeed.id("project", "Default", "demo")
    for role in seed.roles { names["role-\(role)"] = IdentitySeed.id("role", role) }
    try become("admin")
  }

  private mutating func become(_ name: String) throws {
    switch name {
    case "nobody": token = nil
    case "admin": token = try desk.token()
    case "system": token = try desk.token(Desk.login(scope: #"{"system": {"all": true}}"#))
    default: token = try desk.token(Desk.login(name, scope: Desk.project(name)))
    }
  }

  subscript(name: String) -> String { names[name] ?? "" }

  /// Lines are numbered in what fails.
  mutating func run(_ script: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    for line in script.split(separator: "\n") {
      let text = filled(line.trimmingPrefix { $0 == " " })
      if text.isEmpty || text.hasPrefix("#") { continue }
      if text.hasPrefix("as ") {
        try become(String(text.dropFirst(3)))
        continue
      }
      try ask(text, sourceLocation)
    }
  }

  private func filled(_ line: Substring) -> String {
    var text = String(line)
    for (name, value) in names.sorted(by: { $0.key.count > $1.key.count }) {
      text = text.replacing("$" + name, with: value)
    }
    return text
  }

  private mutating func ask(_ line: String, _ place: SourceLocation) throws {
    let cut = try #require(line.firstRange(of: " = "), "no status: \(line)", sourceLocation: place)
    let words = line[..<cut.lowerBound].split(separator: " ", maxSplits: 2)
    let rest = line[cut.upperBound...].split(separator: " ", maxSplits: 1)
    let answer = desk.ask(
      "\(words[0]) /v3\(words[1])",
      ["X-Auth-Token": token, "Content-Type": words.count > 2 ? "application/json" : nil],
      body: words.count > 2 ? String(words[2]) : nil)
    #expect(
      answer.status == Int(rest[0]), "\(line): \(answer.status) \(answer.text)",
      sourceLocation: place)
    guard rest.count > 1 else { return }
    if rest[1].first == ">" {
      let parts = rest[1].dropFirst().split(separator: " ")
      var value = JSONValue(answer.body.span)
      for step in parts[1].split(separator: ".") {
        value =
          Int(step).map { at in value?.array.flatMap { at < $0.count ? $0[at] : nil } }
          ?? value?[String(step)]
      }
      names[String(parts[0])] = try #require(
        value?.string, "\(line): \(answer.text)", sourceLocation: place)
    } else if rest[1].first == "!" {
      #expect(
        !answer.text.contains(rest[1].dropFirst()), "\(line): \(answer.text)",
        sourceLocation: place)
    } else {
      let told = answer.status >= 400 ? answer.error : answer.text
      #expect(told.contains(rest[1]), "\(line): \(told)", sourceLocation: place)
    }
  }
}

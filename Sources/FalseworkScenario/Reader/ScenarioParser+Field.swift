// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Where the real proxy and the real nodes are.
extension ScenarioParser {
  mutating func fieldPlan(_ section: Section, _ nodes: NodeNames?) -> FieldPlan {
    let names = nodes?.names ?? []
    var plan = FieldPlan(nodes: names.map { _ in FieldPlan.Node() })
    plan.url = field("url", of: section).flatMap { fieldURL($0) }
    plan.socket = name("socket", of: section)
    plan.log = field("log", of: section).flatMap { hostAndPort($0) }
    plan.commands = commands(section)
    plan.database = command("database", of: section)
    plan.keys = command("keys", of: section)
    plan.cache = command("cache", of: section)
    plan.check = command("check", of: section)
    plan.timeout = interval("timeout", of: section, from: .milliseconds(1)) ?? plan.timeout
    plan.poll = interval("poll", of: section, from: .milliseconds(1)) ?? plan.poll
    plan.watch = interval("watch", of: section) ?? plan.watch
    plan.load = self.section("load", of: section).flatMap { tool($0) }
    var seen: Set<String> = []
    for section in sections("nodes", of: section, "nodes") ?? [] {
      guard let field = require("name", of: section), let name = name(field) else { continue }
      let address = self.field("address", of: section).flatMap { hostAndPort($0) }
      let commands = commands(section)
      guard nodes != nil, known(field, "node", among: KnownNames(names)) != nil,
        let place = names.firstIndex(of: name)
      else { continue }
      if !seen.insert(name).inserted {
        report(field, found: "'\(name)' again", expected: "each node once")
      }
      plan.nodes[place].address = address
      plan.nodes[place].commands = commands
    }
    return plan
  }

  private mutating func commands(_ section: Section) -> FieldPlan.Commands {
    var commands = FieldPlan.Commands()
    commands.start = command("start", of: section)
    commands.stop = command("stop", of: section)
    commands.kill = command("kill", of: section)
    commands.graceful = command("graceful", of: section)
    commands.upgrade = command("upgrade", of: section)
    return commands
  }

  private mutating func command(_ key: String, of section: Section) -> String? {
    guard let field = field(key, of: section), let text = word(field, "a command") else {
      return nil
    }
    guard text.contains(where: { !$0.isWhitespace }) else {
      report(field, expected: "a command")
      return nil
    }
    for word in FieldPlan.misspelt(in: text) {
      report(
        field, found: "{\(word)}",
        expected: "\(Self.choice(FieldPlan.placeholders)) in braces",
        nearest: nearestWord(to: word, among: FieldPlan.placeholders))
    }
    return text
  }

  private mutating func tool(_ section: Section) -> FieldPlan.Tool? {
    let patience = interval("patience", of: section) ?? .seconds(30)
    guard require("command", of: section) != nil, let command = command("command", of: section)
    else { return nil }
    return FieldPlan.Tool(command: command, patience: patience)
  }

  /// `http://host:port`, nothing after it.
  private mutating func fieldURL(_ field: Field) -> String? {
    let kind = "a URL such as http://127.0.0.1:5000"
    guard let text = word(field, kind) else { return nil }
    let scheme = "http://"
    guard text.hasPrefix(scheme), Self.isHostAndPort(text.dropFirst(scheme.count)) else {
      report(field, expected: kind)
      return nil
    }
    return text
  }

  private mutating func hostAndPort(_ field: Field) -> String? {
    let kind = "an address such as 127.0.0.1:5000"
    guard let text = word(field, kind) else { return nil }
    guard Self.isHostAndPort(text[...]) else {
      report(field, expected: kind)
      return nil
    }
    return text
  }

  private static func isHostAndPort(_ text: Substring) -> Bool {
    guard let colon = text.lastIndex(of: ":"), colon > text.startIndex,
      let port = Int(text[text.index(after: colon)...])
    else { return false }
    return (1...65_535).contains(port) && !text[..<colon].contains("/")
  }
}

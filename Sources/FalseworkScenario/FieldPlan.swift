// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// Where somebody else's proxy and nodes are, and the commands by which nodes are stopped, upgraded and
/// started: what the field world needs besides the scenario. `specs/field.md` describes it.
package struct FieldPlan: Equatable, Sendable {
  package struct Node: Equatable, Sendable {
    /// `host:port` where the node itself answers; nil for what the proxy's configuration has.
    package var address: String?
    package var commands = Commands()

    package init() {}
  }

  /// Commands for a shell, with placeholders; nil where there is none.
  package struct Commands: Equatable, Sendable {
    package var start: String?
    package var stop: String?
    package var kill: String?
    package var graceful: String?
    package var upgrade: String?

    package init() {}

    /// These, and those of another where these have none.
    func over(_ other: Commands) -> Commands {
      var commands = self
      commands.start = start ?? other.start
      commands.stop = stop ?? other.stop
      commands.kill = kill ?? other.kill
      commands.graceful = graceful ?? other.graceful
      commands.upgrade = upgrade ?? other.upgrade
      return commands
    }
  }

  /// A load tool of the user's own, in the place of ours.
  package struct Tool: Equatable, Sendable {
    package var command: String
    /// How long it may take to end after it was told to.
    package var patience: Interval

    package init(command: String, patience: Interval) {
      self.command = command
      self.patience = patience
    }
  }

  /// `http://host:port` of the frontend; nil for what the proxy's configuration has.
  package var url: String?
  /// A path or `host:port` of the runtime API; nil for what the proxy's configuration has.
  package var socket: String?
  /// `host:port` where HAProxy's log comes in; nil if it does not.
  package var log: String?
  /// In the order of the cluster.
  package var nodes: [Node]
  package var commands = Commands()
  package var database: String?
  package var keys: String?
  package var cache: String?
  package var check: String?
  /// How long a command may take.
  package var timeout = Interval.seconds(60)
  /// Between two looks at `show stat`.
  package var poll = Interval.milliseconds(100)
  /// Between two looks at a node; zero for none.
  package var watch = Interval.milliseconds(250)
  package var load: Tool?

  package init(nodes: [Node]) {
    self.nodes = nodes
  }

  /// What a node is started, stopped and upgraded by.
  package func commands(of node: NodeID) -> Commands {
    nodes[node.index].commands.over(commands)
  }

  // MARK: Placeholders

  /// What `{…}` may name in a command. The same words, in capitals and with `FALSEWORK_` in front, are
  /// variables of its environment.
  package static let placeholders = [
    "node", "release", "address", "host", "port", "signal", "phase", "order", "kind", "to", "url",
  ]

  /// A command with its placeholders filled in. Braces around anything else are the shell's.
  package static func filled(_ command: String, _ values: [(name: String, value: String)]) -> String
  {
    var text = command
    for (name, value) in values {
      text = text.split(separator: "{\(name)}", omittingEmptySubsequences: false)
        .joined(separator: value)
    }
    return text
  }

  /// The words in braces of a command that are near a placeholder and are none.
  static func misspelt(in command: String) -> [String] {
    var found: [String] = []
    var rest = command[...]
    while let open = rest.firstIndex(of: "{") {
      let isVariable = open > rest.startIndex && rest[rest.index(before: open)] == "$"
      rest = rest[rest.index(after: open)...]
      guard let close = rest.firstIndex(of: "}") else { break }
      let word = String(rest[..<close])
      if !isVariable, !word.isEmpty, word.utf8.allSatisfy({ (0x61...0x7A).contains($0) }),
        !placeholders.contains(word), nearestWord(to: word, among: placeholders) != nil
      {
        found.append(word)
      }
    }
    return found
  }
}

// SPDX-License-Identifier: Apache-2.0

/// The commands of the runtime API that this program knows (HAProxy management guide, 9.3).
enum RuntimeCommand: CaseIterable, Equatable, Sendable {
  case clearCounters, clearTable
  case disableAgent, disableHealth, disableServer
  case enableAgent, enableHealth, enableServer
  case getWeight
  case `operator`
  case setMaxconnFrontend, setMaxconnGlobal, setMaxconnServer
  case setServer, setSeverityOutput, setTable, setTimeout, setWeight
  case showBackend, showCLILevel, showCLISockets, showErrors, showInfo
  case showServersConn, showServersState, showStat, showTable, showVersion
  case shutdownSessionsServer
  case user
  case help, prompt, quit

  /// The words that a line must begin with, and in `help` what may follow and what it does.
  var usage: (words: String, rest: String, about: String) {
    switch self {
    case .clearCounters: ("clear counters", " [all]", "forget maxima, or all that was counted")
    case .clearTable: ("clear table", " <table> [<filter>]", "forget entries of a stick table")
    case .disableAgent: ("disable agent", "", "stop agent checks")
    case .disableHealth: ("disable health", " <bk>/<srv>", "stop health checks of a server")
    case .disableServer: ("disable server", " <bk>/<srv>", "same as 'set server ... state maint'")
    case .enableAgent: ("enable agent", "", "take agent checks up again")
    case .enableHealth: ("enable health", " <bk>/<srv>", "take health checks up again")
    case .enableServer: ("enable server", " <bk>/<srv>", "same as 'set server ... state ready'")
    case .getWeight: ("get weight", " <bk>/<srv>", "a server's weight now and at the start")
    case .operator: ("operator", "", "lower the level of this session to operator")
    case .setMaxconnFrontend:
      ("set maxconn frontend", " <fe> <n>", "connections of a frontend at most")
    case .setMaxconnGlobal: ("set maxconn global", " <n>", "connections of the process at most")
    case .setMaxconnServer:
      ("set maxconn server", " <bk>/<srv> <n>", "requests at a server at most")
    case .setServer:
      ("set server", " <bk>/<srv> [opts]", "a server's state, weight, health, address")
    case .setSeverityOutput:
      ("set severity-output", " [none|number|string]", "whether messages show how grave they are")
    case .setTable: ("set table", " <table> key <k> data.<d> <v>", "figures of an entry")
    case .setTimeout: ("set timeout", " cli <delay>", "how long this session may be silent")
    case .setWeight: ("set weight", " <bk>/<srv> <n>[%]", "same as 'set server ... weight'")
    case .showBackend: ("show backend", "", "names of the backends")
    case .showCLILevel: ("show cli level", "", "the level of this session")
    case .showCLISockets: ("show cli sockets", "", "where the runtime API listens")
    case .showErrors: ("show errors", " [<px>]", "captured invalid requests and responses")
    case .showInfo: ("show info", " [json|typed]", "figures of the process")
    case .showServersConn: ("show servers conn", " [<bk>]", "connections to servers")
    case .showServersState: ("show servers state", " [<bk>]", "what is known of servers")
    case .showStat:
      ("show stat", " [<px> <type> <srv>] [json|no-maint|typed|up]*", "what was counted")
    case .showTable: ("show table", " [<table> [<filter>]]", "stick tables, or the entries of one")
    case .showVersion: ("show version", "", "the version of this program")
    case .shutdownSessionsServer:
      ("shutdown sessions server", " <bk>/<srv>", "end all requests at a server")
    case .user: ("user", "", "lower the level of this session to user")
    case .help: ("help", " [<command>]", "list commands")
    case .prompt: ("prompt", "", "switch the prompt on or off")
    case .quit: ("quit", "", "end this session")
    }
  }

  var words: [Substring] { usage.words.split(separator: " ") }

  /// The least level that may give it.
  var level: RuntimeLevel {
    switch self {
    case .showErrors, .clearCounters, .operator: .operator
    case .clearTable, .getWeight, .setSeverityOutput, .setTable, .setTimeout, .showBackend,
      .showCLILevel,
      .showCLISockets, .showInfo, .showServersConn, .showServersState, .showStat, .showTable,
      .showVersion, .user, .help, .prompt, .quit:
      .user
    case .disableAgent, .disableHealth, .disableServer, .enableAgent, .enableHealth,
      .enableServer, .setMaxconnFrontend, .setMaxconnGlobal, .setMaxconnServer, .setServer,
      .setWeight, .shutdownSessionsServer:
      .admin
    }
  }

  private static let byFirstWord = Dictionary(grouping: allCases) { $0.words[0] }

  /// The command that the words begin with.
  static func find(_ words: [String]) -> RuntimeCommand? {
    guard let first = words.first else { return nil }
    return byFirstWord[first[...]]?.first { command in
      let own = command.words
      return own.count <= words.count && zip(own, words).allSatisfy { $0 == $1 }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkCore
import FalseworkReport
import Glibc

/// The program `falsework`.
@main
struct FalseworkCommand: AsyncParsableCommand {
  /// As results and `--version` name it.
  static let version = "falsework 0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "falsework",
    abstract: "A mock Keystone behind an HAProxy-like proxy, under load, in rotation.",
    discussion: """
      With this proxy configuration, this load and this rotation timing: which
      requests fail, why, and which timing would have lost none?

        falsework run specs/scenarios/first-upgrade.yaml --world simulated
        falsework run specs/scenarios/first-upgrade.yaml --time-scale 10
        falsework sweep specs/scenarios/first-upgrade.yaml --seeds 100
        falsework up specs/scenarios/fixture.yaml
        falsework exec specs/scenarios/fixture.yaml -- openstack token issue

      Exit codes: 0 held, 1 a threshold was missed, 2 bad usage, 3 bad scenario or
      configuration, 4 an invariant was broken, 5 the load was too late to say
      anything, 6 the rotation was given up, 7 the run could not begin, 130
      interrupted. specs/cli.md describes every command.
      """,
    version: version,
    subcommands: [
      RunCommand.self, AgreeCommand.self, ExplainCommand.self, ShrinkCommand.self,
      SweepCommand.self, TuneCommand.self, UpCommand.self, ExecCommand.self, KeystoneCommand.self,
      KeystoneManageCommand.self, ProxyCommand.self, LoadCommand.self, CompareCommand.self,
      FuzzCommand.self, NodeCommand.self,
    ])

  static func main() async {
    // A reader that went away ends what is written, not the program.
    _ = signal(SIGPIPE, SIG_IGN)
    do {
      var command = try command(Array(CommandLine.arguments.dropFirst()))
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let end as CommandEnd {
      if let message = end.message { TextFile.complain(message) }
      Glibc.exit(end.status.rawValue)
    } catch {
      let code = exitCode(for: error)
      let text = fullMessage(for: error)
      if !text.isEmpty {
        Terminal.write(text + "\n", to: code.isSuccess ? .output : .error)
      }
      Glibc.exit(code == .validationFailure ? ExitStatus.usage.rawValue : code.rawValue)
    }
  }
}

extension FalseworkCommand {
  /// `load` takes a URL and `sweep` a file, so that a command after them would be taken for one.
  private static func command(_ arguments: [String]) throws -> any ParsableCommand {
    let words = Array(arguments.dropFirst(2))
    return switch Array(arguments.prefix(2)) {
    case ["load", "read"]: try LoadReadCommand.parseAsRoot(words)
    case ["load", "merge"]: try LoadMergeCommand.parseAsRoot(words)
    case ["sweep", "merge"]: try SweepMergeCommand.parseAsRoot(words)
    default: try parseAsRoot(arguments)
    }
  }
}

/// The end of a command with an exit code of ours.
struct CommandEnd: Error {
  var status: ExitStatus
  /// For standard error; nil if everything was said already.
  var message: String?
}

extension Interval {
  /// - Parameter option: what it is, for the error.
  init(_ text: String, of option: String) throws(CommandEnd) {
    do {
      try self.init(parsing: text)
    } catch {
      throw CommandEnd(
        status: .usage, message: "\(option): found '\(text)', expected a duration such as 500ms")
    }
  }
}

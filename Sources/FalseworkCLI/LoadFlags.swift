// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkCore
import FalseworkReport
import FalseworkScenario

/// What is asked how often: a file, or flags, or a file that flags change.
///
/// A flag is a value laid over the file, as `--set` does it: so it goes through the same checks, and
/// one model of arrivals takes the place of another.
struct LoadFlags: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: "A file with a load; specs/load.md describes it. A scenario has one.")
  var file: String?
  @Option(help: "The closed model: so many users, who each wait for their answers (default: 1).")
  var users: String?
  @Option(help: "How fast the users begin, such as 10/s (default: at once).")
  var spawnRate: String?
  @Option(help: "After each journey: 1s, 'uniform 1s 2s', 'pacing 1s', 'throughput 2/s' …")
  var wait: String?
  @Option(help: "The open model: journeys begin at this rate, such as 200/s, whatever happens.")
  var rate: String?
  @Option(
    help: ArgumentHelp(
      "The open model with a rate that changes: '30s to 500/s, 1m at 500/s'.",
      valueName: "stage, ..."))
  var stages: String?
  @Option(help: "The open model with journeys at the times that this file lists.")
  var replay: String?
  @Option(help: "How the open model spreads its journeys: even or poisson.")
  var arrivals: String?
  @Option(help: "Journeys of the open model under way at most (default: 10000).")
  var limit: String?
  @Option(help: "kept, journey or new: how long a user keeps a connection (default: kept).")
  var connections: String?
  @Option(help: "How long a connection may take (default: 10s).")
  var connectTimeout: String?
  @Option(help: "How long the first byte of an answer may take.")
  var firstByteTimeout: String?
  @Option(help: "How long a whole answer may take, from when it was due (default: 1m).")
  var timeout: String?
  @Option(help: "The field of an answer that says which server gave it, such as x-server.")
  var serverHeader: String?
  @Option(name: .customShort("X"), help: "The method, for a URL without a file (default: GET).")
  var method: String?
  @Option(
    name: [.customShort("H"), .long], parsing: .singleValue,
    help: "A field of the request, 'name: value', for a URL without a file. May be repeated.")
  var header: [String] = []
  @Option(name: .shortAndLong, help: "The body of the request, for a URL without a file.")
  var data: String?
  @Option(help: "The status that counts as success (default: 200 to 399).")
  var expect: String?
  @Option(help: "Who logs in (default: admin).")
  var username: String?
  @Option var password: String?
  @Option var userDomain: String?
  @Option var project: String?
  @Option var projectDomain: String?
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Lay a value over the file, such as load.on-failure=abort. May be repeated.",
      valueName: "path=value"))
  var values: [String] = []

  mutating func validate() throws {
    for value in values where ScenarioOverride(parsing: value) == nil {
      throw ValidationError("--set takes PATH=VALUE such as load.users=4, not '\(value)'")
    }
    if file != nil, method != nil || !header.isEmpty || data != nil || expect != nil {
      throw ValidationError("-X, --header, --data and --expect are for a URL without --file")
    }
    if let expect, Int(expect) == nil {
      throw ValidationError("--expect takes a status such as 200, not '\(expect)'")
    }
    for field in header where !field.contains(":") {
      throw ValidationError("--header takes 'name: value', not '\(field)'")
    }
  }

  /// - Parameter task: what is done if no file says it.
  func read(_ task: (inout LoadFlags) -> [ScenarioOverride]) throws(CommandEnd) -> LoadFile {
    var flags = self
    let overrides = file == nil ? task(&flags) : []
    do {
      guard let file else {
        return try ScenarioReader.files.readLoad(
          [], file: "load", overrides: overrides + flags.overrides)
      }
      return try ScenarioReader.files.readLoad(file, overrides: flags.overrides)
    } catch {
      throw CommandEnd(
        status: file == nil ? .usage : .scenario, message: error.description)
    }
  }

  private var overrides: [ScenarioOverride] {
    let plain: [(String, String, String?)] = [
      ("--users", "users", users), ("--rate", "rate", rate), ("--replay", "replay", replay),
      ("--stages", "stages", stages.map(Self.list)), ("--spawn-rate", "spawn-rate", spawnRate),
      ("--wait", "wait", wait), ("--arrivals", "arrivals", arrivals), ("--limit", "limit", limit),
      ("--connections", "connections", connections),
      ("--connect-timeout", "connect-timeout", connectTimeout),
      ("--first-byte-timeout", "first-byte-timeout", firstByteTimeout),
      ("--timeout", "timeout", timeout), ("--server-header", "server-header", serverHeader),
    ]
    return plain.compactMap { flag, key, value in
      value.map { ScenarioOverride(path: "load.\(key)", value: $0, label: flag) }
    } + credentials + values.compactMap { ScenarioOverride(parsing: $0) }
  }

  /// `30s to 500/s, 1m at 500/s` as a list of YAML.
  private static func list(_ stages: String) -> String {
    var json = JSONWriter(.compact)
    json.array { list in
      for stage in stages.split(separator: ",") {
        list.value(stage.trimming(" "))
      }
    }
    return String(decoding: json.bytes, as: UTF8.self)
  }

  private var credentials: [ScenarioOverride] {
    guard username ?? password ?? userDomain ?? project ?? projectDomain != nil else { return [] }
    var json = JSONWriter(.compact)
    json.array { list in
      list.object { user in
        user.member("user", username ?? "admin")
        for (key, value) in [
          ("password", password), ("user-domain", userDomain), ("project", project),
          ("project-domain", projectDomain),
        ] {
          if let value { user.member(key, value) }
        }
      }
    }
    return [
      ScenarioOverride(
        path: "load.credentials", value: String(decoding: json.bytes, as: UTF8.self),
        label: "--username")
    ]
  }
}

extension LoadFlags {
  /// Log in and validate the token, again and again.
  static func authentication(_ flags: inout LoadFlags) -> [ScenarioOverride] {
    flags.base([ScenarioOverride(path: "load.journey", value: "authenticate-then-validate")])
  }

  /// Ask for one path.
  static func request(
    of path: String
  ) -> (inout LoadFlags) -> [ScenarioOverride] {
    { flags in
      let method = flags.method ?? (flags.data == nil ? "GET" : "POST")
      var json = JSONWriter(.compact)
      json.array { tasks in
        tasks.object { task in
          task.member("name", method.lowercased())
          task.list("steps") { $0.object { flags.write(&$0, method, path) } }
        }
      }
      return flags.base([
        ScenarioOverride(
          path: "load.tasks", value: String(decoding: json.bytes, as: UTF8.self), label: "--url")
      ])
    }
  }

  private func write(_ step: inout JSONWriter, _ method: String, _ path: String) {
    step.member("request", "\(method) \(path)")
    if let data { step.member("body", data) }
    if !header.isEmpty {
      step.member("headers") { headers in
        for field in header {
          let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
          headers.member(String(parts[0]), parts[1].trimming(" "))
        }
      }
    }
    if let status = expect.flatMap({ Int($0) }) { step.member("expect", status) }
  }

  private func base(_ task: [ScenarioOverride]) -> [ScenarioOverride] {
    [ScenarioOverride(path: "load.users", value: "1")] + task
      + [ScenarioOverride(path: "load.on-failure", value: "abort")]
  }
}

extension Substring {
  fileprivate func trimming(_ sign: Character) -> String {
    var text = self
    while text.first == sign { text = text.dropFirst() }
    while text.last == sign { text = text.dropLast() }
    return String(text)
  }
}

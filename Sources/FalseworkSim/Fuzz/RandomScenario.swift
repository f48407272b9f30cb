// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkRotation
package import FalseworkScenario

/// A small scenario made by chance: every strategy, many configurations of the proxy, lives and loads of
/// nodes, with limits at their edges. It is a text, so that one that finds something can be kept, read
/// and played by any world.
package struct RandomScenario: Equatable, Sendable {
  package let seed: UInt64
  package private(set) var text = ""
  private var chance: SeededGenerator
  private var nodes = 0
  private var strategy = RotationPlan.Strategy.kill

  package init(seed: UInt64) {
    self.seed = seed
    chance = SeededGenerator(seed: seed, stream: "fuzz")
    nodes = Int(1 + chance.below(4))
    text = """
      name: fuzz \(seed)
      seed: \(seed)
      duration: \(length())
      \(cluster())
      network: {latency: \(one(["0s", "100us", "1ms", "uniform 0s 20ms", "lognormal 1ms p99 30ms"]))}
      load:
      \(load())
      rotation:
      \(rotation())
      proxy:
        config: |
      \(configuration())
      """
  }

  /// Reads it; a text that the reader does not take is a mistake of one of the two.
  package func read() throws(ScenarioProblems) -> Scenario {
    try ScenarioReader(
      environment: { _ in nil },
      load: { path throws(UnreadableFile) in throw UnreadableFile(reason: "no file: \(path)") }
    ).read(Array(text.utf8), file: "fuzz-\(seed).yaml")
  }

  // MARK: Chance

  private mutating func one<Value>(_ choices: [Value]) -> Value {
    choices[Int(chance.below(UInt64(choices.count)))]
  }

  /// Once in so many times.
  private mutating func once(in times: UInt64) -> Bool { chance.below(times) == 0 }

  private mutating func duration() -> String {
    one(["0s", "1ms", "50ms", "300ms", "1s", "2s", "5s"])
  }

  private mutating func distribution() -> String {
    one([
      "0s", "1ms", "10ms", "100ms", "uniform 0s 50ms", "exponential 5ms", "exponential 30ms",
      "lognormal 10ms p99 42ms", "lognormal 50ms p99 2s", "2s",
    ])
  }

  // MARK: Parts

  private mutating func length() -> String {
    one(["until the rotation ends, plus 1s", "{until: rotation, plus: 0s}", "20s", "3s"])
  }

  private mutating func cluster() -> String {
    let (releases, providers) = one([
      ("{from: newton, to: ocata}", ["fernet", "uuid"]), ("{from: yoga, to: caracal}", ["fernet"]),
      ("{from: ocata, to: pike}", ["fernet", "uuid"]),
      ("{from: queens, to: queens}", ["fernet", "uuid"]),
    ])
    let lifecycle = one([
      "uwsgi", "instant",
      "{like: uwsgi, loads: \(distribution()), zombie: \(distribution()), gone: \(distribution())}",
      "{like: instant, killed: \(distribution()), listens: \(distribution())}",
      "{like: uwsgi, cut: \(distribution()), finishing: \(distribution())}",
    ])
    let service =
      "{workers: \(one([0, 1, 2, 8])), authenticate: \(distribution()), validate: \(distribution())}"
    return """
      cluster:
        nodes: \(nodes)
        release: \(releases)
        token: {provider: \(one(providers))}
        service: \(service)
        lifecycle: \(lifecycle)
        cache: \(one(["none", "none", "own", "shared"]))
      """
  }

  private mutating func load() -> String {
    let model = one([
      "  users: \(one([1, 2, 4, 8]))\n  wait: \(one(["300ms", "1s", "exponential 500ms"]))",
      "  rate: \(one(["1/s", "5/s", "15/s"]))\n  arrivals: \(one(["even", "poisson"]))",
      "  rate: 20/s\n  limit: \(one([1, 5, 100]))",
    ])
    let journey = one([
      "authenticate", "validate", "authenticate-then-validate", "authenticate-then-validate",
      "authenticate-then-catalog", "authenticate-then-revoke",
    ])
    return model + """

        journey: \(journey)
        on-failure: \(one(["continue", "abort"]))
        timeout: \(one(["100ms", "1s", "5s", "60s"]))
        connect-timeout: \(one(["50ms", "1s", "10s"]))
        connections: \(one(["kept", "new", "journey"]))
      """
  }

  private mutating func rotation() -> String {
    strategy = one(RotationPlan.Strategy.allCases)
    var lines = ["  strategy: \(strategy.rawValue)"]
    var taken = nodes
    if once(in: 4) {
      taken = Int(1 + chance.below(UInt64(nodes)))
      lines.append("  order: [\(order(taken))]")
    }
    if strategy.tells {
      let cap = one(["1ms", "1s", "5s"])
      lines.append("  wait: \(one([duration(), "until idle, at most \(cap)"]))")
    }
    if strategy != .kill, once(in: 2) {
      lines.append("  signal: \(one(RotationPlan.Signal.allCases).rawValue)")
    }
    lines += [
      "  begin: \(duration())",
      "  batch: \(one(["1", "\(taken)", "1%", "50%", "100%"]))",
      "  down: \(duration())",
      "  settle: \(duration())",
      "  ready: \(one(["when answering", "at once"]))",
      "  await-up: \(one(["true", "false"]))",
      // Looks each millisecond for long are many, and each as dear as a request.
      one([
        "  poll: 1ms\n  patience: 1ms", "  poll: 1ms\n  patience: 500ms",
        "  poll: 100ms\n  patience: 5s", "  poll: 1s\n  patience: 20s",
        "  poll: 100ms\n  patience: 20s", "  poll: 300ms\n  patience: 20s",
      ]),
    ]
    if once(in: 3) { lines += steps() }
    return lines.joined(separator: "\n")
  }

  /// Some of the nodes, each once.
  private mutating func order(_ count: Int) -> String {
    var names = (1...nodes).map { "keystone\($0)" }
    for index in names.indices {
      names.swapAt(index, Int(chance.below(UInt64(names.count))))
    }
    return names.prefix(count).joined(separator: ", ")
  }

  private mutating func steps() -> [String] {
    var lines = ["  steps:"]
    for _ in 0..<(1 + chance.below(6)) {
      let node = "keystone\(1 + chance.below(UInt64(nodes)))"
      lines.append(
        "    - "
          + one([
            "{database: expand}", "{database: migrate}", "{database: contract}",
            "{database: sync}", "{pause: \(duration())}", "{nodes: all}", "{nodes: rest}",
            "{nodes: [\(node)]}", "{cache: flush}", "{cache: flush, on: \(node)}",
            "{keys: setup, on: \(node)}", "{keys: rotate, on: \(node)}",
            "{keys: rotate, kind: credential, on: \(node)}", "{keys: remove, on: \(node)}",
            "{keys: distribute, on: \(node)}", "{keys: distribute half, on: \(node)}",
          ]))
    }
    return lines
  }

  // MARK: The proxy

  private mutating func configuration() -> String {
    var lines = [
      "global", "  maxconn \(one([20, 4_096]))", "defaults", "  mode http",
      "  timeout connect \(one(["10ms", "1s", "10s"]))",
      "  timeout client \(one(["100ms", "5s", "50s"]))",
      "  timeout server \(one(["20ms", "1s", "50s"]))",
      "  retries \(one([0, 1, 3]))",
    ]
    let options = [
      "option redispatch", "option redispatch 1", "option redispatch -1", "option httpclose",
      "option http-server-close", "timeout queue 100ms", "timeout http-keep-alive 50ms",
      "timeout check 200ms", "retry-on all-retryable-errors",
      "retry-on conn-failure empty-response 502", "retry-on none", "http-reuse never",
      "http-reuse always", "option allbackups", "option abortonclose",
    ]
    for option in options where once(in: 4) { lines.append("  \(option)") }
    lines += [
      "frontend front", "  bind 127.0.0.1:5000", "  default_backend back", "backend back",
      "  balance \(one(["roundrobin", "static-rr", "leastconn", "first", "source", "random"]))",
    ]
    if strategy == .failCheck {
      // The check that a node can be told to fail.
      lines.append("  option httpchk GET /healthcheck")
    } else if once(in: 2) {
      lines.append("  option httpchk GET /v3")
    }
    if once(in: 4) { lines.append("  fullconn \(one([1, 10]))") }
    lines.append("  default-server \(check())")
    for node in 1...nodes {
      lines.append("  server keystone\(node) 127.0.0.1:\(5_000 + node) \(server(node))")
    }
    return lines.map { "    " + $0 }.joined(separator: "\n")
  }

  private mutating func check() -> String {
    var words = [
      "inter \(one(["50ms", "500ms", "2s", "12s"]))", "rise \(one([1, 2, 3]))",
      "fall \(one([1, 2, 5]))",
    ]
    let more = [
      "fastinter 20ms", "downinter 100ms", "slowstart 2s", "on-marked-down shutdown-sessions",
      "maxconn 1", "maxconn 4", "maxqueue 1", "error-limit 2 on-error mark-down",
      "pool-max-conn 0", "on-marked-up shutdown-backup-sessions",
    ]
    for word in more where once(in: 5) { words.append(word) }
    if words.contains(where: { $0.hasPrefix("error-limit") }) { words.append("observe layer7") }
    return words.joined(separator: " ")
  }

  private mutating func server(_ number: Int) -> String {
    var words = strategy != .failCheck && once(in: 6) ? [] : ["check"]
    if strategy == .ramp {
      // A share of a smaller weight would be none.
      words.append("weight 100")
    } else if once(in: 5) {
      words.append("weight \(one([0, 1, 100, 256]))")
    }
    if number > 1, once(in: 6) { words.append("backup") }
    if once(in: 12) { words.append("disabled") }
    return words.joined(separator: " ")
  }
}

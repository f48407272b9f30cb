// SPDX-License-Identifier: Apache-2.0
import FalseworkScenario
import Foundation

/// Scenarios in memory.
enum Sample {
  static let twoServers = """
    defaults
      mode http
      timeout connect 10s
      timeout client 50s
      timeout server 50s
    frontend front
      bind 127.0.0.1:15000
      default_backend back
    backend back
      balance leastconn
      server keystone1 127.0.0.1:15001
      server keystone2 127.0.0.1:15002
    """

  /// The sketch that the format began with.
  static let sketch = """
    name: first upgrade
    about: OpenStack-Ansible's test of February 2017. Two nodes, four users, nobody tells the proxy.
    seed: 1
    duration: 5m
    cluster:
      nodes: 2
      release: {from: newton, to: ocata}
      token: {provider: fernet}
      service:
        workers: 2
        authenticate: lognormal 225ms p99 245ms
        validate: lognormal 10ms p99 42ms
      lifecycle: uwsgi
    proxy:
      config: two.cfg
    load:
      users: 4
      wait: 1s
      journey: authenticate-then-validate
    rotation:
      strategy: restart
      batch: 1
      settle: 2s
    thresholds:
      failures: "== 0"
      p99: "< 1s"
      longest-gap: "< 2s"
    """

  static let minimal = "proxy: two.cfg\n"

  static func reader(
    _ files: [String: String] = [:], environment: [String: String] = [:]
  ) -> ScenarioReader {
    let all = files.merging(["two.cfg": twoServers]) { given, _ in given }
    return ScenarioReader(
      environment: { environment[$0] },
      load: { path throws(UnreadableFile) in
        guard let text = all[path] else { throw UnreadableFile(reason: "no such file") }
        return Array(text.utf8)
      })
  }

  static func read(
    _ text: String, set overrides: [(String, String)] = [], files: [String: String] = [:]
  ) throws(ScenarioProblems) -> Scenario {
    try reader(files).read(
      Array(text.utf8), file: "s.yaml",
      overrides: overrides.map { ScenarioOverride(path: $0.0, value: $0.1) })
  }

  /// Everything that is wrong with a scenario.
  static func problems(
    _ text: String, set overrides: [(String, String)] = [], files: [String: String] = [:]
  ) -> [ScenarioProblem] {
    do {
      _ = try read(text, set: overrides, files: files)
      return []
    } catch {
      return error.problems
    }
  }

  /// `specs/` of this package.
  static let specs = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "specs")

  static func spec(_ name: String) throws -> String {
    try String(contentsOf: specs.appending(path: name), encoding: .utf8)
  }
}

extension Sample {
  /// Every section there is, and an element in every list.
  static let everything = """
    name: everything
    about: Every section.
    seed: 7
    duration: {until: rotation, plus: 1s}
    cluster:
      nodes:
        - name: keystone1
          release: ocata
          provider: fernet
          methods: [password, token]
          default-domain: home
          msgpack: old
          clock: +5s
          keys: own
          cache: none
          password-hash: bcrypt
        - keystone2
      release: {from: newton, to: ocata}
      database: newton
      cache: {backend: own, expiration: 5m}
      passwords: {mode: real, algorithm: bcrypt, rounds: 4, both: true, seeded: sha512_crypt}
      token:
        provider: uuid
        expiration: 2h
        max-active-keys: 4
        allow-expired-window: 1h
        keys: {1: MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=}
      service: {like: instant, workers: 3, uncached: 1ms}
      lifecycle: {like: instant, loads: 3s, warm-up: 20s, cold: 2.5}
      isolation: process
      data:
        domains: [Home]
        projects: [{name: p, domain: Home}]
        users: [{name: u, domain: Home, password: x, enabled: true}]
        roles: [admin]
        assignments: [{user: u, role: admin, project: p}]
        catalog: [{type: compute, name: nova, url: "http://127.0.0.1/"}]
        region: R
    proxy: {config: two.cfg}
    load:
      users: 2
      spawn-rate: 2/s
      wait: 1s
      tasks:
        - name: t
          weight: 2
          steps:
            - request: POST /x
              name: n
              headers: {a: b}
              body: c
              expect: 200
              check: [{header: h, equals: b}]
              capture: [{name: v, json: a.b, regex: r, default: d}]
              think: 1s
              on-failure: abort
      on-failure: abort
      credentials: [{user: u, password: y, project: p}]
      connections: new
      connect-timeout: 1s
      timeout: 2s
    rotation:
      strategy: drain
      wait: 1s
      signal: graceful
      ramp: {down: [0%], up: [100%], every: 1s}
      begin: 1s
      batch: 1
      canary: {nodes: 1, weights: [100%], soak: 1s}
      gate: {soak: 1s, ready: 1, failures: 1%, p99: 1s, requests: 1}
      floor: 1
      on-abort: rollback
      order: [keystone2, keystone1]
      down: 1s
      ready: at once
      await-up: false
      settle: 1s
      poll: 1s
      patience: 1s
      steps:
        - {database: expand, as: ocata}
        - {keys: distribute, kind: fernet, on: keystone1, to: [keystone2]}
        - {cache: flush}
        - {check: pass, on: keystone1}
        - {pause: 1s}
        - {nodes: all}
    thresholds: {failures: "== 0"}
    network: {latency: 1ms}
    field:
      url: http://127.0.0.1:5000
      socket: /run/haproxy.sock
      log: 127.0.0.1:5514
      nodes:
        - name: keystone1
          address: 127.0.0.1:5001
          start: start {node}
          stop: stop {node}
          kill: kill {node}
          graceful: finish {node}
          upgrade: install {release}
      start: start {node}
      stop: stop {node}
      kill: kill {node}
      graceful: finish {node}
      upgrade: install {release}
      database: keystone-manage db_sync --{phase}
      keys: keys {order} {kind} {node} {to}
      cache: flush {node}
      check: touch {order} {node}
      timeout: 1m
      poll: 100ms
      watch: 250ms
      load: {command: "locust -H {url}", patience: 30s}
    """
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkScenario
import Glibc

/// What a cluster is made of: a scenario file, its text, or the one that stands in this library.
///
///     var scenario = ClusterScenario.file("specs/scenarios/first-upgrade.yaml")
///     scenario.set("rotation.wait", to: "1s")
public struct ClusterScenario: Sendable {
  private enum Source: Sendable {
    case file(String)
    case yaml(String, directory: String)
  }

  private let source: Source
  private var overrides: [ScenarioOverride] = []

  /// A scenario file; paths in it are seen from its directory.
  public static func file(_ path: String) -> ClusterScenario {
    ClusterScenario(source: .file(path))
  }

  /// The text of a scenario.
  ///
  /// - Parameters:
  ///   - text: YAML; specs/scenario.md has the keys.
  ///   - directory: where paths in it are seen from.
  public static func yaml(_ text: String, directory: String = ".") -> ClusterScenario {
    ClusterScenario(source: .yaml(text, directory: directory))
  }

  /// Two nodes of the newest release that answer as fast as they can, behind a proxy that looks at
  /// them every 100 ms.
  public static let fixture = ClusterScenario.yaml(
    """
    name: fixture
    proxy:
      config: |
        defaults
          mode http
          timeout connect 5s
          timeout client 30s
          timeout server 30s
          option redispatch
        frontend keystone
          bind 127.0.0.1:5000
          default_backend nodes
        backend nodes
          balance roundrobin
          option httpchk GET /v3
          server keystone1 127.0.0.1:5001 check inter 100ms rise 2 fall 2
          server keystone2 127.0.0.1:5002 check inter 100ms rise 2 fall 2
    load:
      users: 4
      wait: 0s
      journey: authenticate-then-validate
    """)

  private init(source: Source) {
    self.source = source
  }

  /// Lays a value over the scenario, as `--set` does: `set("cluster.nodes", to: "3")`.
  public mutating func set(_ path: String, to value: String) {
    overrides.append(ScenarioOverride(path: path, value: value))
  }

  /// The same with a load of these journeys, in shares by their weights.
  public func journeys(_ journeys: ClusterJourney...) -> ClusterScenario {
    var copy = self
    copy.overrides.append(
      ScenarioOverride(
        path: "load.tasks", value: ClusterJourney.tasks(journeys), label: "journeys"))
    return copy
  }

  /// The same with a value laid over it.
  public func setting(_ path: String, to value: String) -> ClusterScenario {
    var copy = self
    copy.set(path, to: value)
    return copy
  }

  func read() throws(FalseworkError) -> Scenario {
    do {
      switch source {
      case .file(let path):
        return try ScenarioReader.files.read(path, overrides: overrides)
      case .yaml(let text, let directory):
        return try ScenarioReader.files.read(
          Array(text.utf8), file: directory + "/scenario", overrides: overrides)
      }
    } catch {
      throw FalseworkError(.badScenario, error.description)
    }
  }
}

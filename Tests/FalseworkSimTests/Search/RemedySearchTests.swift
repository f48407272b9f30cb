// SPDX-License-Identifier: Apache-2.0
import FalseworkReport
import FalseworkScenario
import Testing

@testable import FalseworkSim

/// Two nodes without inertia but for what a stop does, and a proxy that is told nothing.
enum FailingScenario {
  static let text = """
    name: failing
    about: more than is needed
    seed: 3
    duration: 40s
    cluster:
      release: {from: newton, to: ocata}
      service: {workers: 2, authenticate: 225ms, validate: 10ms}
      lifecycle: uwsgi
    proxy:
      config: |
        global
            maxconn 100
        defaults
            mode http
            timeout connect 10s
            timeout client 50s
            timeout server 50s
            retries 3
            option redispatch
        frontend front
            bind 127.0.0.1:15000
            option httplog
            default_backend back
        backend back
            balance leastconn
            option httpchk HEAD /
            server keystone1 127.0.0.1:15001 check inter 12s rise 2 fall 2
            server keystone2 127.0.0.1:15002 check inter 12s rise 2 fall 2
    load: {users: 4, wait: 500ms, journey: authenticate-then-validate, on-failure: continue}
    rotation: {strategy: restart, begin: 5s, settle: 2s}
    """

  static var reader: ScenarioReader {
    ScenarioReader(
      environment: { _ in nil },
      load: { path throws(UnreadableFile) in
        guard path == "failing.yaml" else { throw UnreadableFile(reason: "no such file") }
        return Array(text.utf8)
      })
  }

  static func tree(_ overrides: [ScenarioOverride] = []) throws -> ScenarioTree {
    try reader.tree("failing.yaml", overrides: overrides)
  }
}

@Suite struct RemedySearchTests {
  private static func search(_ overrides: [ScenarioOverride] = []) throws -> RemedySearch {
    try RemedySearch(
      FailingScenario.tree(overrides), reader: FailingScenario.reader, seed: 3, timeScale: 1)
  }

  @Test func `only what a run with it showed is said to save`() throws {
    var search = try Self.search()
    #expect(search.base.total.failures > 0)
    let saved = try #require(search.savesAll().saved)
    #expect(saved.failures == 0)
    #expect(saved.requests > 100)
    let changed = try #require(saved.remedy.applied(to: FailingScenario.tree()))
    let again = RemedySearch.play(try FailingScenario.reader.read(changed), 3, 1)
    #expect(again.total.failures == 0)
    #expect(again.total.requests == saved.requests)
  }

  @Test func `whoever is sent to a zombie is saved by telling the proxy, at once even`() throws {
    var search = try Self.search()
    let found = search.saves(.sentToZombie)
    let saved = try #require(found.saved)
    #expect(saved.byCause[.sentToZombie] == nil)
    #expect(found.failed.allSatisfy { $0.failures > 0 })
  }

  @Test func `a rotation that waits long enough has nothing to be saved`() throws {
    var search = try Self.search([ScenarioOverride(path: "rotation.maint", value: "1s")])
    #expect(search.base.total.failures == 0)
    #expect(search.saves(.inFlightAtStop).saved == nil)
  }

  @Test func `the smallest are tried first, and none changes the load or the nodes`() throws {
    let scenario = try FailingScenario.reader.read(FailingScenario.tree())
    let candidates = Remedy.candidates(for: scenario)
    let sizes = candidates.map { $0.overrides.count + $0.edits.count }
    #expect(sizes.max() == 2)
    for remedy in candidates {
      #expect(
        remedy.overrides.allSatisfy {
          $0.path.hasPrefix("rotation.") || $0.path.hasPrefix("proxy.")
        })
      #expect(remedy.applied(to: try FailingScenario.tree()) != nil)
    }
  }
}

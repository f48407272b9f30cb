// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkProxy
import FalseworkReport
import FalseworkScenario
import Foundation
import Testing

@testable import FalseworkSim

/// What the simulated world itself adds: time, order, requests of a test's own.
struct SimulationTests {
  private func fixture(_ overrides: String...) throws -> Simulation {
    let scenario = try ScenarioFiles.read("fixture.yaml", overrides)
    return Simulation(
      scenario: scenario, options: Simulation.Options(seed: 1, rendersBodies: true))
  }

  private static let login = KeystoneCall.authenticate(
    .password(
      user: "demo", userDomain: "Default", password: "secret", project: "demo",
      projectDomain: "Default"), catalog: true)

  @Test func `a token that one node issued is valid on every node`() throws {
    var simulation = try fixture()
    let answer = simulation.exchange(Self.login, node: nil, patience: .seconds(5))
    let issued = try #require(answer)
    #expect(issued.status == 201)
    let token = try #require(issued.subjectToken)
    for node in simulation.nodes.indices {
      let answer = simulation.exchange(
        .validate(caller: token, subject: token, catalog: true, allowExpired: false),
        node: NodeID(node), patience: .seconds(5))
      #expect(answer?.status == 200)
      let json = try JSONSerialization.jsonObject(with: Data(answer?.body ?? []))
      #expect((json as? [String: Any])?["token"] is [String: Any])
    }
  }

  @Test func `time passes only as far as something happens in it`() throws {
    var simulation = try fixture()
    simulation.run(until: .start + .seconds(3))
    #expect(simulation.now == .start + .seconds(3))
    _ = simulation.exchange(.versions, node: nil, patience: .seconds(5))
    #expect(simulation.now - .start < .seconds(3) + .milliseconds(10))
  }

  @Test func `a node that is stopped refuses, and serves again as the next release`() throws {
    var simulation = try fixture(
      "cluster.release={from: newton, to: ocata}", "cluster.lifecycle=uwsgi")
    simulation.nodes[0].stop(.kill, now: simulation.now, into: &simulation.nodeEffects)
    simulation.flushNode(0)
    let refused = simulation.exchange(.version, node: NodeID(0), patience: .seconds(1))
    #expect(refused?.status == 0)
    simulation.fabric.send(.start(NodeID(0)), now: simulation.now)
    simulation.run(until: simulation.now + .seconds(10))
    #expect(simulation.nodes[0].release.name == "ocata")
    let answered = simulation.exchange(.version, node: NodeID(0), patience: .seconds(1))
    #expect(answered?.status == 200)
  }

  @Test func `an order is answered with the runtime API's own bytes`() throws {
    var simulation = try fixture()
    let backend = simulation.scenario.proxy.configuration.backends[0].name
    #expect(simulation.order("set server \(backend)/keystone1 state drain") == "\n")
    #expect(simulation.order("set server \(backend)/nobody state drain") == "No such server.\n\n")
    #expect(simulation.order("show stat").contains("DRAIN"))
  }

  @Test func `messages of one connection keep their order whatever their latencies`() {
    var fabric = Fabric(
      latency: Distribution(.uniform(.zero, .milliseconds(10))), seed: 3)
    var last = Instant.start
    var expected: [NodeID] = []
    for number in 0..<200 {
      fabric.send(.start(NodeID(number)), now: .start, after: &last)
      expected.append(NodeID(number))
    }
    var arrived: [NodeID] = []
    var before = Instant.start
    while fabric.count > 0 {
      #expect(fabric.next >= before)
      before = fabric.next
      if case .start(let node) = fabric.pop() { arrived.append(node) }
    }
    #expect(arrived == expected)
  }

  @Test func `without an order to keep, a later message may overtake`() {
    var fabric = Fabric(
      latency: Distribution(.uniform(.zero, .milliseconds(10))), seed: 3)
    for number in 0..<50 { fabric.send(.start(NodeID(number)), now: .start) }
    var arrived: [Int] = []
    while fabric.count > 0 {
      if case .start(let node) = fabric.pop() { arrived.append(node.index) }
    }
    #expect(arrived.sorted() == Array(0..<50))
    #expect(arrived != Array(0..<50))
  }
}

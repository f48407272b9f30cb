// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkLoad

/// How a request can end, and what each ending is called.
@Suite struct LoadVerdictTests {
  struct Ending: Sendable, CustomTestStringConvertible {
    var verdict: Outcome.Verdict
    var label: String
    var isSent: Bool
    /// What happens to a request, from the moment when its connection was asked for.
    var happen: @Sendable (inout LoadWorld, SlotID) -> Void
    var testDescription: String { label }
  }

  static let endings: [Ending] = [
    Ending(verdict: .ok, label: "ok", isSent: true) { world, slot in
      world.connected(slot)
      world.answered(slot, 201, token: "T")
    },
    Ending(verdict: .status(503), label: "503", isSent: true) { world, slot in
      world.connected(slot)
      world.answered(slot, 503)
    },
    Ending(verdict: .tokenMissing, label: "no token in answer", isSent: true) { world, slot in
      world.connected(slot)
      world.answered(slot, 201)
    },
    Ending(verdict: .refused, label: "connection refused", isSent: false) { world, slot in
      world.connectFailed(slot, .refused)
    },
    Ending(verdict: .unreachable, label: "unreachable", isSent: false) { world, slot in
      world.connectFailed(slot, .unreachable)
    },
    Ending(verdict: .tls, label: "TLS handshake failed", isSent: false) { world, slot in
      world.connectFailed(slot, .handshake)
    },
    Ending(verdict: .resources, label: "out of local resources", isSent: false) { world, slot in
      world.connectFailed(slot, .resources)
    },
    Ending(verdict: .connectTimeout, label: "connect timeout", isSent: false) { world, _ in
      world.wakeNext()
    },
    Ending(verdict: .timeout, label: "timeout", isSent: true) { world, slot in
      world.connected(slot)
      world.wakeNext()
    },
    Ending(verdict: .closed, label: "closed without response", isSent: true) { world, slot in
      world.connected(slot)
      world.closed(slot, .fin)
    },
    Ending(verdict: .reset, label: "connection reset", isSent: true) { world, slot in
      world.connected(slot)
      world.closed(slot, .reset)
    },
    Ending(verdict: .truncated, label: "response cut short", isSent: true) { world, slot in
      world.connected(slot)
      world.firstByte(slot)
      world.closed(slot, .fin)
    },
    Ending(verdict: .truncated, label: "response cut short", isSent: true) { world, slot in
      world.connected(slot)
      world.firstByte(slot)
      world.closed(slot, .reset)
    },
    Ending(verdict: .malformed, label: "malformed response", isSent: true) { world, slot in
      world.connected(slot)
      world.malformed(slot)
    },
  ]

  private static let task = LoadTask(
    name: "authenticate", weight: 1, steps: [.of(.authenticate, onFailure: .abort)])

  @Test(arguments: endings) func `each ending has its verdict`(ending: Ending) throws {
    var world = LoadWorld(.closed(tasks: [Self.task]))
    world.wake()
    world.pass(.milliseconds(1))
    ending.happen(&world, world.open[0])
    let outcome = try #require(world.outcomes.first)
    #expect(world.outcomes.count == 1)
    #expect(outcome.verdict == ending.verdict)
    #expect(outcome.verdict.label == ending.label)
    #expect(outcome.verdict.isFailure == (ending.verdict != .ok))
    #expect((outcome.sent != .never) == ending.isSent)
    #expect((outcome.serviceTime != nil) == ending.isSent)
    #expect(outcome.ordinal == (ending.isSent ? 1 : 0))
    #expect(outcome.done == world.now)
    #expect(world.engine.counts.inFlight == 0)
  }

  @Test(arguments: endings) func `and the user goes on after it`(ending: Ending) {
    var world = LoadWorld(.closed(tasks: [Self.task]))
    world.wake()
    ending.happen(&world, world.open[0])
    world.wakeNext()
    if let slot = world.open.first { world.connected(slot) }
    #expect(world.calls.last == .authenticate(credentials: 0))
    #expect(world.engine.counts.sent == 2)
    #expect(world.engine.counts.inFlight == 1)
  }

  static let kinds: [(LoadStep.Kind, [Int])] = [
    (.authenticate, [201]), (.validateOwn, [200]), (.validatePooled, [200]), (.catalog, [200]),
    (.revoke, [204]), (.http(.get("/")), Array(200...399)),
    (.http(.get("/", expected: [404, 300])), [300, 404]),
  ]

  @Test(arguments: kinds) func `each kind of step has its own good statuses`(
    kind: LoadStep.Kind, good: [Int]
  ) {
    for status in 200...599 {
      // The first step gives a token, so that the one in question has something to use.
      var world = LoadWorld(.closed(tasks: [.of(.authenticate, kind)]))
      world.wake()
      world.connected(world.open[0])
      world.answered(world.open[0], 201, token: "T")
      world.answered(world.open[0], status, token: "U")
      let expected: Outcome.Verdict = good.contains(status) ? .ok : .status(status)
      #expect(world.outcomes.last?.verdict == expected)
      #expect(world.outcomes.last?.status == status)
    }
  }

  // MARK: Timeouts

  @Test func `a request has its whole time from the moment it was due`() {
    var world = LoadWorld(.closed(tasks: [.get], timeout: .seconds(3)))
    world.wake()
    world.pass(.seconds(2))
    world.connected(world.open[0])
    #expect(world.engine.nextWake == .start + .seconds(3))
    world.wakeNext()
    #expect(world.verdicts == [.timeout])
    #expect(world.outcomes[0].responseTime == .seconds(3))
    #expect(world.outcomes[0].serviceTime == .seconds(1))
    #expect(world.open == [])
  }

  @Test func `a connection may take no longer than the whole request`() {
    var world = LoadWorld(
      .closed(tasks: [.get], connectTimeout: .seconds(5), timeout: .seconds(3)))
    world.wake()
    world.wakeNext()
    #expect(world.now == .start + .seconds(3))
    #expect(world.verdicts == [.timeout])
    #expect(world.closes.count == 1)
  }

  @Test func `a connection has its own limit`() {
    var world = LoadWorld(.closed(tasks: [.get], connectTimeout: .seconds(5)))
    world.wake()
    world.wakeNext()
    #expect(world.now == .start + .seconds(5))
    #expect(world.verdicts == [.connectTimeout])
  }

  @Test func `an answer in time takes its timeout away`() {
    var world = LoadWorld(.closed(wait: .seconds(60), tasks: [.get], timeout: .seconds(3)))
    world.wake()
    world.connected(world.open[0])
    world.answered(world.open[0], 200)
    #expect(world.engine.nextWake == .start + .seconds(60))
  }
}

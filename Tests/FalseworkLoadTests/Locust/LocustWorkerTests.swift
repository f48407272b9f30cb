// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkLoad

@Suite struct LocustWorkerTests {
  /// A worker with what it said and was told.
  private struct Talk {
    var worker: LocustWorker
    var now = Instant.start
    var effects: [LocustWorker.Effect] = []
    private let wall = UTCTime(seconds: 1_800_000_000)

    init() {
      worker = LocustWorker(id: "a_1", now: now, wall: wall)
      worker.connected(now: now, into: &effects)
    }

    var time: UTCTime { wall + (now - .start) }

    mutating func say(_ type: String, _ data: LocustValue = .nil) {
      let bytes = LocustValue.list([.text(type), data, .text("a_1")]).bytes
      worker.received(bytes, now: now, wall: time, into: &effects)
    }

    mutating func spawn(_ users: KeyValuePairs<String, LocustValue>, at time: Double) {
      say(
        "spawn",
        .object([
          "timestamp": .double(time), "user_classes_count": .object(users), "host": .nil,
          "stop_timeout": .double(2), "parsed_options": .object([:]),
        ]))
    }

    mutating func pass(_ interval: Interval) {
      let end = now + interval
      while worker.nextWake <= end {
        now = max(now, worker.nextWake)
        worker.wake(now: now, wall: time, into: &effects)
      }
      now = end
    }

    /// Takes what happened: types of messages, and other effects by their names.
    mutating func take() -> [String] {
      defer { effects = [] }
      return effects.map { effect in
        switch effect {
        case .send(let bytes): Self.message(bytes)?.type ?? "?"
        case .setUsers(let users):
          "users " + users.map { "\($0.name)=\($0.count)" }.joined(separator: ",")
        case .stopUsers(let limit): "stop within \(limit)"
        case .reconnect: "reconnect"
        case .quit(let problem): "quit: \(problem ?? "-")"
        }
      }
    }

    static func message(_ bytes: [UInt8]) -> (type: String, data: LocustValue)? {
      guard case .list(let parts)? = LocustValue(bytes), parts.count == 3,
        parts[2] == .text("a_1"), let type = parts[0].text
      else { return nil }
      return (type, parts[1])
    }

    /// The data of the last message of a type.
    func data(_ type: String) -> LocustValue? {
      for effect in effects.reversed() {
        guard case .send(let bytes) = effect, let message = Self.message(bytes),
          message.type == type
        else { continue }
        return message.data
      }
      return nil
    }
  }

  @Test func `it says that it is ready until the master answers, and then that it lives`() {
    var talk = Talk()
    #expect(talk.data("client_ready") == .integer(-1))
    #expect(talk.take() == ["client_ready"])
    talk.pass(.seconds(11))
    #expect(talk.take() == ["client_ready", "client_ready"])
    talk.say("ack", .object(["index": .integer(0)]))
    talk.worker.processorShare = 12.5
    talk.worker.memory = 1_000
    talk.pass(.seconds(1))
    #expect(
      talk.data("heartbeat")
        == .object([
          "state": .text("ready"), "current_cpu_usage": .double(12.5),
          "current_memory_usage": .integer(1_000),
        ]))
    #expect(talk.take().filter { $0 == "client_ready" }.isEmpty)
  }

  @Test func `targets are absolute, and an order that was overtaken changes nothing`() {
    var talk = Talk()
    talk.say("ack")
    _ = talk.take()
    talk.spawn(["A": .integer(3), "B": .integer(1)], at: 1.5)
    #expect(
      talk.data("spawning_complete")
        == .object([
          "user_classes_count": .object(["A": .integer(3), "B": .integer(1)]),
          "user_count": .integer(4),
        ]))
    #expect(talk.take() == ["spawning", "users A=3,B=1", "spawning_complete"])
    talk.spawn(["A": .integer(1), "B": .integer(0)], at: 1.75)
    #expect(talk.take() == ["spawning", "users A=1,B=0", "spawning_complete"])
    talk.spawn(["A": .integer(9)], at: 1.75)
    #expect(talk.take() == ["spawning"])
  }

  @Test func `at a stop users end, the last requests are told, and it is ready again`() {
    var talk = Talk()
    talk.say("ack")
    talk.spawn(["A": .integer(2)], at: 1)
    _ = talk.take()
    talk.say("stop")
    #expect(talk.take() == ["stop within 2s"])
    talk.worker.ended(
      .init(method: "GET", name: "/"), time: .milliseconds(3), bytes: 5, failure: nil,
      at: talk.time)
    talk.worker.usersGone(wall: talk.time, into: &talk.effects)
    let total = talk.data("stats")?["stats_total"]
    #expect(total?["num_requests"] == .integer(1) && total?["name"] == .text("Aggregated"))
    #expect(talk.data("stats")?["user_count"] == .integer(0))
    #expect(talk.take() == ["stats", "client_stopped", "client_ready"])
    talk.spawn(["A": .integer(1)], at: 2)
    #expect(talk.take() == ["spawning", "users A=1", "spawning_complete"])
  }

  @Test func `at quit the last requests are told, and it is over`() {
    var talk = Talk()
    talk.say("ack")
    talk.spawn(["A": .integer(2)], at: 1)
    _ = talk.take()
    talk.say("quit")
    #expect(talk.take() == ["stop within 300ms"])
    talk.worker.usersGone(wall: talk.time, into: &talk.effects)
    #expect(talk.take() == ["stats", "quit", "quit: -"])
    talk.say("spawn")
    talk.pass(.seconds(100))
    #expect(talk.take().isEmpty && talk.worker.nextWake == .never)
  }

  @Test func `a test that begins anew while users still end goes on with the new users`() {
    var talk = Talk()
    talk.say("ack")
    talk.spawn(["A": .integer(2)], at: 1)
    talk.say("stop")
    talk.spawn(["A": .integer(5)], at: 2)
    _ = talk.take()
    talk.worker.usersGone(wall: talk.time, into: &talk.effects)
    #expect(talk.take().isEmpty)
  }

  @Test func `a master that is silent for a minute is left`() {
    var talk = Talk()
    talk.say("ack")
    talk.pass(.seconds(60))
    talk.say("heartbeat")
    _ = talk.take()
    talk.pass(.seconds(60))
    #expect(!talk.take().contains { $0.hasPrefix("quit") })
    talk.pass(.seconds(2))
    #expect(talk.take().last == "quit: nothing was heard of the master for a minute")
  }

  @Test func `a master that never answers is given up`() {
    var talk = Talk()
    talk.pass(.seconds(400))
    #expect(talk.take().last == "quit: the master does not answer")
  }

  @Test func `what is no message, or one of a plugin, changes nothing`() {
    var talk = Talk()
    _ = talk.take()
    talk.worker.received([0xC1], now: talk.now, wall: talk.time, into: &talk.effects)
    talk.say("a-plugin's", .integer(1))
    talk.say("spawn", .nil)
    #expect(talk.take().isEmpty)
    talk.say("reconnect")
    #expect(talk.take() == ["reconnect"])
  }
}

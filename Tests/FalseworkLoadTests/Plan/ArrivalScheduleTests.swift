// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkLoad

@Suite struct ArrivalScheduleTests {
  private static func times(
    _ schedule: ArrivalSchedule, seed: UInt64 = 1
  ) -> [Interval] {
    var generator = SeededGenerator(seed: seed, stream: "load")
    var clock = ArrivalClock(schedule, begin: .start, using: &generator)
    var times: [Interval] = []
    while let next = clock.next(using: &generator) { times.append(next.due - .start) }
    return times
  }

  private static func stage(_ seconds: Int64, _ from: Double, _ to: Double) -> ArrivalSchedule.Stage
  {
    func every(_ rate: Double) -> Interval {
      rate > 0 ? Interval(nanoseconds: Int64(1e9 / rate)) : .forever
    }
    return .init(length: .seconds(seconds), from: every(from), to: every(to))
  }

  @Test func `a constant stage is as even as a rate`() {
    let times = Self.times(.stages([Self.stage(2, 4, 4)], .even))
    #expect(times == (0..<8).map { Interval.milliseconds(250) * Int64($0) })
  }

  /// A rate that grows from 0 to r in the time L has seen p arrivals after L √(p / ½ r L).
  @Test func `a ramp has the arrivals of its mean rate, later ones closer together`() {
    let times = Self.times(.stages([Self.stage(10, 0, 10)], .even))
    #expect(times.count == 50)
    for (index, time) in times.enumerated() {
      let expected = 10e9 * (Double(index) / 50).squareRoot()
      #expect(abs(Double(time.nanoseconds) - expected) < 1_000)
    }
  }

  @Test func `stages follow each other without a gap or a second arrival at the seam`() {
    let times = Self.times(
      .stages([Self.stage(1, 10, 10), Self.stage(1, 0, 0), Self.stage(2, 10, 0)], .even))
    #expect(times.count == 20)
    #expect(times[9] == .milliseconds(900) && times[10] == .seconds(2))
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    #expect(times.last! <= .seconds(4))
  }

  @Test func `Poisson arrivals follow the rate, and the same seed gives the same`() {
    let schedule = ArrivalSchedule.stages(
      [Self.stage(100, 0, 100), Self.stage(100, 10, 10)], .poisson)
    let times = Self.times(schedule)
    // 5,000 and 1,000 expected; four standard deviations around each.
    let first = times.count { $0 < .seconds(100) }
    #expect(abs(first - 5_000) < 283 && abs(times.count - first - 1_000) < 127)
    // In the second half of the ramp come three of four.
    let late = times.count { $0 >= .seconds(50) && $0 < .seconds(100) }
    #expect(abs(late - 3_750) < 245)
    #expect(Self.times(schedule) == times)
    #expect(Self.times(schedule, seed: 2) != times)
  }

  @Test func `a recorded list comes as it was, each with its task`() {
    var world = LoadWorld(
      LoadPlan(
        model: .scheduled(
          .recorded([
            .init(at: .zero, task: 1), .init(at: .milliseconds(5), task: nil),
            .init(at: .milliseconds(5), task: 1),
          ]), limit: 10),
        tasks: [.of(.http(.get("/a"))), .of(.http(.get("/b")))], credentials: [.admin],
        connections: .kept, connectTimeout: .seconds(1), timeout: .seconds(1)))
    while world.engine.nextWake <= .start + .milliseconds(5) { world.wakeNext() }
    for slot in world.open { world.connected(slot) }
    for sent in world.sent { world.answered(sent.slot, 200) }
    #expect(world.outcomes.map(\.task) == [1, 0, 1])
    #expect(world.outcomes.map { $0.due - .start } == [.zero, .milliseconds(5), .milliseconds(5)])
    #expect(world.engine.nextWake == .never)
  }

  @Test func `at another pace every time is divided`() {
    let schedule = ArrivalSchedule.stages([Self.stage(10, 1, 2)], .even)
    #expect(
      Self.times(schedule.divided(by: 10)).map { $0 * 10 }.count == Self.times(schedule).count)
    #expect(schedule.divided(by: 10).length == .seconds(1))
    #expect(
      ArrivalSchedule.recorded([.init(at: .seconds(1), task: 0)]).divided(by: 4)
        == .recorded([.init(at: .milliseconds(250), task: 0)]))
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkRotation
import Testing

@Suite struct RequestWindowTests {
  @Test func `without requests there is no p99`() {
    #expect(RequestWindow().p99 == nil)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `the p99 is at most 3.2 % above the true one, and never below`(seed: UInt64) {
    var chance = SeededGenerator(seed: seed, stream: "window")
    var window = RequestWindow()
    let times = (0..<(1 + Int(chance.below(3_000)))).map { _ in
      Int64(chance.below(1 << (1 + chance.below(33))))
    }
    for time in times { window.add(failed: time % 7 == 0, took: .microseconds(time)) }
    let sorted = times.sorted()
    let exact = sorted[(times.count * 99 + 99) / 100 - 1]
    let found = (window.p99?.nanoseconds ?? 0) / 1_000
    #expect(found >= exact && Double(found) <= Double(exact) * 1.032 + 1)
    #expect(window.requests == times.count)
    #expect(window.failures == times.count { $0 % 7 == 0 })
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkLoad

@Suite struct TokenPoolTests {
  private static func pool(_ seconds: Range<Int>, age: Interval) -> TokenPool {
    var pool = TokenPool(ages: [age])
    for second in seconds {
      pool.add(
        IssuedToken(
          text: "\(second)", number: second, issued: .start + .seconds(Int64(second))))
    }
    return pool
  }

  @Test func `an old token is at least so old, however long the load has been going on`() {
    var generator = SeededGenerator(seed: 1, stream: "test")
    for length in [100, 1_000, 100_000] {
      let pool = Self.pool(0..<length, age: .seconds(60))
      let now = Instant.start + .seconds(Int64(length))
      for _ in 0..<100 {
        let token = pool.pick(0, now: now, using: &generator)
        #expect(token.map { now - $0.issued >= .seconds(60) } == true)
      }
    }
  }

  @Test func `while none is old enough the oldest is taken`() {
    var generator = SeededGenerator(seed: 1, stream: "test")
    let pool = Self.pool(5..<20, age: .seconds(60))
    #expect(pool.pick(0, now: .start + .seconds(20), using: &generator)?.number == 5)
    #expect(TokenPool(ages: [.zero]).pick(0, now: .start, using: &generator) == nil)
  }

  @Test func `a token that is taken out is nobody's any more`() {
    var generator = SeededGenerator(seed: 1, stream: "test")
    var pool = Self.pool(0..<1, age: .zero)
    #expect(!pool.isEmpty(nil) && !pool.isEmpty(0))
    pool.remove(0)
    #expect(pool.isEmpty(nil) && pool.isEmpty(0))
    #expect(pool.pick(nil, now: .start, using: &generator) == nil)
  }
}

// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization

/// The same thing for many seeds, on all cores; the answers in the order of the seeds.
enum ParallelSeeds {
  static func map<Value: Sendable>(
    _ seeds: [UInt64], done: (@Sendable (Int) -> Void)? = nil,
    _ body: @Sendable (UInt64) -> Value
  ) -> [Value] {
    let values = Mutex<[Value?]>(Array(repeating: nil, count: seeds.count))
    let count = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: seeds.count) { index in
      let value = body(seeds[index])
      values.withLock { $0[index] = value }
      done?(count.add(1, ordering: .relaxed).newValue)
    }
    return values.withLock { $0.map { $0! } }
  }
}

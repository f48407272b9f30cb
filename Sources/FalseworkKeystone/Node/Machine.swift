// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

package enum NodeTaskTag {}
/// A piece of work that a node has begun; its name is not used again.
package typealias NodeTask = ID<NodeTaskTag>

/// The processor cores that the nodes of one machine share.
///
/// Every piece of work is one thread. As long as there are no more of them than cores each runs at
/// full speed; beyond that all run equally slowly, as a fair scheduler has it. So a login of 225 ms
/// takes 450 ms while four are computed on two cores, and an application takes twice as long to load
/// while the other node is busy. Nothing of it is a rule of its own.
///
/// It does not know what the work is, and does not decide who waits for a worker: that is the
/// node's.
package struct Machine: Equatable, Sendable {
  package struct Job: Equatable, Sendable {
    package var node: NodeID
    package var task: NodeTask

    package init(node: NodeID, task: NodeTask) {
      self.node = node
      self.task = task
    }
  }

  private struct Entry: Equatable, Sendable {
    var job: Job
    /// How far `served` is when the work is done.
    var end: Int64
  }

  package let cores: Int
  /// What a job that was there from the beginning would have had of a core, in nanoseconds.
  private var served: Int64 = 0
  private var seen = Instant.start
  /// In the order in which they end; those that end together in the order in which they came.
  private var entries: [Entry] = []

  package init(cores: Int) {
    precondition(cores > 0, "a machine needs a core: \(cores)")
    self.cores = cores
  }

  package var running: Int { entries.count }

  /// When the next job is done if nothing changes until then.
  package var nextWake: Instant {
    guard let first = entries.first else { return .never }
    let left = max(0, first.end - served)
    let shared = Int64(max(entries.count, cores))
    // Rounded up: at that instant the work is done.
    return seen + .nanoseconds((left * shared + Int64(cores) - 1) / Int64(cores))
  }

  /// - Parameter work: how long it would take on a core of its own.
  package mutating func begin(_ job: Job, work: Interval, now: Instant) {
    advance(to: now)
    let end = served + max(1, work.nanoseconds)
    let place = entries.firstIndex { $0.end > end } ?? entries.endIndex
    entries.insert(Entry(job: job, end: end), at: place)
  }

  /// The job is not worked on any more. One that is done already is not there.
  package mutating func abandon(_ job: Job, now: Instant) {
    advance(to: now)
    entries.removeAll { $0.job == job }
  }

  /// The next job that is done by now; to be asked until there is none.
  package mutating func popDone(now: Instant) -> Job? {
    // A world that looks late must not let the others wait for what was done before.
    let due = nextWake
    guard due <= now else { return nil }
    advance(to: due)
    return entries.removeFirst().job
  }

  private mutating func advance(to now: Instant) {
    guard now > seen else { return }
    let passed = (now - seen).nanoseconds
    seen = now
    served += passed * Int64(cores) / Int64(max(entries.count, cores))
  }
}

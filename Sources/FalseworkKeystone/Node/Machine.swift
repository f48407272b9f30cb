// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

package enum NodeTaskTag {}
/// A piece of work that a node has begun; its name is not used again.
package typealias NodeTask = ID<NodeTaskTag>

/// The processor cores that the nodes of one machine share.
///
/// Every piece of work is one thread. As long as there are no more of them than cores each runs at
/// full speed. Beyond that the nodes share alike, as Linux has it between the sessions of
/// processes: a node gets what it wants up to an equal part of the cores, what one leaves goes to the
/// others, and the threads of a node share its part. So a login of 225 ms takes 450 ms while four
/// are computed on two cores, and an application takes twice as long to load while the other node is
/// busy, though its one login there is not slowed down. Nothing of it is a rule of its own.
///
/// It does not know what the work is, and does not decide who waits for a worker: that is the
/// node's.
package struct Machine: Equatable, Sendable {
  package struct Options: Equatable, Sendable {
    package var cores: Int
    /// Per mille of the cores that other programs take while the nodes could use all of them.
    package var others: Int
    /// How long a second of work takes: a machine that is shared is not equally fast every day.
    package var second: Interval

    package init(cores: Int, others: Int = 0, second: Interval = .seconds(1)) {
      self.cores = cores
      self.others = others
      self.second = second
    }
  }

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
    /// Nanoseconds of a core.
    var left: Int64
    /// Of a core, in parts of `unit`.
    var rate: Int64
  }

  private static let unit: Int64 = 1 << 16

  package let options: Options
  private let capacity: Int64
  private var seen = Instant.start
  /// In the order in which they came.
  private var entries: [Entry] = []

  package init(_ options: Options) {
    precondition(
      options.cores > 0 && (0..<1_000).contains(options.others) && options.second > .zero,
      "\(options)")
    self.options = options
    capacity = Int64(options.cores) * Self.unit * Int64(1_000 - options.others) / 1_000
  }

  package var running: Int { entries.count }

  /// When the next job is done if nothing changes until then.
  package var nextWake: Instant {
    var next = Instant.never
    for entry in entries { next = min(next, end(of: entry)) }
    return next
  }

  /// Rounded up: at that instant the work is done.
  private func end(of entry: Entry) -> Instant {
    seen + .nanoseconds((entry.left * Self.unit + entry.rate - 1) / entry.rate)
  }

  /// - Parameter work: how long it would take on a core of its own.
  package mutating func begin(_ job: Job, work: Interval, now: Instant) {
    advance(to: now)
    let (high, low) = work.nanoseconds.multipliedFullWidth(by: options.second.nanoseconds)
    let left = Int64(1_000_000_000).dividingFullWidth((high, low)).quotient
    entries.append(Entry(job: job, left: max(1, left), rate: 0))
    share()
  }

  /// The job is not worked on any more. One that is done already is not there.
  package mutating func abandon(_ job: Job, now: Instant) {
    advance(to: now)
    entries.removeAll { $0.job == job }
    share()
  }

  /// The next job that is done by now; to be asked until there is none.
  package mutating func popDone(now: Instant) -> Job? {
    // A world that looks late must not let the others wait for what was done before.
    let due = nextWake
    guard due <= now else { return nil }
    advance(to: due)
    let place = entries.firstIndex { $0.left <= 0 } ?? 0
    let job = entries.remove(at: place).job
    share()
    return job
  }

  private mutating func advance(to now: Instant) {
    guard now > seen else { return }
    let passed = (now - seen).nanoseconds
    seen = now
    for index in entries.indices {
      entries[index].left = max(
        0, entries[index].left - passed * entries[index].rate / Self.unit)
    }
  }

  /// Gives every node its part: those that want less than an equal one leave the rest to the others.
  private mutating func share() {
    var threads: [Int64] = []
    for entry in entries {
      let node = entry.job.node.index
      while threads.count <= node { threads.append(0) }
      threads[node] += 1
    }
    var waiting = threads.indices.filter { threads[$0] > 0 }
    var free = capacity
    var rates = threads.map { _ in Int64(0) }
    while !waiting.isEmpty {
      let part = free / Int64(waiting.count)
      let content = waiting.filter { threads[$0] * Self.unit <= part }
      for node in content.isEmpty ? waiting : content {
        let given = min(part, threads[node] * Self.unit)
        rates[node] = max(1, given / threads[node])
        free -= given
      }
      if content.isEmpty { break }
      waiting.removeAll { content.contains($0) }
    }
    for index in entries.indices { entries[index].rate = rates[entries[index].job.node.index] }
  }
}

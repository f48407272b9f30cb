// SPDX-License-Identifier: Apache-2.0
import DequeModule
import FalseworkCore

/// Requests that wait: for any server of a backend, or for one that is full (HAProxy's `queue.c`).
///
/// An entry stays in its queue when the request leaves, and is skipped when its turn comes; the counts
/// are the truth.
extension Proxy {
  /// The request waits for whichever server has room first.
  mutating func enqueue(_ index: Int, _ backend: BackendID, now: Instant) {
    clients[index].entered = backends[backend.index].dequeued
    wait(index, now: now)
    backends[backend.index].queue.append(clients[index].id)
    countWaiting(backend, 1)
  }

  /// The request waits for this server.
  ///
  /// - Returns: false if `maxqueue` requests wait there already.
  mutating func enqueue(_ index: Int, for server: ServerID, now: Instant) -> Bool {
    let most = configuration.servers[server.index].maxqueue
    guard most == 0 || servers[server.index].waiting < most else { return false }
    clients[index].entered = servers[server.index].dequeued
    wait(index, now: now)
    clients[index].waitsFor = server
    servers[server.index].queue.append(clients[index].id)
    countWaiting(server, 1)
    return true
  }

  private mutating func wait(_ index: Int, now: Instant) {
    clients[index].stage = .queued
    ticketCounter += 1
    clients[index].ticket = ticketCounter
    setDeadline(index, to: now + backend(clients[index].backend!).queueTimeout)
  }

  private mutating func countWaiting(_ backend: BackendID, _ change: Int) {
    backends[backend.index].traffic.queued += change
    backends[backend.index].traffic.queuedPeak = max(
      backends[backend.index].traffic.queuedPeak, backends[backend.index].traffic.queued)
  }

  private mutating func countWaiting(_ server: ServerID, _ change: Int) {
    servers[server.index].traffic.queued += change
    servers[server.index].traffic.queuedPeak = max(
      servers[server.index].traffic.queuedPeak, servers[server.index].traffic.queued)
    // Its load changed, and with it its place among equals.
    stampCounter += 1
    servers[server.index].stamp = stampCounter
  }

  /// HAProxy logs how many left the queue while it waited, itself included.
  mutating func leaveQueue(_ index: Int) {
    if let server = clients[index].waitsFor.take() {
      clients[index].aheadAtServer += servers[server.index].dequeued - clients[index].entered + 1
      countWaiting(server, -1)
    } else {
      let backend = clients[index].backend!
      clients[index].aheadInQueue += backends[backend.index].dequeued - clients[index].entered + 1
      countWaiting(backend, -1)
    }
    clients[index].stage = .idle
  }

  /// A server may have room: whoever waits longest for it, or for any, has it.
  mutating func feed(_ server: ServerID, now: Instant, into effects: inout [Effect]) {
    let backend = configuration.servers[server.index].backend
    guard servers[server.index].traffic.queued + backends[backend.index].traffic.queued > 0 else {
      return
    }
    while isBelowLimit(server.index, now: now) {
      dropGone(server, backend)
      let own = servers[server.index].queue.first
      // Only one that balancing might choose takes from the queue of all.
      let any = mayTakeFromBackend(server) ? backends[backend.index].queue.first : nil
      let next: ClientID
      switch (own, any) {
      case (nil, nil): return
      case (let own?, nil): next = own
      case (nil, let any?): next = any
      case (let own?, let any?): next = ticket(own) < ticket(any) ? own : any
      }
      leaveQueue(Int(next.index))
      if next == own {
        servers[server.index].queue.removeFirst()
        servers[server.index].dequeued += 1
      } else {
        backends[backend.index].queue.removeFirst()
        backends[backend.index].dequeued += 1
      }
      assign(Int(next.index), server, previous: nil, now: now, into: &effects)
    }
  }

  private func isBelowLimit(_ index: Int, now: Instant) -> Bool {
    servers[index].maxconn <= 0 || servers[index].served < limit(index, now: now)
  }

  private func mayTakeFromBackend(_ server: ServerID) -> Bool {
    guard isUsable(server.index) else { return false }
    let pool = pool(configuration.servers[server.index].backend)
    return pool.range.contains(server.index) && isBackup(server.index) == pool.areBackups
  }

  private func ticket(_ client: ClientID) -> Int64 { clients[Int(client.index)].ticket }

  private func isWaiting(_ client: ClientID, for server: ServerID?) -> Bool {
    isLive(client) && clients[Int(client.index)].stage == .queued
      && clients[Int(client.index)].waitsFor == server
  }

  private mutating func dropGone(_ server: ServerID, _ backend: BackendID) {
    while let first = servers[server.index].queue.first, !isWaiting(first, for: server) {
      servers[server.index].queue.removeFirst()
    }
    while let first = backends[backend.index].queue.first, !isWaiting(first, for: nil) {
      backends[backend.index].queue.removeFirst()
    }
  }

  /// Who waits for a server that takes nothing any more looks for another, if `option redispatch`
  /// allows it; otherwise it goes on waiting.
  ///
  /// - Returns: how many were moved, for the log.
  mutating func redistribute(
    _ server: ServerID, now: Instant, into effects: inout [Effect]
  ) -> Int {
    guard servers[server.index].traffic.queued > 0,
      backend(configuration.servers[server.index].backend).redispatch != nil
    else { return 0 }
    let waiting = servers[server.index].queue.filter { isWaiting($0, for: server) }
    servers[server.index].queue.removeAll()
    for client in waiting {
      leaveQueue(Int(client.index))
      clients[Int(client.index)].redispatched = true
    }
    for client in waiting {
      dispatch(Int(client.index), avoiding: nil, now: now, into: &effects)
    }
    return waiting.count
  }
}

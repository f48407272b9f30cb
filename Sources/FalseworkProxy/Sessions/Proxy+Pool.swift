// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Connections to servers that wait for their next request (configuration manual, 4.2 "http-reuse",
/// 5.2 "pool-…").
extension Proxy {
  /// An idle connection that the request may use.
  ///
  /// `safe`: the first request of a client's connection gets a connection of its own, so that a server
  /// that closes a kept one cannot harm a request that the client could not repeat. `aggressive`
  /// trusts those that were used again before; `always` trusts all; `never` shares none.
  mutating func takeIdle(_ index: Int, _ server: ServerID) -> ServerConnectionID? {
    guard clients[index].mode == .keepAlive, clients[index].retries == 0 else { return nil }
    let isFirst = clients[index].ordinal <= 1
    // A connection that told the server of one client is no other's.
    if configuration.servers[server.index].proxyHeader != nil {
      return takePrivate(clients[index].id, server)
    }
    switch backend(clients[index].backend!).reuse {
    case .never: return takePrivate(clients[index].id, server)
    case .safe where isFirst: return nil
    case .aggressive where isFirst:
      let place = servers[server.index].idle.lastIndex { connections[$0]!.requests > 1 }
      return place.map { servers[server.index].idle.remove(at: $0) }
    case .safe, .aggressive, .always: return servers[server.index].idle.popLast()
    }
  }

  private mutating func takePrivate(
    _ client: ClientID, _ server: ServerID
  ) -> ServerConnectionID? {
    guard
      let place = privateConnections[client]?.lastIndex(where: {
        connections[$0]?.server == server
      })
    else { return nil }
    return privateConnections[client]!.remove(at: place)
  }

  /// Whether a connection may stay open behind an answer: the first of its kind, and as many as were
  /// needed at once (HAProxy's `srv_add_to_idle_list`).
  func mayKeep(
    _ connection: ServerConnectionID, _ client: Client, _ server: ServerID
  ) -> Bool {
    guard client.mode == .keepAlive, client.serverKeepsAlive, client.head.complete else {
      return false
    }
    if isPrivate(client, server) { return true }
    let most = configuration.servers[server.index].poolMaxConn
    let idle = servers[server.index].idle
    guard most < 0 || idle.count < most else { return false }
    let isSafe = connections[connection]!.requests > 1
    let areSafe = idle.contains { connections[$0]!.requests > 1 }
    if !areSafe, isSafe || idle.isEmpty { return true }
    // Others than this one, which is not in use any more.
    let (used, needed) = (servers[server.index].served - 1, servers[server.index].neededPeak)
    return used + idle.count
      <= max(used, needed) + configuration.servers[server.index].poolLowConn
  }

  private func isPrivate(_ client: Client, _ server: ServerID) -> Bool {
    backend(client.backend!).reuse == .never
      || configuration.servers[server.index].proxyHeader != nil
  }

  mutating func keepIdle(
    _ connection: ServerConnectionID, _ server: ServerID, owner client: Client, now: Instant
  ) {
    if isPrivate(client, server) {
      privateConnections[client.id, default: []].append(connection)
      return
    }
    servers[server.index].idle.append(connection)
    let key = ServerTimer.purge.key(server.index)
    if serverTimers.deadline(of: key) == .never {
      serverTimers.set(key, to: now + configuration.servers[server.index].poolPurgeDelay)
    }
  }

  /// A client's connection is over, and with it those that only it could use.
  mutating func closePrivate(_ client: ClientID, into effects: inout [Effect]) {
    for connection in privateConnections.removeValue(forKey: client) ?? [] {
      connections.remove(connection)
      effects.append(.closeServer(connection, .fin))
    }
  }

  /// A server closed a connection that nobody uses.
  mutating func forgetIdle(_ connection: ServerConnectionID, into effects: inout [Effect]) {
    guard let gone = connections.remove(connection) else { return }
    servers[gone.server.index].idle.removeAll { $0 == connection }
    for client in privateConnections.keys {
      privateConnections[client]!.removeAll { $0 == connection }
    }
    effects.append(.closeServer(connection, .fin))
  }

  /// Half of the connections beyond what was needed at most go; what is needed is forgotten by halves
  /// (configuration manual, 5.2 "pool-purge-delay"; HAProxy's `srv_cleanup_idle_conns`).
  mutating func purgeIdle(_ server: ServerID, now: Instant, into effects: inout [Effect]) {
    let index = server.index
    let (used, peak) = (servers[index].served, servers[index].recentPeak)
    let spare = used + servers[index].idle.count - max(peak, servers[index].neededPeak)
    servers[index].neededPeak = max((servers[index].neededPeak + peak) / 2, peak)
    servers[index].recentPeak = used
    if spare > 0 { closeIdle(server, (spare + 1) / 2, into: &effects) }
    guard !servers[index].idle.isEmpty else { return }
    serverTimers.set(
      ServerTimer.purge.key(index), to: now + configuration.servers[index].poolPurgeDelay)
  }

  /// Closes the oldest idle connections.
  mutating func closeIdle(_ server: ServerID, _ count: Int, into effects: inout [Effect]) {
    for connection in servers[server.index].idle.prefix(count) {
      connections.remove(connection)
      effects.append(.closeServer(connection, .fin))
    }
    servers[server.index].idle.removeFirst(min(count, servers[server.index].idle.count))
  }
}

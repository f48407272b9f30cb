// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// `track`: a server that is not checked itself shares the state of another (configuration manual, 5.2).
extension Proxy {
  /// Those that track a server follow what became of it.
  mutating func followTracked(
    _ tracked: ServerID, now: Instant, into effects: inout [Effect]
  ) {
    for index in servers.indices where configuration.servers[index].track == tracked {
      let state = servers[tracked.index]
      change(ServerID(index), because: nil, now: now, into: &effects) { $0.follow(state) }
    }
  }

  /// As the process starts: what the configuration disabled takes its trackers with it.
  mutating func beginTracking() {
    for index in servers.indices {
      var last = index
      while let next = configuration.servers[last].track { last = next.index }
      guard last != index else { continue }
      servers[index].isTracking = true
      servers[index].followedRise = configuration.servers[last].rise
      servers[index].followedFall = configuration.servers[last].fall
      servers[index].follow(servers[last])
    }
  }
}

extension ServerState {
  mutating func follow(_ tracked: ServerState) {
    func inherit(_ flag: AdminState, _ holds: Bool) {
      if holds { admin.insert(flag) } else { admin.remove(flag) }
    }
    inherit(.inheritedMaint, tracked.admin.isMaint)
    inherit(.inheritedDrain, tracked.admin.isDrain)
    health = tracked.health
    operational = tracked.operational
  }
}

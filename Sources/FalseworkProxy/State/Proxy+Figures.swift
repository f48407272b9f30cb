// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

extension Proxy {
  /// The counters that tell a rotation's story, by `backend/server.column` as `show stat` names the
  /// columns; the backend itself is `backend/BACKEND`.
  package var figures: [String: Int64] {
    var figures: [String: Int64] = [:]
    func add(_ name: String, _ traffic: TrafficCounters) {
      let columns: [(String, Int)] = [
        ("stot", traffic.total), ("econ", traffic.connectErrors),
        ("eresp", traffic.responseErrors), ("wretr", traffic.retries),
        ("wredis", traffic.redispatches), ("cli_abrt", traffic.clientAborts),
        ("srv_abrt", traffic.serverAborts), ("qmax", traffic.queuedPeak), ("smax", traffic.peak),
      ]
      for (column, value) in columns { figures["\(name).\(column)"] = Int64(value) }
    }
    for index in backends.indices {
      add("\(configuration.backends[index].name)/BACKEND", backends[index].traffic)
    }
    for index in servers.indices {
      let name = configuration.fullName(ServerID(index))
      add(name, servers[index].traffic)
      figures["\(name).chkfail"] = Int64(servers[index].failedChecks)
      figures["\(name).chkdown"] = Int64(servers[index].timesDown)
    }
    return figures
  }
}

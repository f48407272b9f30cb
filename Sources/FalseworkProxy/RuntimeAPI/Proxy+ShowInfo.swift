// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// `show info`: the keys of HAProxy 2.6 in its order. What is not there (TLS, compression, pipes,
/// memory pools) or not measured (memory, tasks, descriptors) is 0.
extension Proxy {
  func showInfo(_ call: RuntimeCall) -> RuntimeReply {
    let values = infoValues(call)
    let fields = Self.infoKeys.map { key in
      TypedField(
        place: key.place, name: key.name, tags: key.tags, type: key.type,
        value: values[key.name] ?? "0")
    }
    if call.arguments.contains("json") {
      return .table("[" + fields.map(\.json).joined(separator: ",") + "]\n")
    }
    if call.arguments.contains("typed") { return .table(fields.map(\.line).joined()) }
    return .table(fields.map { "\($0.name): \($0.value)\n" }.joined())
  }

  private func infoValues(_ call: RuntimeCall) -> [String: String] {
    let up = (call.now - startedAt).milliseconds / 1_000
    let listeners = configuration.frontends.reduce(0) { $0 + $1.binds.count }
    let rate = frontends.reduce(0) { $0 + $1.sessionRate.value(now: call.now) }
    let peak = frontends.reduce(0) { max($0, $1.sessionRate.max) }
    func two(_ number: Int64) -> String { UTCTime.padded(Int(number), 2) }
    return [
      "Name": Self.runtimeName, "Version": Self.runtimeVersion, "Release_date": "2026/11/24",
      "Nbthread": "1", "Nbproc": "1", "Process_num": "1", "Pid": "\(call.process.pid)",
      "Uptime": "\(up / 86_400)d \(up / 3_600 % 24)h\(two(up / 60 % 60))m\(two(up % 60))s",
      "Uptime_sec": "\(up)", "Maxconn": "\(maxconn)",
      "Hard_maxconn": "\(configuration.global.maxconn)", "CurrConns": "\(connectionCount)",
      "CumConns": "\(connectionTotal)", "CumReq": "\(frontends.reduce(0) { $0 + $1.requests })",
      "ConnRate": "\(rate)", "MaxConnRate": "\(peak)", "SessRate": "\(rate)",
      "MaxSessRate": "\(peak)", "node": call.process.node,
      "Jobs": "\(listeners + configuration.global.sockets.count + connectionCount)",
      "Listeners": "\(listeners + configuration.global.sockets.count)",
      "TotalBytesOut": "\(frontends.reduce(0) { $0 + $1.bytesOut })",
      "Build info": Self.runtimeVersion,
      "Start_time_sec": "\((call.process.wall + (startedAt - .start)).seconds)",
    ]
  }

  private struct InfoKey {
    var place: Int
    var name: String
    var tags: String
    var type: String
  }

  /// HAProxy counts the places of keys that a build has not: 45, 46 (zlib) and 51 (description).
  private static let infoKeys: [InfoKey] = {
    let rows = keyTable.split { $0 == "," || $0 == "\n" }.compactMap { row -> [String]? in
      let parts = row.split(separator: "|").map { String($0.drop { $0 == " " }) }
      return parts.count == 3 ? parts : nil
    }
    return rows.enumerated().map { index, parts in
      let place = index < 45 ? index : index < 49 ? index + 2 : index + 3
      return InfoKey(place: place, name: parts[0], tags: parts[1], type: parts[2])
    }
  }()

  private static let keyTable = """
    Name|POS|str, Version|POS|str, Release_date|POS|str, Nbthread|CGS|u32, Nbproc|CGS|u32,
    Process_num|KGP|u32, Pid|SGP|u32, Uptime|MDP|str, Uptime_sec|MDP|u32, Memmax_MB|CLP|u32,
    PoolAlloc_MB|MGP|u32, PoolUsed_MB|MGP|u32, PoolFailed|MCP|u32, Ulimit-n|CLP|u32,
    Maxsock|CLP|u32, Maxconn|CLP|u32, Hard_maxconn|CLP|u32, CurrConns|MGP|u32, CumConns|MCP|u32,
    CumReq|MCP|u32, MaxSslConns|MMP|u32, CurrSslConns|MGP|u32, CumSslConns|MCP|u32,
    Maxpipes|CLP|u32, PipesUsed|MGP|u32, PipesFree|MGP|u32, ConnRate|MRP|u32,
    ConnRateLimit|CLP|u32, MaxConnRate|MMP|u32, SessRate|MRP|u32, SessRateLimit|CLP|u32,
    MaxSessRate|MRP|u32, SslRate|MRP|u32, SslRateLimit|CLP|u32, MaxSslRate|MMP|u32,
    SslFrontendKeyRate|MGP|u32, SslFrontendMaxKeyRate|MMP|u32,
    SslFrontendSessionReuse_pct|MGP|u32, SslBackendKeyRate|MRP|u32, SslBackendMaxKeyRate|MMP|u32,
    SslCacheLookups|MCP|u32, SslCacheMisses|MCP|u32, CompressBpsIn|MRP|u32,
    CompressBpsOut|MRP|u32, CompressBpsRateLim|CLP|u32, Tasks|MGP|u32, Run_queue|MGP|u32,
    Idle_pct|MaP|u32, node|COS|str, Stopping|MGP|u32, Jobs|MGP|u32, Unstoppable Jobs|MGP|u32,
    Listeners|MGP|u32, ActivePeers|MGP|u32, ConnectedPeers|MGP|u32, DroppedLogs|MGP|u32,
    BusyPolling|MGP|u32, FailedResolutions|MGP|u32, TotalBytesOut|MGP|u64,
    TotalSplicdedBytesOut|MGP|u64, BytesOutRate|MRP|u64, DebugCommandsIssued|MGP|u32,
    CumRecvLogs|MCP|u32, Build info|POS|str, Memmax_bytes|CLP|u32, PoolAlloc_bytes|MGP|u64,
    PoolUsed_bytes|MGP|u64, Start_time_sec|MDP|u32, Tainted|SGP|str
    """
}

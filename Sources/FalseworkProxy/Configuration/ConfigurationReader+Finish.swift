// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Names become numbers, absent values their defaults, and what can only be judged of the whole is.
extension ConfigurationReader {
  mutating func finish() -> ProxyConfiguration.Reading {
    var result = ProxyConfiguration()
    result.global = global
    // HAProxy keeps number 1 for a proxy of its own.
    for (index, draft) in drafts.enumerated() where draft.section != .frontend {
      addBackend(draft, iid: index + 2, to: &result)
    }
    for (index, draft) in drafts.enumerated() where draft.section != .backend {
      addFrontend(draft, iid: index + 2, to: &result)
    }
    for draft in drafts where draft.section != .frontend {
      result.backendRules.append(resolved(draft, result))
    }
    for draft in drafts where draft.section != .backend {
      result.frontendRules.append(resolved(draft, result))
    }
    markTables(&result)
    result.countRules()
    // A tenth of what the frontends in front of it may take, where nothing else is said.
    for index in result.backends.indices where result.backends[index].fullconn == 0 {
      let sum = result.frontends.filter { $0.defaultBackend?.index == index }.reduce(0) {
        $0 + $1.maxconn
      }
      result.backends[index].fullconn = max(1, (sum + 9) / 10)
    }
    resolveTracking(&result)
    for draft in drafts { judge(draft) }
    let isRefused = problems.contains { $0.severity == .alert }
    if !isRefused, result.frontends.allSatisfy(\.binds.isEmpty) {
      warn(0, "Configuration file has no error but will not start (no listener).")
    }
    // Findings about the whole, which have no line, come last; a stable order otherwise.
    let ordered = problems.enumerated().sorted { one, other in
      let (a, b) = (one.element, other.element)
      return (a.line == 0 ? .max : a.line, one.offset) < (b.line == 0 ? .max : b.line, other.offset)
    }.map(\.element)
    return .init(configuration: isRefused ? nil : result, problems: ordered)
  }

  private func addBackend(_ draft: ProxyDraft, iid: Int, to result: inout ProxyConfiguration) {
    let id = BackendID(result.backends.count)
    let first = result.servers.count
    for (index, server) in draft.servers.enumerated() {
      result.servers.append(
        .init(
          name: server.name, sid: index + 1, backend: id, host: server.host, port: server.port,
          checked: server.checked, checkHost: server.checkHost, checkPort: server.checkPort,
          inter: server.inter, fastinter: server.fastinter, downinter: server.downinter,
          rise: server.rise, fall: server.fall, weight: server.weight, maxconn: server.maxconn,
          minconn: server.minconn, maxqueue: server.maxqueue, backup: server.backup,
          disabled: server.disabled, slowstart: server.slowstart,
          endsSessionsWhenDown: server.endsSessionsWhenDown,
          endsBackupSessionsWhenUp: server.endsBackupSessionsWhenUp, observe: server.observe,
          errorLimit: server.errorLimit, onError: server.onError, track: nil,
          poolPurgeDelay: server.poolPurgeDelay, poolMaxConn: server.poolMaxConn,
          poolLowConn: server.poolLowConn,
          line: server.line, proxyHeader: server.proxyHeader,
          checkProxyHeader: server.checkProxyHeader, initialState: server.initialState,
          cookie: server.cookie, tls: server.tls))
    }
    let connect = draft.limit("connect")
    result.backends.append(
      .init(
        name: draft.name, iid: iid, balance: draft.balance, hashType: draft.hashType,
        allBackups: draft.allBackups, fullconn: draft.fullconn, retries: draft.retries,
        redispatch: draft.redispatch, connectionMode: draft.connectionMode,
        reuse: draft.reuse, abortsOnClose: draft.abortsOnClose, retryOn: draft.retryOn,
        forwardFor: draft.forwardFor, check: draft.check.resolved, stickTable: draft.stickTable,
        connectTimeout: connect ?? .forever, serverTimeout: draft.limit("server") ?? .forever,
        queueTimeout: draft.limit("queue") ?? connect ?? .forever,
        checkTimeout: draft.limit("check"), expect: draft.expect, stopsOn404: draft.stopsOn404,
        logsChecks: draft.logsChecks, servers: first..<result.servers.count))
  }

  private mutating func addFrontend(
    _ draft: ProxyDraft, iid: Int, to result: inout ProxyConfiguration
  ) {
    let backend = draft.defaultBackend ?? (draft.section == .listen ? draft.name : nil)
    let target = backend.flatMap { name in result.backends.firstIndex { $0.name == name } }
    if let backend, target == nil {
      alert(
        draft.line,
        "Proxy '\(draft.name)': unable to find required default_backend: '\(backend)'.")
    }
    let client = draft.limit("client") ?? .forever
    let request = draft.limit("http-request") ?? client
    result.frontends.append(
      .init(
        name: draft.name, iid: iid, binds: draft.binds,
        maxconn: draft.maxconn.flatMap { $0 == 0 ? nil : $0 } ?? global.maxconn,
        defaultBackend: target.map(BackendID.init), connectionMode: draft.connectionMode,
        forwardFor: draft.forwardFor, httpLog: draft.httpLog, dontLogNull: draft.dontLogNull,
        logs: !targets(draft).isEmpty, clientTimeout: client, requestTimeout: request,
        keepAliveTimeout: draft.limit("http-keep-alive") ?? request))
  }

  func targets(_ draft: ProxyDraft) -> [LogTarget] {
    (draft.logs ? global.log : []) + draft.logTargets
  }

  private mutating func judge(_ draft: ProxyDraft) {
    if draft.mode != "http" {
      alert(
        draft.line,
        "\(draft.kind) is in mode tcp, which is the default of HAProxy and not supported yet; "
          + "write 'mode http' here or in 'defaults'.")
    }
    if draft.section != .backend, draft.binds.isEmpty {
      warn(
        draft.line,
        "\(draft.kind) has no 'bind' directive. Please declare it as a backend if this was "
          + "intended.")
    }
    if draft.section != .backend, !draft.httpLog, !targets(draft).isEmpty {
      warn(
        draft.line,
        "\(draft.kind) logs without 'option httplog'; the lines will have that format, the only "
          + "one there is so far.")
    }
    judgeTLS(draft)
    if draft.section != .frontend, draft.check.hasSend, !draft.check.isEnabled {
      warn(
        draft.line,
        "\(draft.kind) uses http-check rules without 'option httpchk', so the rules are ignored.")
    }
    let needed =
      (draft.section != .backend ? ["client"] : [])
      + (draft.section != .frontend && !draft.servers.isEmpty ? ["connect", "server"] : [])
    if needed.contains(where: { draft.limit($0) == nil }) {
      warn(
        draft.line,
        "missing timeouts for \(draft.kind). While not properly invalid, you will certainly "
          + "encounter various problems with such a configuration. To fix this, please ensure "
          + "that all following timeouts are set to a non-zero value: 'client', 'connect', "
          + "'server'.")
    }
  }
}

extension ProxyDraft {
  /// A timeout; 0 is the same as none.
  fileprivate func limit(_ name: String) -> Interval? {
    timeouts[name].flatMap { $0 == .zero ? nil : $0 }
  }
}

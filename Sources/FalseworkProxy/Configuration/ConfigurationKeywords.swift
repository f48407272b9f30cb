// SPDX-License-Identifier: Apache-2.0

/// Every keyword of HAProxy 2.6 (and `init-state` of 3.1), and what becomes of it.
///
/// `specs/proxy-keywords.md` lists the same and is held to this table by a test.
package enum ConfigurationKeywords {
  package enum Fate: String, CaseIterable, Sendable {
    /// It does what HAProxy does.
    case executed
    /// It has no effect here that a client could see: process ownership, tuning of memory.
    case accepted
    /// HAProxy knows it, this program does not yet; a configuration with it is refused.
    case unsupported
  }

  package enum Section: String, CaseIterable, Sendable {
    case global, defaults, frontend, backend, listen
    /// Parameters of a `server` or `default-server` line.
    case server
    /// Parameters of a `bind` line.
    case bind

    /// It stands at the start of a line.
    var isWritten: Bool { self != .server && self != .bind }
    var isProxy: Bool { isWritten && self != .global }
    static let written = allCases.filter(\.isWritten)
  }

  package struct Entry: Sendable {
    package var keyword: String
    package var fate: Fate
    package var sections: [Section]
  }

  private static func entries(
    _ fate: Fate, _ sections: [Section], _ keywords: String
  ) -> [Entry] {
    keywords.split { $0 == "," || $0 == "\n" }.compactMap {
      let words = $0.split(separator: " ")
      if words.isEmpty { return nil }
      return Entry(keyword: words.joined(separator: " "), fate: fate, sections: sections)
    }
  }

  private static let proxies: [Section] = [.defaults, .frontend, .backend, .listen]
  private static let ownProxies: [Section] = [.frontend, .backend, .listen]
  private static let fronts: [Section] = [.defaults, .frontend, .listen]
  private static let backs: [Section] = [.defaults, .backend, .listen]

  package static let all: [Entry] =
    global + proxy + frontend + backend + serverParameters + bindParameters

  private static let global =
    entries(.executed, [.global], "maxconn, stats socket, stats timeout, log, ca-base, crt-base")
    + entries(.accepted, [.global], acceptedGlobal)
    + entries(.unsupported, [.global], unsupportedGlobal)

  private static let proxy =
    entries(
      .executed, proxies,
      """
      mode, log, option httplog, option http-keep-alive, option http-server-close,
      option httpclose, option forwardfor, http-request, http-response, http-after-response,
      errorfile, timeout tarpit, stats enable, stats uri, stats realm, stats auth, stats refresh,
      stats show-desc, stats show-node, stats hide-version
      """)
    + entries(.executed, ownProxies, "acl, redirect, stats admin")
    + entries(.accepted, proxies, "stats show-legends, stats show-modules")
    + entries(.accepted, proxies, "option tcpka")
    + entries(.accepted, ownProxies, "description")
    + entries(.unsupported, proxies, unsupportedProxy)
    + entries(
      .unsupported, ownProxies,
      "id, stats http-request, filter, declare capture")

  private static let frontend =
    entries(
      .executed, fronts,
      """
      maxconn, option dontlognull, default_backend, timeout client, timeout http-request,
      timeout http-keep-alive, monitor-uri
      """)
    + entries(.executed, [.frontend, .listen], "bind, use_backend, monitor fail, capture")
    + entries(.accepted, fronts, "option clitcpka")
    + entries(.unsupported, fronts, unsupportedFrontend)
    + entries(.unsupported, [.frontend], "stick-table")

  private static let backend =
    entries(
      .executed, backs,
      """
      balance, hash-type, option allbackups, fullconn, http-reuse, retry-on, option abortonclose,
      retries, option redispatch, option httpchk, timeout connect, timeout server, timeout queue,
      timeout check, default-server, http-check send, http-check expect,
      http-check disable-on-404, option log-health-checks, option persist, cookie
      """)
    + entries(
      .executed, [.backend, .listen],
      "server, stick-table, stick on, stick match, stick store-request, stick store-response")
    + entries(.accepted, backs, "option srvtcpka")
    + entries(.unsupported, backs, unsupportedBackend)
    + entries(
      .unsupported, [.backend, .listen],
      """
      server-template, use-server, force-persist,
      ignore-persist, server-state-file-name, dispatch, use-fcgi-app
      """)

  private static let serverParameters =
    entries(
      .executed, [.server],
      """
      check, no-check, cookie, inter, fastinter, downinter, rise, fall, port, addr, weight, maxconn,
      minconn, maxqueue, slowstart, on-marked-down, on-marked-up, backup, no-backup, disabled,
      enabled, pool-purge-delay, pool-max-conn, pool-low-conn, observe, error-limit, on-error,
      track, ssl, no-ssl, check-ssl, no-check-ssl, ssl-reuse, no-ssl-reuse, tls-tickets,
      no-tls-tickets, alpn, ca-file, check-sni, ciphers, ciphersuites, crt, sni, ssl-max-ver,
      ssl-min-ver, verify, verifyhost, send-proxy, no-send-proxy, send-proxy-v2,
      no-send-proxy-v2, check-send-proxy, no-check-send-proxy, init-state
      """)
    + entries(.accepted, [.server], "max-reuse, no-sslv3, check-alpn")
    + entries(.unsupported, [.server], unsupportedServer)

  private static let bindParameters =
    entries(
      .executed, [.bind],
      """
      ssl, crt, ca-file, verify, alpn, ciphers, ciphersuites, ssl-min-ver, ssl-max-ver,
      no-tls-tickets, prefer-client-ciphers, strict-sni, accept-proxy
      """)
    + entries(.accepted, [.bind], "name, tfo, defer-accept, no-sslv3")
    + entries(.unsupported, [.bind], unsupportedBind)

  /// Sections that HAProxy has and this program does not.
  package static let unsupportedSections = [
    "peers", "resolvers", "userlist", "mailers", "cache", "ring", "program", "http-errors",
    "fcgi-app",
  ]

  private struct Place: Hashable {
    var keyword: String
    var section: Section
  }

  private static let fates: [Place: Fate] = {
    var result: [Place: Fate] = [:]
    for entry in all {
      for section in entry.sections {
        let old = result.updateValue(
          entry.fate, forKey: Place(keyword: entry.keyword, section: section))
        precondition(old == nil, "\(entry.keyword) stands twice for \(section)")
      }
    }
    return result
  }()

  static func fate(of keyword: String, in section: Section) -> Fate? {
    fates[Place(keyword: keyword, section: section)]
  }

  static func sections(of keyword: String) -> Set<Section> {
    Set(Section.allCases.filter { fate(of: keyword, in: $0) != nil })
  }

  /// Keywords of a section that this program takes, for suggestions.
  static func taken(in section: Section) -> [String] {
    all.filter { $0.fate != .unsupported && $0.sections.contains(section) }.map(\.keyword)
  }
}

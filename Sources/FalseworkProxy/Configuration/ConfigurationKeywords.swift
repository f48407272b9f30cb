// SPDX-License-Identifier: Apache-2.0

/// Every keyword of HAProxy 2.6 that a configuration of this kind meets, and what becomes of it.
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
  }

  package struct Entry: Sendable {
    package var keyword: String
    package var fate: Fate
    package var sections: [Section]
  }

  private static func entries(
    _ fate: Fate, _ sections: [Section], _ keywords: String
  ) -> [Entry] {
    keywords.split { $0 == "," || $0 == "\n" }.map {
      let words = $0.split(separator: " ")
      return Entry(keyword: words.joined(separator: " "), fate: fate, sections: sections)
    }
  }

  private static let proxies: [Section] = [.defaults, .frontend, .backend, .listen]
  private static let fronts: [Section] = [.defaults, .frontend, .listen]
  private static let backs: [Section] = [.defaults, .backend, .listen]

  package static let all: [Entry] =
    entries(.executed, [.global], "maxconn, stats socket, stats timeout, log")
    + entries(
      .accepted, [.global],
      """
      daemon, user, group, uid, gid, chroot, pidfile, nbthread, description, node, quiet, ca-base,
      crt-base, ulimit-n, tune.bufsize, tune.maxrewrite, tune.http.maxhdr, tune.ssl.default-dh-param,
      ssl-default-bind-options, ssl-default-bind-ciphers, ssl-default-bind-ciphersuites,
      ssl-default-server-options, ssl-default-server-ciphers, ssl-default-server-ciphersuites
      """)
    + entries(
      .unsupported, [.global],
      """
      spread-checks, max-spread-checks, hard-stop-after, grace, server-state-file,
      server-state-base, lua-load, setenv, presetenv, master-worker, nbproc, cpu-map,
      close-spread-time, log-tag, log-send-hostname
      """)
    + entries(.executed, proxies, "mode, log, option httplog, option http-keep-alive")
    + entries(
      .executed, proxies, "option http-server-close, option httpclose, option forwardfor")
    + entries(.executed, fronts, "maxconn, option dontlognull, default_backend, timeout client")
    + entries(.executed, fronts, "timeout http-request, timeout http-keep-alive")
    + entries(.executed, [.frontend, .listen], "bind")
    + entries(.executed, backs, "balance, retries, option redispatch, option httpchk")
    + entries(.executed, backs, "timeout connect, timeout server, timeout queue, timeout check")
    + entries(.executed, backs, "default-server, http-check send")
    + entries(.executed, [.backend, .listen], "server, stick-table, stick store-request")
    + entries(.accepted, proxies, "option tcpka, option clitcpka, option srvtcpka, description")
    + entries(
      .unsupported, proxies,
      """
      acl, http-request, http-response, http-after-response, redirect, errorfile, errorfiles,
      errorloc, stats enable, stats uri, stats realm, stats auth, stats refresh, stats admin,
      stats show-legends, stats hide-version, option abortonclose, option http-buffer-request,
      option tcplog, option logasap, option dontlog-normal, option log-separate-errors,
      option log-health-checks, option http-pretend-keepalive, option http-no-delay,
      option accept-invalid-http-request, option accept-invalid-http-response, disabled, enabled,
      id, unique-id-format, compression, filter, tcp-request, tcp-response, log-format, log-tag,
      timeout tunnel, timeout tarpit, timeout client-fin, timeout server-fin
      """)
    + entries(
      .unsupported, fronts,
      "use_backend, monitor-uri, monitor fail, backlog, capture, rate-limit sessions, bind-process")
    + entries(
      .unsupported, backs,
      """
      cookie, hash-type, http-reuse, retry-on, http-check expect, http-check disable-on-404,
      http-check send-state, http-check connect, option tcp-check, tcp-check, option persist,
      option allbackups, option prefer-last-server, fullconn, use-server, server-template,
      stick on, stick match, stick store-response, force-persist, ignore-persist,
      http-send-name-header, load-server-state-from-file, option external-check, option pgsql-check,
      option mysql-check, option redis-check, option smtpchk, option ldap-check, option ssl-hello-chk,
      source, dispatch
      """)
    + entries(
      .executed, [.server],
      """
      check, no-check, inter, fastinter, downinter, rise, fall, port, addr, weight, maxconn,
      maxqueue, backup, no-backup, disabled, enabled, pool-purge-delay, pool-max-conn
      """)
    + entries(
      .unsupported, [.server],
      """
      cookie, minconn, slowstart, on-marked-down, on-marked-up, observe, error-limit, on-error,
      track, ssl, verify, ca-file, crt, sni, alpn, check-ssl, check-sni, agent-check, agent-port,
      agent-inter, agent-addr, agent-send, resolvers, init-addr, send-proxy, send-proxy-v2, source,
      proto, tcp-ut, redir, non-stick, id, pool-low-conn, max-reuse, init-state, check-send-proxy
      """)
    + entries(.accepted, [.bind], "name, tfo, defer-accept")
    + entries(
      .unsupported, [.bind],
      "ssl, crt, alpn, ca-file, verify, ssl-min-ver, accept-proxy, maxconn, id, interface, mode")

  /// Sections that HAProxy has and this program does not.
  package static let unsupportedSections = [
    "peers", "resolvers", "userlist", "mailers", "cache", "ring", "program", "http-errors",
    "fcgi-app",
  ]

  static func fate(of keyword: String, in section: Section) -> Fate? {
    all.first { $0.keyword == keyword && $0.sections.contains(section) }?.fate
  }

  /// Keywords of a section that this program takes, for suggestions.
  static func taken(in section: Section) -> [String] {
    all.filter { $0.fate != .unsupported && $0.sections.contains(section) }.map(\.keyword)
  }
}

// SPDX-License-Identifier: Apache-2.0

/// The long lists of the table, and what is true of a keyword whatever it does.
extension ConfigurationKeywords {
  static let acceptedGlobal = """
    daemon, quiet, user, group, uid, gid, chroot, pidfile, nbthread, description, node,
    ulimit-n, tune.bufsize, tune.maxrewrite, tune.http.maxhdr, tune.ssl.default-dh-param,
    ssl-default-bind-options, ssl-default-bind-ciphers, ssl-default-bind-ciphersuites,
    ssl-default-server-options, ssl-default-server-ciphers, ssl-default-server-ciphersuites
    """

  static let unsupportedGlobal = """
    spread-checks, max-spread-checks, hard-stop-after, grace, server-state-file,
    server-state-base, lua-load, lua-load-per-thread, lua-prepend-path, setenv, presetenv,
    resetenv, unsetenv, master-worker, mworker-max-reloads, nbproc, cpu-map, close-spread-time,
    log-tag, log-send-hostname, localpeer, stats maxconn, stats bind-process, maxconnrate,
    maxcomprate, maxcompcpuusage, maxpipes, maxsessrate, maxsslconn, maxsslrate, maxzlibmem,
    noepoll, nokqueue, noevports, nopoll, nosplice, nogetaddrinfo, noreuseport,
    external-check, insecure-fork-wanted, insecure-setuid-wanted, strict-limits, zero-warning,
    busy-polling, set-dumpable, numa-cpu-mapping, unix-bind, default-path, set-var, set-var-fmt,
    h1-accept-payload-with-any-method, h1-case-adjust, h1-case-adjust-file,
    httpclient.resolvers.id, httpclient.resolvers.prefer, httpclient.ssl.ca-file,
    httpclient.ssl.verify, issuers-chain-path, no-memory-trimming, pp2-never-send-local,
    profiling.tasks, ssl-default-bind-curves, ssl-dh-param-file,
    ssl-load-extra-del-ext, ssl-load-extra-files, ssl-mode-async, ssl-propquery,
    ssl-provider, ssl-provider-path, ssl-server-verify, ssl-skip-self-issued-ca, thread-group,
    thread-groups, tune.buffers.limit, tune.buffers.reserve,
    tune.comp.maxlevel, tune.fail-alloc, tune.fd.edge-triggered, tune.h2.header-table-size,
    tune.h2.initial-window-size, tune.h2.max-concurrent-streams, tune.h2.max-frame-size,
    tune.http.cookielen, tune.http.logurilen, tune.idle-pool.shared, tune.idletimer,
    tune.listener.multi-queue, tune.lua.forced-yield, tune.lua.maxmem,
    tune.lua.service-timeout, tune.lua.session-timeout, tune.lua.task-timeout, tune.maxaccept,
    tune.maxpollevents, tune.pattern.cache-size, tune.peers.max-updates-at-once, tune.pipesize,
    tune.pool-high-fd-ratio, tune.pool-low-fd-ratio, tune.rcvbuf.client, tune.rcvbuf.server,
    tune.recv_enough, tune.runqueue-depth, tune.sched.low-latency, tune.sndbuf.client,
    tune.sndbuf.server, tune.ssl.cachesize, tune.ssl.capture-buffer-size,
    tune.ssl.capture-cipherlist-size, tune.ssl.force-private-cache, tune.ssl.hard-maxrecord,
    tune.ssl.keylog, tune.ssl.lifetime, tune.ssl.maxrecord, tune.ssl.ssl-ctx-cache-size,
    tune.vars.check-max-size, tune.vars.global-max-size, tune.vars.proc-max-size,
    tune.vars.reqres-max-size, tune.vars.sess-max-size, tune.vars.txn-max-size
    """

  static let unsupportedProxy = """
    errorfiles, errorloc,
    errorloc302, errorloc303, http-error, stats scope, option http-buffer-request, option http-no-delay,
    option independent-streams, option nolinger, option splice-auto, option splice-request,
    option splice-response, option tcplog, option originalto, disabled, enabled,
    compression, tcp-request, tcp-response, log-tag, unique-id-format,
    unique-id-header
    """

  static let unsupportedFrontend = """
    monitor-net, backlog, rate-limit, bind-process, log-format,
    log-format-sd, error-log-format, clitcpka-cnt, clitcpka-idle, clitcpka-intvl,
    timeout client-fin, option accept-invalid-http-request, option contstats,
    option disable-h2-upgrade, option dontlog-normal, option h1-case-adjust-bogus-client,
    option http-ignore-probes, option http-use-proxy-header, option httpslog,
    option idle-close-on-response, option log-separate-errors, option logasap,
    option socket-stats, option tcp-smart-accept
    """

  static let unsupportedBackend = """
    hash-balance-factor, http-check send-state, http-check connect, http-check comment,
    http-check set-var, http-check set-var-fmt, http-check unset-var, tcp-check,
    max-keep-alive-queue, http-send-name-header, load-server-state-from-file, external-check,
    email-alert, dynamic-cookie-key, srvtcpka-cnt, srvtcpka-idle, srvtcpka-intvl,
    timeout server-fin, timeout tunnel, source, 
    option accept-invalid-http-response, option checkcache,
    option external-check, option h1-case-adjust-bogus-server, option http-pretend-keepalive,
    option ldap-check, option mysql-check,
    option pgsql-check, option prefer-last-server, option redis-check, option smtpchk,
    option spop-check, option ssl-hello-chk, option tcp-check, option tcp-smart-connect,
    option transparent
    """

  /// Parameters without a value.
  private static let unsupportedServerFlags = """
    agent-check, allow-0rtt, check-via-socks4, force-sslv3, force-tlsv10,
    force-tlsv11, force-tlsv12, force-tlsv13, no-agent-check,
    no-send-proxy-v2-ssl, no-send-proxy-v2-ssl-cn, no-tfo,
    no-tlsv10, no-tlsv11, no-tlsv12, no-tlsv13, non-stick,
    send-proxy-v2-ssl, send-proxy-v2-ssl-cn, stick, tfo, usesrc
    """

  static let unsupportedServer =
    unsupportedServerFlags + ",\n" + """
      agent-addr, agent-inter, agent-port, agent-send, check-proto, crl-file, id,
      init-addr, log-proto, namespace, npn, proto, proxy-v2-options, redir,
      resolve-net, resolve-opts, resolve-prefer, resolvers, socks4, source, tcp-ut, ws
      """

  private static let unsupportedBindFlags = """
    allow-0rtt, force-sslv3, force-tlsv10, force-tlsv11, force-tlsv12,
    force-tlsv13, generate-certificates, no-ca-names, no-tlsv10, no-tlsv11, no-tlsv12,
    no-tlsv13, transparent, v4v6, v6only
    """

  static let unsupportedBind =
    unsupportedBindFlags + ",\n" + """
      accept-netscaler-cip, backlog, ca-ignore-err, ca-sign-file, ca-sign-pass, ca-verify-file,
      crl-file, crt-ignore-err, crt-list, curves, ecdhe, expose-fd, gid, group, id, interface,
      level, maxconn, mode, mss, namespace, nice, npn, process, proto, severity-output, shards,
      tcp-ut, thread, tls-ticket-keys, uid, user
      """

  private static func set(_ list: String) -> Set<String> {
    Set(list.split { ", \n".contains($0) }.map(String.init))
  }

  private static let flags: [Section: Set<String>] = [
    .server: set(unsupportedServerFlags).union([
      "check", "no-check", "backup", "no-backup", "disabled", "enabled", "ssl", "no-ssl",
      "check-ssl", "no-check-ssl", "ssl-reuse", "no-ssl-reuse", "tls-tickets", "no-tls-tickets",
      "no-sslv3", "send-proxy", "no-send-proxy", "send-proxy-v2", "no-send-proxy-v2",
      "check-send-proxy", "no-check-send-proxy",
    ]),
    .bind: set(unsupportedBindFlags).union([
      "tfo", "defer-accept", "ssl", "no-tls-tickets", "prefer-client-ciphers", "strict-sni",
      "no-sslv3", "accept-proxy",
    ]),
  ]

  /// A parameter of a `server` or `bind` line that is followed by its value.
  static func takesValue(_ parameter: String, in section: Section) -> Bool {
    flags[section]?.contains(parameter) == false
  }

  /// Options without an argument of their own, `option redispatch` and `log` can be taken back
  /// (configuration manual, 2.6 of chapter 4: `no option …`).
  static func mayBeNegated(_ keyword: String) -> Bool {
    let fixed = [
      "option httpchk", "option httplog", "option forwardfor", "option tcpka", "option tcplog",
      "option originalto", "option tcp-check", "option smtpchk", "option mysql-check",
      "option pgsql-check", "option redis-check", "option ldap-check", "option spop-check",
      "option ssl-hello-chk", "option external-check", "option httpslog",
    ]
    return keyword == "log" || keyword.hasPrefix("option ") && !fixed.contains(keyword)
  }

  private static let integers: Set = [
    "nbthread", "ulimit-n", "uid", "gid", "tune.bufsize", "tune.maxrewrite", "tune.http.maxhdr",
    "tune.ssl.default-dh-param",
  ]

  private static let bare: Set = [
    "daemon", "quiet", "stats show-legends", "stats show-modules",
  ]

  /// An accepted keyword is still read: a mistake in it is as likely a typing error as any other.
  static func checkAccepted(
    _ name: String, _ arguments: [String]
  ) throws(ConfigurationFault) {
    if bare.contains(name) || name.hasPrefix("option ") {
      guard let first = arguments.first else { return }
      throw ConfigurationFault(message: "'\(name)' cannot handle unexpected argument '\(first)'.")
    }
    if integers.contains(name) {
      _ = try ConfigurationValues.integer(arguments.first, in: 0...Int.max, of: name)
    } else if arguments.isEmpty {
      throw ConfigurationFault(message: "'\(name)' expects an argument.")
    }
  }
}

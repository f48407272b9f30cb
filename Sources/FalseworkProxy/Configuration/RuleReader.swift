// SPDX-License-Identifier: Apache-2.0

/// Reads the actions of `http-request`, `http-response` and `http-after-response` (configuration
/// manual, 4.2).
struct RuleReader {
  /// The keyword in front.
  let list: String
  /// Captures so far.
  let slots: Int

  /// Nil for an action without effect here.
  func action(
    _ name: String, _ words: [String]
  ) throws(ConfigurationFault) -> RuleSet.Action? {
    guard Self.lists[name]?.contains(list) == true else {
      if let known = Self.known.first(where: { name == $0 || name.hasPrefix($0 + "(") }) {
        throw ConfigurationFault(message: "'\(known)' is known to HAProxy but not supported yet")
      }
      if name.hasPrefix("set-var") || name.hasPrefix("unset-var") {
        return try variable(name, words)
      }
      if name.hasPrefix("track-sc") { return try track(name, words) }
      throw ConfigurationFault(message: "unknown action '\(name)'")
    }
    if let action = try reply(name, words) { return action }
    if let action = try field(name, words) { return action }
    return try target(name, words)
  }

  private static let all: Set = ["http-request", "http-response", "http-after-response"]
  private static let ofRequests: Set = ["http-request"]
  private static let ofServers: Set = ["http-request", "http-response"]

  private static let lists: [String: Set<String>] = [
    "allow": all, "deny": ofServers, "tarpit": ofRequests, "return": ofRequests,
    "redirect": ofRequests, "reject": ofRequests, "set-header": all, "add-header": all,
    "del-header": all, "replace-header": all, "replace-value": all, "set-path": ofRequests,
    "set-pathq": ofRequests, "replace-path": ofRequests, "replace-pathq": ofRequests,
    "set-query": ofRequests, "set-uri": ofRequests, "replace-uri": ofRequests,
    "set-method": ofRequests, "set-status": ["http-response", "http-after-response"],
    "set-log-level": ofServers, "capture": ofServers, "use-service": ofRequests,
  ]

  /// Actions of HAProxy 2.6 that this program has not.
  private static let known = [
    "add-acl", "auth", "cache-store", "cache-use", "del-acl", "del-map", "disable-l7-retry",
    "do-resolve", "early-hint", "lua", "normalize-uri", "sc-add-gpc", "sc-inc-gpc", "sc-inc-gpc0",
    "sc-inc-gpc1", "sc-set-gpt", "sc-set-gpt0", "send-spoe-group", "set-bandwidth-limit",
    "set-dst", "set-dst-port", "set-map", "set-mark", "set-nice", "set-priority-class",
    "set-priority-offset", "set-src", "set-src-port", "set-timeout", "set-tos", "silent-drop",
    "strict-mode", "wait-for-body", "wait-for-handshake", "deny", "return", "redirect",
  ]

  // MARK: Answers

  private func reply(
    _ name: String, _ words: [String]
  ) throws(ConfigurationFault) -> RuleSet.Action? {
    switch name {
    case "allow": return .allow
    case "reject": return .reject
    case "deny":
      return .deny(
        try reply(words, status: list == "http-response" ? 502 : 403, always: .badGateway))
    case "tarpit": return .tarpit(try reply(words, status: 500, always: .internalError))
    case "return": return .reply(try reply(words, status: 200, always: nil))
    case "use-service":
      guard words == ["prometheus-exporter"] else {
        throw ConfigurationFault(message: "the only service is 'prometheus-exporter'")
      }
      return .exportFigures
    case "redirect": return .redirect(try RedirectReader.redirect(words))
    default: return nil
    }
  }

  /// - Parameter page: not nil if the proxy's own page of the status is meant where nothing else is
  ///   said.
  private func reply(
    _ words: [String], status: Int, always page: ProxyPage?
  ) throws(ConfigurationFault) -> RuleSet.Reply {
    var reply = RuleSet.Reply(status: status)
    var usesPage = page != nil
    var hasContent = false
    var rest = words[...]
    func value(_ word: String, _ rest: inout ArraySlice<String>) throws(ConfigurationFault)
      -> String
    {
      guard let value = rest.popFirst() else {
        throw ConfigurationFault(message: "'\(word)' expects an argument")
      }
      return value
    }
    while let word = rest.popFirst() {
      switch word {
      case "status", "deny_status":
        let text = try value(word, &rest)
        guard let number = Int(text), (200...599).contains(number) else {
          throw ConfigurationFault(
            message: "'status' expects an integer from 200 to 599 (got '\(text)')")
        }
        reply.status = number
      case "content-type": reply.contentType = Array(try value(word, &rest).utf8)
      case "default-errorfiles": usesPage = true
      case "string":
        hasContent = true
        reply.body = FormatText([.bytes(Array(try value(word, &rest).utf8))])
      case "lf-string":
        hasContent = true
        reply.body = try SampleReader.format(try value(word, &rest))
      case "hdr":
        let name = try value(word, &rest)
        reply.fields.append(
          (Array(name.lowercased().utf8), try SampleReader.format(try value(word, &rest))))
        hasContent = true
      case "errorfile", "errorfiles", "file", "lf-file":
        throw ConfigurationFault(message: "'\(word)' is known to HAProxy but not supported yet")
      default: throw ConfigurationFault(message: "unknown keyword '\(word)'")
      }
    }
    if usesPage, !hasContent {
      guard let page = ProxyPage(rawValue: reply.status) else {
        throw ConfigurationFault(
          message: "status code '\(reply.status)' not handled by default with 'default-errorfiles' "
            + "argument.")
      }
      reply.page = page
    }
    return reply
  }

  // MARK: Fields

  private func field(
    _ name: String, _ words: [String]
  ) throws(ConfigurationFault) -> RuleSet.Action? {
    func named() throws(ConfigurationFault) -> [UInt8] {
      guard let field = words.first, !field.isEmpty else {
        throw ConfigurationFault(message: "expects at least a header name")
      }
      let bytes = Array(field.lowercased().utf8)
      guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }) else {
        throw ConfigurationFault(message: "'\(field)' is no header name")
      }
      if ["content-length", "transfer-encoding"].contains(field.lowercased()) {
        throw ConfigurationFault(
          message: "'\(field)' frames the message, and changing it is not supported")
      }
      return bytes
    }
    switch name {
    case "set-header", "add-header":
      let field = try named()
      let format = try SampleReader.format(try only(words, 2, "a header name and a value")[1])
      return name == "set-header" ? .setField(field, format) : .addField(field, format)
    case "del-header":
      let field = try named()
      guard words.count > 1 else { return .removeField(.whole, field) }
      guard words.count == 3, words[1] == "-m" else {
        throw ConfigurationFault(
          message: "'del-header' only takes '-m' and a method behind the name")
      }
      if words[2] == "reg" {
        return .removeFields(try BytePattern(words[0], ignoringCase: true))
      }
      guard let position = Condition.Position(rawValue: words[2]) else {
        throw ConfigurationFault(message: "unknown match method '\(words[2])'")
      }
      return .removeField(position, field)
    case "replace-header", "replace-value":
      let field = try named()
      let all = try only(words, 3, "a header name, a regex and a replacement")
      return .replaceInField(
        field, try BytePattern(all[1], ignoringCase: false), try SampleReader.format(all[2]),
        eachValue: name == "replace-value")
    default: return nil
    }
  }

  private func only(
    _ words: [String], _ count: Int, _ what: String
  ) throws(ConfigurationFault) -> [String] {
    guard words.count == count else { throw ConfigurationFault(message: "expects \(what)") }
    return words
  }

  // MARK: Target, status, log

  private func target(
    _ name: String, _ words: [String]
  ) throws(ConfigurationFault) -> RuleSet.Action? {
    func format() throws(ConfigurationFault) -> FormatText {
      try SampleReader.format(try only(words, 1, "exactly 1 argument")[0])
    }
    func replacement() throws(ConfigurationFault) -> (BytePattern, FormatText) {
      let both = try only(words, 2, "exactly 2 arguments <match-regex> and <replace-format>")
      return (try BytePattern(both[0], ignoringCase: false), try SampleReader.format(both[1]))
    }
    switch name {
    case "set-path": return .setPath(try format())
    case "set-pathq": return .setPathAndQuery(try format())
    case "set-query": return .setQuery(try format())
    case "set-uri": return .setURI(try format())
    case "set-method": return .setMethod(try format())
    case "replace-path", "replace-pathq":
      let (pattern, text) = try replacement()
      return .replacePath(pattern, text, withQuery: name == "replace-pathq")
    case "replace-uri":
      let (pattern, text) = try replacement()
      return .replaceURI(pattern, text)
    case "set-status":
      guard let status = words.first.flatMap({ Int($0) }), (100...999).contains(status) else {
        throw ConfigurationFault(message: "expects an integer status code between 100 and 999")
      }
      let reason = words.count == 3 && words[1] == "reason" ? Array(words[2].utf8) : nil
      guard words.count == 1 || reason != nil else {
        throw ConfigurationFault(message: "expects 'reason' and a text behind the status")
      }
      return .setStatus(status, reason)
    case "set-log-level":
      let levels = [
        "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug", "silent",
      ]
      guard words.count == 1, levels.contains(words[0]) else {
        throw ConfigurationFault(message: "expects a log level or 'silent'")
      }
      return .setLogLevel(isSilent: words[0] == "silent")
    case "capture": return try capture(words)
    default: return nil
    }
  }

  private func capture(_ words: [String]) throws(ConfigurationFault) -> RuleSet.Action {
    guard words.count == 3, let number = Int(words[2]), number >= 0 else {
      throw ConfigurationFault(message: "expects <sample> len <length>, or <sample> id <number>")
    }
    let sample = try SampleReader.sample(words[0])
    switch words[1] {
    case "len" where list == "http-request": return .capture(sample, slot: -1, length: number)
    case "id": return .capture(sample, slot: number, length: 1_024)
    default: throw ConfigurationFault(message: "expects 'len' or 'id' (got '\(words[1])')")
    }
  }

  /// `set-var(txn.x) expr`, `set-var-fmt(txn.x) format`, `unset-var(txn.x)`.
  private func variable(
    _ name: String, _ words: [String]
  ) throws(ConfigurationFault) -> RuleSet.Action {
    let call = try SampleReader.calls(name)[0]
    guard let full = call.arguments.first else {
      throw ConfigurationFault(message: "'\(call.name)' expects a variable's name in parentheses")
    }
    let variable = try SampleReader.variable(full)
    switch call.name {
    case "unset-var": return .unsetVariable(variable)
    case "set-var":
      return .setVariable(
        variable, FormatText([.sample(try SampleReader.sample(words.joined()))]))
    case "set-var-fmt":
      return .setVariable(
        variable, try SampleReader.format(try only(words, 1, "exactly 1 argument")[0]))
    default: throw ConfigurationFault(message: "unknown action '\(name)'")
    }
  }

  /// `track-sc0 src table t`.
  private func track(
    _ name: String, _ words: [String]
  ) throws(ConfigurationFault) -> RuleSet.Action {
    guard list == "http-request", let slot = Int(name.dropFirst("track-sc".count)),
      (0...2).contains(slot)
    else { throw ConfigurationFault(message: "unknown action '\(name)'") }
    guard let first = words.first else {
      throw ConfigurationFault(message: "'\(name)' expects a key")
    }
    guard words.count == 1 || words.count == 3 && words[1] == "table" else {
      throw ConfigurationFault(message: "'\(name)' only takes 'table' and a name behind the key")
    }
    return .track(
      slot: slot, try SampleReader.sample(first), table: words.count == 3 ? words[2] : nil)
  }
}

/// Reads what stands behind `redirect`.
enum RedirectReader {
  static func redirect(_ words: [String]) throws(ConfigurationFault) -> RuleSet.Redirect {
    var target: RuleSet.Redirect.Target?
    var redirect = RuleSet.Redirect(target: .location(FormatText([])))
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "drop-query": redirect.dropsQuery = true
      case "append-slash": redirect.appendsSlash = true
      case "location", "prefix", "scheme", "code", "set-cookie", "clear-cookie":
        guard let value = rest.popFirst() else {
          throw ConfigurationFault(message: "missing argument for '\(word)'")
        }
        switch word {
        case "location": target = .location(try SampleReader.format(value))
        case "prefix": target = .prefix(try SampleReader.format(value))
        case "scheme": target = .scheme(try SampleReader.format(value))
        case "code":
          guard let code = Int(value), [301, 302, 303, 307, 308].contains(code) else {
            throw ConfigurationFault(
              message: "'code': unsupported HTTP code '\(value)' (must be one of 301, 302, 303, "
                + "307 or 308)")
          }
          redirect.code = code
        case "set-cookie": redirect.cookie = Array("\(value); path=/;".utf8)
        default: redirect.cookie = Array("\(value); path=/; Max-Age=0;".utf8)
        }
      default:
        throw ConfigurationFault(
          message: "expects 'code', 'prefix', 'location', 'scheme', 'set-cookie', 'clear-cookie', "
            + "'drop-query' or 'append-slash' (was '\(word)')")
      }
    }
    guard let target else {
      throw ConfigurationFault(
        message: "redirection type expected ('prefix', 'location', or 'scheme')")
    }
    redirect.target = target
    return redirect
  }
}

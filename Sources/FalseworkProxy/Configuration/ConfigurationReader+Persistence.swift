// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// A `stick` line before names are resolved.
struct StickDraft {
  var rule: StickRule
  var table: String?
  var line: Int
}

/// `cookie`, `stick-table` and `stick`.
extension ConfigurationReader {
  func cookie(_ arguments: [String]) throws(ConfigurationFault) -> CookiePersistence {
    guard let name = arguments.first else {
      throw ConfigurationFault(message: "'cookie' expects <cookie_name> as argument.")
    }
    var cookie = CookiePersistence(name: Array(name.utf8))
    var rest = arguments.dropFirst()
    var modes: [CookiePersistence.Mode] = []
    func value(_ word: String) throws(ConfigurationFault) -> String {
      guard let value = rest.popFirst() else {
        throw ConfigurationFault(message: "'\(word)' expects an argument.")
      }
      return value
    }
    var domains = ""
    var flags = ""
    var attributes: [String] = []
    while let word = rest.popFirst() {
      switch word {
      case "rewrite", "insert", "prefix": modes.append(.init(rawValue: word)!)
      case "indirect": cookie.isIndirect = true
      case "nocache": cookie.forbidsCaches = true
      case "postonly": cookie.onlyPosts = true
      case "preserve": cookie.preserves = true
      case "httponly": flags = "; HttpOnly" + flags
      case "secure": flags += "; Secure"
      case "domain":
        let domain = try value(word)
        domains += domains.isEmpty ? "; domain=\(domain)" : "; domain=\(domain)"
      case "attr": attributes.append(try value(word))
      case "maxidle", "maxlife":
        let seconds = try ConfigurationValues.seconds(try value(word), "in argument to '\(word)'")
        if word == "maxidle" { cookie.maxIdle = seconds } else { cookie.maxLife = seconds }
      case "dynamic": throw unsupported("cookie … dynamic", "give servers their cookies")
      default:
        throw ConfigurationFault(
          message: "'cookie' supports 'rewrite', 'insert', 'prefix', 'indirect', 'nocache', "
            + "'postonly', 'domain', 'maxidle', 'dynamic', 'maxlife' and 'attr' options.")
      }
    }
    guard modes.count <= 1 else {
      throw ConfigurationFault(
        message: "cookie 'rewrite', 'insert' and 'prefix' modes are incompatible.")
    }
    cookie.mode = modes.first ?? .passive
    let extra = attributes.isEmpty ? "" : "; " + attributes.joined(separator: "; ")
    cookie.attributes = Array((domains + flags + extra).utf8)
    return cookie
  }

  func stickTable(
    _ arguments: [String]
  ) throws(ConfigurationFault) -> ProxyConfiguration.StickTable {
    func fault(_ text: String) -> ConfigurationFault {
      ConfigurationFault(message: "stick-table: \(text)")
    }
    var size = 0
    var kind: ProxyConfiguration.StickTable.Kind?
    var expire = Interval.forever
    var figures: [ProxyConfiguration.StickTable.Figure] = []
    var keepsAll = false
    var rest = arguments[...]
    while let word = rest.popFirst() {
      if word == "nopurge" {
        keepsAll = true
        continue
      }
      guard ["type", "size", "expire", "store"].contains(word) else {
        if ["peers", "write-to", "srvkey"].contains(word) {
          throw unsupported("stick-table … \(word)", "leave it out")
        }
        throw fault("unknown argument '\(word)'.")
      }
      guard let value = rest.popFirst() else { throw fault("missing argument after '\(word)'.") }
      do {
        switch word {
        case "type": kind = try stickKind(value, &rest)
        case "size": size = try ConfigurationValues.size(value, "in argument of 'size'.")
        case "store": figures += try self.figures(value)
        default: expire = try ConfigurationValues.time(value, "in argument of 'expire'.")
        }
      } catch {
        throw fault(error.message)
      }
    }
    if size == 0 { throw fault("missing size.") }
    guard let kind else { throw fault("missing type.") }
    return .init(
      kind: kind, size: size, expire: expire == .zero ? .forever : expire,
      figures: StickFigure.shown.compactMap { shown in figures.first { $0.figure == shown } },
      keepsAll: keepsAll)
  }

  private func stickKind(
    _ word: String, _ rest: inout ArraySlice<String>
  ) throws(ConfigurationFault) -> ProxyConfiguration.StickTable.Kind {
    switch word {
    case "ip": return .address(isIPv6: false)
    case "ipv6": return .address(isIPv6: true)
    case "integer": return .number
    case "string":
      guard rest.first == "len" else { return .text(length: 31) }
      rest = rest.dropFirst()
      return .text(
        length: try ConfigurationValues.integer(rest.popFirst(), in: 1...1_024, of: "len"))
    case "binary": throw unsupported("stick-table type binary", "write type string")
    default: throw ConfigurationFault(message: "unknown type '\(word)'.")
    }
  }

  /// `http_req_rate(10s),gpc0`.
  private func figures(
    _ text: String
  ) throws(ConfigurationFault) -> [ProxyConfiguration.StickTable.Figure] {
    var result: [ProxyConfiguration.StickTable.Figure] = []
    for call in try SampleReader.calls(text) {
      guard let figure = StickFigure(rawValue: call.name) else {
        throw ConfigurationFault(
          message: "unknown or unsupported store option '\(call.name)'.")
      }
      var period: Interval?
      if figure.isRate {
        guard let time = call.arguments.first else {
          throw ConfigurationFault(message: "'\(call.name)' expects a period.")
        }
        period = try ConfigurationValues.time(time, "in argument of '\(call.name)'.")
      }
      result.append(.init(figure: figure, period: period))
    }
    return result
  }

  mutating func stick(
    _ kind: String, _ arguments: [String], _ draft: inout ProxyDraft, _ line: Int
  ) throws(ConfigurationFault) {
    let words = RuleWords(arguments, draft.acls)
    guard let expression = words.body.first else {
      throw ConfigurationFault(message: "'stick' expects a fetch method.")
    }
    guard words.body.count == 1 || words.body.count == 3 && words.body[1] == "table" else {
      throw ConfigurationFault(
        message: "'stick': unknown keyword '\(words.body[1])', only 'table' is supported.")
    }
    let rule = StickRule(
      matches: kind == "on" || kind == "match", stores: kind == "on" || kind == "store-request",
      ofResponse: kind == "store-response", sample: try SampleReader.sample(expression),
      table: BackendID(0), condition: try words.condition())
    draft.sticks.append(
      .init(rule: rule, table: words.body.count == 3 ? words.body[2] : nil, line: line))
  }

  /// A draft's `stick` lines with their tables.
  mutating func sticks(_ draft: ProxyDraft, _ result: ProxyConfiguration) -> [StickRule] {
    draft.sticks.compactMap { stick in
      let name = stick.table ?? draft.name
      guard
        let index = result.backends.firstIndex(where: { $0.name == name && $0.stickTable != nil })
      else {
        alert(stick.line, "Proxy '\(draft.name)': unable to find stick-table '\(name)'.")
        return nil
      }
      var rule = stick.rule
      rule.table = BackendID(index)
      return rule
    }
  }

  /// Tables in which servers are kept; and tables that rules name and that are not there.
  mutating func markTables(_ result: inout ProxyConfiguration) {
    for rule in result.backendRules.flatMap(\.sticks) {
      result.backends[rule.table.index].stickTable?.keepsServers = true
    }
  }
}

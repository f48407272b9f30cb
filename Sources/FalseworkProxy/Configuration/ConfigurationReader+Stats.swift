// SPDX-License-Identifier: Apache-2.0

/// `stats …` of proxy sections.
extension ConfigurationReader {
  /// False if the keyword is none of these.
  func statsKeyword(
    _ name: String, _ arguments: [String], _ draft: inout ProxyDraft
  ) throws(ConfigurationFault) -> Bool {
    guard name.hasPrefix("stats ") else { return false }
    var page = draft.rules.stats ?? StatsPage()
    func value(_ what: String) throws(ConfigurationFault) -> String {
      guard let value = arguments.first else {
        throw ConfigurationFault(message: "'\(name)' expects \(what).")
      }
      return value
    }
    switch name {
    case "stats enable": break
    case "stats uri": page.uri = Array(try value("an URI prefix").utf8)
    case "stats realm": page.realm = try value("a realm name")
    case "stats refresh":
      page.refresh = try ConfigurationValues.seconds(
        try value("a refresh interval"), "in 'stats refresh'")
    case "stats auth":
      let pair = try value("a user:password account")
      guard pair.contains(":") else {
        throw ConfigurationFault(message: "'stats auth' expects a user:password account.")
      }
      page.credentials.append(StatsPage.encoded(pair))
    case "stats hide-version": page.hidesVersion = true
    case "stats show-legends", "stats show-modules": break
    case "stats show-desc": page.description = arguments.joined(separator: " ")
    case "stats show-node": page.node = arguments.first ?? "haproxy"
    case "stats admin":
      guard let condition = try RuleWords(arguments, draft.acls).condition() else {
        throw ConfigurationFault(
          message: "'stats admin' requires either 'if' or 'unless' followed by a condition.")
      }
      page.administrators.append(condition)
    default: preconditionFailure("a keyword of stats without code: \(name)")
    }
    draft.rules.stats = page
    return true
  }
}

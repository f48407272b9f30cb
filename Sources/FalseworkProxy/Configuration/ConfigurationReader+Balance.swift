// SPDX-License-Identifier: Apache-2.0

/// `balance` and `hash-type`.
extension ConfigurationReader {
  func balance(
    _ arguments: [String]
  ) throws(ConfigurationFault) -> ProxyConfiguration.Balance {
    let word = arguments.first ?? "roundrobin"
    let rest = arguments.dropFirst()
    switch word {
    case "roundrobin": return .roundrobin
    case "static-rr": return .staticRoundrobin
    case "leastconn": return .leastconn
    case "first": return .first
    case "source": return .source
    case "uri": return .uri(try uriHash(rest))
    case "url_param":
      guard let name = rest.first else {
        throw ConfigurationFault(message: "balance url_param requires an URL parameter name.")
      }
      if rest.count > 1 {
        if rest.dropFirst().first == "check_post" {
          throw unsupported("balance url_param … check_post", "leave it out")
        }
        throw ConfigurationFault(
          message:
            "balance url_param only accepts 'check_post' modifier (got '\(rest.dropFirst().first!)')."
        )
      }
      return .urlParam(Array(name.utf8))
    case let hdr where hdr.hasPrefix("hdr("):
      guard hdr.hasSuffix(")"), hdr.count > "hdr()".count else {
        throw ConfigurationFault(message: "balance hdr requires an http header field name.")
      }
      if let extra = rest.first, extra != "use_domain_only" {
        throw ConfigurationFault(
          message: "balance \(hdr) only accepts 'use_domain_only' modifier (got '\(extra)').")
      }
      return .header(
        Array(hdr.dropFirst(4).dropLast().lowercased().utf8), domainOnly: !rest.isEmpty)
    case let random where random.hasPrefix("random"): return .drawn(draws: try draws(random))
    case let cookie where cookie.hasPrefix("rdp-cookie"):
      throw unsupported("balance rdp-cookie", "it is for mode tcp")
    default:
      throw ConfigurationFault(
        message: "balance only supports 'roundrobin', 'static-rr', 'leastconn', 'source', 'uri', "
          + "'url_param', 'hdr(name)' and 'rdp-cookie(name)' options.")
    }
  }

  /// `random`, `random()` and `random(DRAWS)`.
  private func draws(_ word: String) throws(ConfigurationFault) -> Int {
    let argument = word.dropFirst("random".count)
    guard !argument.isEmpty, argument != "()" else { return 2 }
    guard argument.hasPrefix("("), argument.hasSuffix(")") else {
      throw ConfigurationFault(
        message: "balance random : unexpected character '\(argument.first!)'.")
    }
    let text = argument.dropFirst().dropLast()
    guard let draws = Int(text) else {
      throw ConfigurationFault(
        message: "balance random : unexpected character '\(text.first!)' after argument.")
    }
    guard draws > 0 else {
      throw ConfigurationFault(message: "balance random : number of draws must be at least 1.")
    }
    return draws
  }

  private func uriHash(
    _ arguments: ArraySlice<String>
  ) throws(ConfigurationFault) -> ProxyConfiguration.URIHash {
    var result = ProxyConfiguration.URIHash()
    var rest = arguments
    while let word = rest.popFirst() {
      switch word {
      case "len", "depth":
        let text = rest.popFirst() ?? ""
        guard let number = Int(text), number > 0 else {
          throw ConfigurationFault(
            message: "balance uri : '\(word)' expects a positive integer (got '\(text)').")
        }
        if word == "len" { result.length = number } else { result.depth = number }
      case "whole": result.whole = true
      case "path-only": result.pathOnly = true
      default:
        throw ConfigurationFault(
          message: "balance uri only accepts parameters 'len', 'depth', 'path-only', and 'whole' "
            + "(got '\(word)').")
      }
    }
    return result
  }

  func hashType(_ arguments: [String]) throws(ConfigurationFault) -> HashType {
    var result = HashType()
    var rest = arguments[...]
    switch rest.popFirst() {
    case "consistent": result.isConsistent = true
    case "map-based": break
    case "avalanche":
      throw ConfigurationFault(
        message: "experimental feature 'hash-type avalanche' is not supported anymore, please use "
          + "'hash-type map-based sdbm avalanche' instead.")
    default:
      throw ConfigurationFault(message: "'hash-type' only supports 'consistent' and 'map-based'.")
    }
    if rest.isEmpty {
      // Where nothing else is said, a ring gets its keys stirred, and a map does not.
      result.hasAvalanche = result.isConsistent
    }
    if let word = rest.popFirst() {
      guard let function = HashType.Function(rawValue: word) else {
        throw ConfigurationFault(
          message: "'hash-type' only supports 'sdbm', 'djb2', 'crc32', or 'wt6' hash functions.")
      }
      result.function = function
    }
    if let word = rest.popFirst() {
      guard word == "avalanche" else {
        throw ConfigurationFault(
          message: "'hash-type' only supports 'avalanche' as a modifier for hash functions.")
      }
      result.hasAvalanche = true
    }
    return result
  }
}

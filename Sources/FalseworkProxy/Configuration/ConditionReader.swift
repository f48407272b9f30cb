// SPDX-License-Identifier: Apache-2.0

/// Reads `acl` lines and what stands behind `if` and `unless` (configuration manual, 7.1 and 7.2).
struct ConditionReader {
  /// By name; those that are declared in the section.
  var acls: [String: [Condition.Test]]

  /// Those that HAProxy declares itself (configuration manual, 7.4).
  private static let predefined: [String: [String]] = [
    "TRUE": ["always_true"], "FALSE": ["always_false"], "HTTP": ["always_true"],
    "HTTP_1.0": ["req.ver", "1.0"], "HTTP_1.1": ["req.ver", "1.1"],
    "HTTP_CONTENT": ["req.hdr_val(content-length)", "gt", "0"],
    "HTTP_URL_SLASH": ["url_beg", "/"], "HTTP_URL_STAR": ["url", "*"],
    "HTTP_URL_ABS": ["url_reg", "^[^/:]*://"],
    "LOCALHOST": ["src", "127.0.0.0/8"], "METH_CONNECT": ["method", "CONNECT"],
    "METH_DELETE": ["method", "DELETE"], "METH_GET": ["method", "GET", "HEAD"],
    "METH_HEAD": ["method", "HEAD"], "METH_OPTIONS": ["method", "OPTIONS"],
    "METH_POST": ["method", "POST"], "METH_PUT": ["method", "PUT"],
    "METH_TRACE": ["method", "TRACE"],
  ]

  /// Nil where there is none.
  func condition(_ words: ArraySlice<String>) throws(ConfigurationFault) -> Condition? {
    guard let first = words.first else { return nil }
    guard ["if", "unless"].contains(first) else {
      throw ConfigurationFault(
        message: "expects 'if', 'unless' or end of line but found '\(first)'.")
    }
    var alternatives: [[Condition.Term]] = [[]]
    var rest = words.dropFirst()
    if rest.isEmpty { throw ConfigurationFault(message: "missing condition behind '\(first)'.") }
    while var word = rest.popFirst() {
      if word == "or" || word == "||" {
        alternatives.append([])
        continue
      }
      var isNegated = false
      while word.hasPrefix("!") {
        isNegated.toggle()
        word.removeFirst()
        if word.isEmpty {
          guard let next = rest.popFirst() else {
            throw ConfigurationFault(message: "missing ACL behind '!'.")
          }
          word = next
        }
      }
      let tests = word == "{" ? [try anonymous(&rest)] : try named(word)
      alternatives[alternatives.count - 1].append(.init(isNegated: isNegated, tests: tests))
    }
    if alternatives.contains(where: \.isEmpty) {
      throw ConfigurationFault(message: "missing ACL beside 'or'.")
    }
    return Condition(isNegated: first == "unless", alternatives: alternatives)
  }

  private func anonymous(_ rest: inout ArraySlice<String>) throws(ConfigurationFault)
    -> Condition.Test
  {
    guard let end = rest.firstIndex(of: "}") else {
      throw ConfigurationFault(message: "missing closing '}' in condition.")
    }
    let words = rest[..<end]
    rest = rest[end...].dropFirst()
    return try test(words)
  }

  private func named(_ name: String) throws(ConfigurationFault) -> [Condition.Test] {
    if let own = acls[name] { return own }
    guard let words = Self.predefined[name] else {
      throw ConfigurationFault(message: "no such ACL : '\(name)'.")
    }
    return [try test(words[...])]
  }

  // MARK: One test

  /// A fetch, flags, and patterns.
  func test(_ words: ArraySlice<String>) throws(ConfigurationFault) -> Condition.Test {
    guard let keyword = words.first else {
      throw ConfigurationFault(message: "missing ACL keyword.")
    }
    var (sample, method) = try keywordSample(keyword)
    var rest = words.dropFirst()
    var ignoringCase = false
    flags: while let flag = rest.first, flag.hasPrefix("-"), flag.count == 2 {
      rest = rest.dropFirst()
      switch flag {
      case "-i": ignoringCase = true
      case "-n": break
      case "--": break flags
      case "-m":
        guard let name = rest.popFirst() else {
          throw ConfigurationFault(message: "missing ACL match method behind '-m'.")
        }
        method = name
      case "-f", "-M", "-u":
        throw ConfigurationFault(
          message: "ACL flag '\(flag)' is known to HAProxy but not supported yet.")
      default: throw ConfigurationFault(message: "unknown ACL flag '\(flag)'.")
      }
    }
    if method == "len" {
      sample.converters.append(.length)
      method = "int"
    }
    let match = try match(
      method ?? Self.method(of: sample), Array(rest), ignoringCase: ignoringCase, keyword)
    return Condition.Test(sample: sample, match: match)
  }

  /// `path_beg`: the fetch and how it is compared.
  private func keywordSample(
    _ keyword: String
  ) throws(ConfigurationFault) -> (Sample, String?) {
    let calls = try SampleReader.calls(keyword)
    let first = calls[0]
    let suffixes = ["beg", "end", "sub", "dir", "dom", "reg", "len"]
    var method: String?
    var fetch = try SampleReader.fetch(first)
    if fetch == nil, let mark = first.name.lastIndex(of: "_"),
      suffixes.contains(String(first.name[mark...].dropFirst()))
    {
      method = String(first.name[mark...].dropFirst())
      fetch = try SampleReader.fetch(
        .init(name: String(first.name[..<mark]), arguments: first.arguments))
    }
    guard let fetch else {
      throw ConfigurationFault(
        message: "unknown fetch method '\(first.name)' in ACL expression '\(keyword)', or not "
          + "supported yet.")
    }
    var sample = Sample(fetch)
    sample.converters = try SampleReader.converters(calls.dropFirst())
    if method == nil {
      if first.name.hasSuffix("hdr_val") || first.name == "urlp_val" { method = "int" }
      if first.name.hasSuffix("hdr_ip") { method = "ip" }
    }
    return (sample, method)
  }

  /// How a sample is compared where nothing says so.
  private static func method(of sample: Sample) -> String {
    if let last = sample.converters.last {
      switch last {
      case .lower, .upper: return "str"
      case .length, .number, .add, .subtract, .remainder: return "int"
      case .address: return "ip"
      case .not: return "bool"
      }
    }
    switch sample.fetch {
    case .constant(.truth), .secure, .isUp: return "bool"
    case .constant(.number), .headerCount, .sourcePort, .destinationPort, .status,
      .frontendConnections, .backendConnections, .usableServers, .queued, .tracked, .ofSource:
      return "int"
    case .source, .destination, .constant(.address): return "ip"
    case .path, .pathQuery, .url, .query, .base, .method, .version, .host, .header, .wholeHeader,
      .cookie, .parameter, .frontendName, .backendName, .serverName, .variable, .captured,
      .constant(.text):
      return "str"
    }
  }

  private func match(
    _ method: String, _ patterns: [String], ignoringCase: Bool, _ keyword: String
  ) throws(ConfigurationFault) -> Condition.Match {
    switch method {
    case "found": return .found
    case "bool": return .truth
    case "int": return .numbers(try numbers(patterns))
    case "ip":
      var networks: [ProxyConfiguration.Network] = []
      for pattern in patterns {
        guard let network = ConfigurationValues.network(pattern) else {
          throw ConfigurationFault(
            message: "'\(pattern)' is not a valid IPv4 address or network.")
        }
        networks.append(network)
      }
      return .networks(networks)
    case "reg":
      var expressions: [BytePattern] = []
      for pattern in patterns {
        expressions.append(try BytePattern(pattern, ignoringCase: ignoringCase))
      }
      return .expressions(expressions)
    default:
      guard let position = Condition.Position(rawValue: method) else {
        throw ConfigurationFault(
          message: "ACL match method '\(method)' is unknown or not supported yet.")
      }
      let texts = patterns.map { Array((ignoringCase ? $0.lowercased() : $0).utf8) }
      return .texts(position, texts, ignoringCase: ignoringCase)
    }
  }

  /// `gt 5`, `80:90`, `443`.
  private func numbers(_ patterns: [String]) throws(ConfigurationFault) -> [ClosedRange<Int>] {
    var result: [ClosedRange<Int>] = []
    var comparison = "eq"
    for pattern in patterns {
      if ["eq", "ge", "gt", "le", "lt"].contains(pattern) {
        comparison = pattern
        continue
      }
      let parts = pattern.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let bounds = parts.map { Int($0) }
      if parts.count == 2 {
        guard let low = parts[0].isEmpty ? Int.min : bounds[0],
          let high = parts[1].isEmpty ? Int.max : bounds[1], low <= high
        else { throw ConfigurationFault(message: "'\(pattern)' is not a range of integers.") }
        result.append(low...high)
        continue
      }
      guard let number = bounds[0] else {
        throw ConfigurationFault(message: "'\(pattern)' is not a number.")
      }
      switch comparison {
      case "ge": result.append(number...Int.max)
      case "gt": result.append((number == .max ? number : number + 1)...Int.max)
      case "le": result.append(Int.min...number)
      case "lt": result.append(Int.min...(number == .min ? number : number - 1))
      default: result.append(number...number)
      }
    }
    return result
  }
}

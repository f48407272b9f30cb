// SPDX-License-Identifier: Apache-2.0

/// Reads sample expressions and log-format texts (configuration manual, 7.3 and 8.2.4).
enum SampleReader {
  /// A word, with arguments in parentheses behind it.
  struct Call {
    var name: String
    var arguments: [String]
  }

  static func sample(_ text: String) throws(ConfigurationFault) -> Sample {
    let calls = try calls(text)
    guard let first = calls.first else { throw ConfigurationFault(message: "missing fetch method") }
    guard let fetch = try fetch(first) else {
      throw ConfigurationFault(message: "unknown fetch method '\(first.name)'")
    }
    var sample = Sample(fetch)
    sample.converters = try converters(calls.dropFirst())
    return sample
  }

  static func converters(
    _ calls: ArraySlice<Call>
  ) throws(ConfigurationFault) -> [Sample.Converter] {
    var result: [Sample.Converter] = []
    for call in calls {
      func number() throws(ConfigurationFault) -> Int {
        guard let text = call.arguments.first, let value = Int(text) else {
          throw ConfigurationFault(message: "'\(call.name)' expects an integer")
        }
        return value
      }
      switch call.name {
      case "lower": result.append(.lower)
      case "upper": result.append(.upper)
      case "length": result.append(.length)
      case "add": result.append(.add(try number()))
      case "sub": result.append(.subtract(try number()))
      case "mod": result.append(.remainder(try number()))
      case "not": result.append(.not)
      default:
        throw ConfigurationFault(
          message: "converter '\(call.name)' is unknown or not supported yet")
      }
    }
    return result
  }

  /// `name(a,b),conv(c)`.
  static func calls(_ text: String) throws(ConfigurationFault) -> [Call] {
    var result: [Call] = []
    var call = Call(name: "", arguments: [])
    var depth = 0
    var argument = ""
    for character in text {
      switch (character, depth) {
      case ("(", 0):
        depth = 1
        argument = ""
      case ("(", _):
        depth += 1
        argument.append(character)
      case (")", 1):
        depth = 0
        if !argument.isEmpty || !call.arguments.isEmpty { call.arguments.append(argument) }
      case (")", 2...):
        depth -= 1
        argument.append(character)
      case (",", 1):
        call.arguments.append(argument)
        argument = ""
      case (",", 0):
        result.append(call)
        call = Call(name: "", arguments: [])
      case (_, 0): call.name.append(character)
      default: argument.append(character)
      }
    }
    guard depth == 0 else {
      throw ConfigurationFault(
        message: "expected ')' after arguments of '\(call.name)' in '\(text)'")
    }
    result.append(call)
    return result
  }

  // MARK: Fetches

  /// Nil for a name that nothing has.
  static func fetch(_ call: Call) throws(ConfigurationFault) -> Sample.Fetch? {
    if let plain = plain[call.name] {
      guard call.arguments.isEmpty else {
        throw ConfigurationFault(message: "'\(call.name)' takes no arguments")
      }
      return plain
    }
    if let fetch = try constant(call) { return fetch }
    if let fetch = try header(call) { return fetch }
    if let fetch = try placed(call) { return fetch }
    return try counted(call)
  }

  private static let plain: [String: Sample.Fetch] = [
    "always_true": .constant(.truth(true)), "always_false": .constant(.truth(false)),
    "path": .path, "pathq": .pathQuery, "url": .url, "query": .query, "base": .base,
    "method": .method, "req.ver": .version, "req_ver": .version, "src": .source,
    "src_port": .sourcePort, "dst": .destination, "dst_port": .destinationPort,
    "ssl_fc": .secure, "fe_name": .frontendName, "be_name": .backendName,
    "srv_name": .serverName, "status": .status,
  ]

  private static func constant(_ call: Call) throws(ConfigurationFault) -> Sample.Fetch? {
    let text = call.arguments.joined(separator: ",")
    switch call.name {
    case "str": return .constant(.text(Array(text.utf8)))
    case "int":
      guard let number = Int(text) else {
        throw ConfigurationFault(message: "'int' expects an integer (got '\(text)')")
      }
      return .constant(.number(number))
    case "bool": return .constant(.truth(["1", "true", "on", "yes"].contains(text.lowercased())))
    default: return nil
    }
  }

  private static func header(_ call: Call) throws(ConfigurationFault) -> Sample.Fetch? {
    let ofResponse =
      call.name.hasPrefix("res.") || call.name.hasPrefix("shdr")
      || call.name.hasPrefix("scook")
    let name = Array((call.arguments.first ?? "").lowercased().utf8)
    let bare: String =
      call.name.hasPrefix("req.") || call.name.hasPrefix("res.")
      ? String(call.name.dropFirst(4))
      : call.name.hasPrefix("shdr") || call.name.hasPrefix("scook")
        ? String(call.name.dropFirst()) : call.name
    var occurrence: Int?
    if call.arguments.count > 1 {
      guard let number = Int(call.arguments[1]) else {
        throw ConfigurationFault(message: "'\(call.name)' expects an integer as second argument")
      }
      occurrence = number
    }
    switch bare {
    case "hdr", "hdr_val", "hdr_ip", "fhdr", "cook":
      guard !name.isEmpty else {
        throw ConfigurationFault(message: "'\(call.name)' expects a name as argument")
      }
      if bare == "cook" {
        return .cookie(Array(call.arguments[0].utf8), ofResponse: ofResponse)
      }
      return bare == "fhdr"
        ? .wholeHeader(name, ofResponse: ofResponse)
        : .header(name, occurrence: occurrence, ofResponse: ofResponse)
    case "hdr_cnt", "fhdr_cnt": return .headerCount(name, ofResponse: ofResponse)
    default: return nil
    }
  }

  private static func placed(_ call: Call) throws(ConfigurationFault) -> Sample.Fetch? {
    let first = call.arguments.first
    switch call.name {
    case "url_param", "urlp", "urlp_val":
      guard let first else {
        throw ConfigurationFault(message: "'\(call.name)' expects a name as argument")
      }
      return .parameter(Array(first.utf8))
    case "fe_conn": return .frontendConnections(first)
    case "be_conn": return .backendConnections(first)
    case "nbsrv": return .usableServers(first)
    case "queue": return .queued(first)
    case "srv_is_up":
      let parts = (first ?? "").split(separator: "/")
      guard parts.count == 2 else {
        throw ConfigurationFault(message: "'srv_is_up' expects <backend>/<server>")
      }
      return .isUp(String(parts[0]), String(parts[1]))
    case "var":
      guard let first else {
        throw ConfigurationFault(message: "'var' expects a variable's name")
      }
      return .variable(try variable(first))
    case "capture.req.hdr", "capture.res.hdr":
      guard let slot = first.flatMap({ Int($0) }), slot >= 0 else {
        throw ConfigurationFault(message: "'\(call.name)' expects an integer")
      }
      return .captured(slot, ofResponse: call.name == "capture.res.hdr")
    default: return nil
    }
  }

  /// `sc_http_err_rate(0)`, `sc0_http_err_rate`, `src_http_err_rate(table)`.
  private static func counted(_ call: Call) throws(ConfigurationFault) -> Sample.Fetch? {
    if call.name.hasPrefix("src_") {
      guard let figure = StickFigure(rawValue: String(call.name.dropFirst(4))) else { return nil }
      return .ofSource(figure, call.arguments.first)
    }
    guard call.name.hasPrefix("sc") else { return nil }
    let rest = call.name.dropFirst(2)
    if rest.hasPrefix("_"), let figure = StickFigure(rawValue: String(rest.dropFirst())) {
      guard let slot = call.arguments.first.flatMap({ Int($0) }), (0...2).contains(slot) else {
        throw ConfigurationFault(message: "'\(call.name)' expects a counter from 0 to 2")
      }
      return .tracked(figure, slot: slot)
    }
    guard let digit = rest.first?.wholeNumberValue, (0...2).contains(digit),
      rest.dropFirst().hasPrefix("_"),
      let figure = StickFigure(rawValue: String(rest.dropFirst(2)))
    else { return nil }
    return .tracked(figure, slot: digit)
  }

  /// Variables that live as long as the request or its answer.
  static func variable(_ name: String) throws(ConfigurationFault) -> String {
    let scope = name.prefix { $0 != "." }
    guard name.contains("."), ["proc", "sess", "txn", "req", "res"].contains(scope) else {
      throw ConfigurationFault(
        message: "invalid variable name '\(name)'. A variable name must be start by its scope. "
          + "The scope can be 'proc', 'sess', 'txn', 'req', 'res' or 'check'")
    }
    guard ["txn", "req", "res"].contains(scope) else {
      throw ConfigurationFault(
        message: "variables of scope '\(scope)' are known to HAProxy but not supported yet")
    }
    return name
  }

  // MARK: Texts

  private static let aliases: [String: Sample.Fetch] = [
    "ci": .source, "cp": .sourcePort, "fi": .destination, "fp": .destinationPort,
    "f": .frontendName, "ft": .frontendName, "b": .backendName, "s": .serverName,
    "HM": .method, "HU": .url, "HP": .path, "HV": .version, "HQ": .query, "HPO": .path,
    "ST": .status,
  ]

  static func format(_ text: String) throws(ConfigurationFault) -> FormatText {
    var parts: [FormatText.Part] = []
    var bytes: [UInt8] = []
    var rest = text[...]
    while let character = rest.popFirst() {
      guard character == "%" else {
        bytes += Array(String(character).utf8)
        continue
      }
      if rest.first == "%" {
        bytes.append(UInt8(ascii: "%"))
        rest = rest.dropFirst()
        continue
      }
      if !bytes.isEmpty { parts.append(.bytes(bytes)) }
      bytes = []
      if rest.first == "{", let end = rest.firstIndex(of: "}") { rest = rest[end...].dropFirst() }
      if rest.first == "[" {
        guard let end = closing(rest) else {
          throw ConfigurationFault(message: "missing ']' in '\(text)'")
        }
        parts.append(.sample(try sample(String(rest[..<end].dropFirst()))))
        rest = rest[end...].dropFirst()
      } else {
        let name = rest.prefix { $0.isASCII && $0.isLetter }
        guard let fetch = aliases[String(name)] else {
          throw ConfigurationFault(
            message: "no such format variable '\(name)', or not supported yet. If you wanted to "
              + "emit the '%' character verbatim, you need to use '%%'")
        }
        parts.append(.sample(Sample(fetch)))
        rest = rest.dropFirst(name.count)
      }
    }
    if !bytes.isEmpty { parts.append(.bytes(bytes)) }
    return FormatText(parts)
  }

  private static func closing(_ text: Substring) -> Substring.Index? {
    var depth = 0
    for index in text.indices {
      if text[index] == "[" { depth += 1 }
      if text[index] == "]" {
        depth -= 1
        if depth == 0 { return index }
      }
    }
    return nil
  }
}

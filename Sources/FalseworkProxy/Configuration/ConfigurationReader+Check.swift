// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// `option httpchk` and `http-check send`.
extension ConfigurationReader {
  func httpCheck(
    _ arguments: [String], _ draft: inout ProxyDraft
  ) throws(ConfigurationFault) {
    if arguments.count > 3 {
      throw ConfigurationFault(
        message: "'option httpchk' cannot handle unexpected argument '\(arguments[3])'.")
    }
    if arguments.count > 2,
      arguments[2].contains("\r") || arguments[2].contains("\n")
        || arguments[2].contains("\r\n")
    {
      throw unsupported(
        "option httpchk with headers behind the version", "use 'http-check send' for them")
    }
    switch arguments.count {
    case 0: draft.check.option(method: nil, uri: nil, version: nil)
    case 1: draft.check.option(method: nil, uri: arguments[0], version: nil)
    default:
      draft.check.option(
        method: arguments[0], uri: arguments[1],
        version: arguments.count > 2 ? arguments[2] : nil)
    }
  }

  mutating func checkSend(
    _ arguments: [String], _ draft: inout ProxyDraft, _ line: Int
  ) throws(ConfigurationFault) {
    func fault(_ text: String) -> ConfigurationFault {
      ConfigurationFault(message: "'http-check send' : \(text)")
    }
    if draft.check.hasSend, !draft.check.isInherited {
      throw fault("unable to add http-check send rule at step 2 (missing connect rule).")
    }
    var values: [String: String] = [:]
    var headers: [ProxyConfiguration.HTTPCheck.Header] = []
    var rest = arguments[...]
    while let word = rest.popFirst() {
      switch word {
      case "meth", "uri", "ver", "comment":
        guard let value = rest.popFirst() else {
          throw fault("'\(word)' expects a string as argument.")
        }
        values[word] = value
      case "hdr":
        guard let name = rest.popFirst(), let value = rest.popFirst() else {
          throw fault("'hdr' expects <name> and <value> as arguments.")
        }
        if let header = try checkHeader(name, value, line) { headers.append(header) }
      case "uri-lf", "body", "body-lf":
        throw unsupported("http-check send \(word)", "leave it out")
      default:
        throw fault(
          "expects 'comment', 'meth', 'uri', 'uri-lf', 'ver', 'hdr', 'body' or 'body-lf' but got "
            + "'\(word)' as argument.")
      }
    }
    draft.check.send(
      method: values["meth"], uri: values["uri"], version: values["ver"], headers: headers)
  }

  /// HAProxy writes the fields about the connection and the body itself, and names in lower case.
  private mutating func checkHeader(
    _ name: String, _ value: String, _ line: Int
  ) throws(ConfigurationFault) -> ProxyConfiguration.HTTPCheck.Header? {
    let lower = name.lowercased()
    if ["connection", "content-length", "transfer-encoding"].contains(lower) {
      warn(line, "'http-check send' : 'hdr \(name)' is ignored: the proxy writes that field.")
      return nil
    }
    let plain = value.split(separator: "%%", omittingEmptySubsequences: false)
    if plain.contains(where: { $0.contains("%") }) {
      throw unsupported("http-check send with a log-format value", "write %% for a percent sign")
    }
    return .init(name: lower, value: plain.joined(separator: "%"))
  }

  /// `http-check expect`: statuses only; the body of a check's answer is not read.
  func expectation(
    _ arguments: [String]
  ) throws(ConfigurationFault) -> ProxyConfiguration.CheckExpectation {
    func fault(_ text: String) -> ConfigurationFault {
      ConfigurationFault(message: "'http-check expect' : \(text)")
    }
    var rest = arguments[...]
    var isNegated = false
    if rest.first == "comment" { rest = rest.dropFirst(2) }
    if rest.first == "!" {
      isNegated = true
      rest = rest.dropFirst()
    }
    guard let word = rest.popFirst() else {
      throw fault("expects at least a matching pattern as arguments.")
    }
    switch word {
    case "status":
      guard let list = rest.popFirst() else { throw fault("'status' expects a list of codes.") }
      return .init(isNegated: isNegated, statuses: try statuses(list, fault))
    case "rstatus", "string", "rstring", "string-lf", "hdr", "fhdr", "min-recv", "ok-status",
      "error-status", "tout-status", "on-success", "on-error", "status-code":
      throw unsupported("http-check expect \(word)", "write status and codes")
    default:
      throw fault(
        "'only supports min-recv, [!]string', '[!]rstring', '[!]string-lf', '[!]status', "
          + "'[!]rstatus', [!]hdr, [!]fhdr or comment but got '\(word)' as argument.")
    }
  }

  /// `200`, `200-299`, `200,301-302`.
  private func statuses(
    _ list: String, _ fault: (String) -> ConfigurationFault
  ) throws(ConfigurationFault) -> [ClosedRange<Int>] {
    if let strange = list.first(where: { !($0.isASCII && $0.isNumber || ",-".contains($0)) }) {
      throw fault("invalid character '\(strange)' in the list of status codes.")
    }
    var result: [ClosedRange<Int>] = []
    for part in list.split(separator: ",") {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard let low = ends.first ?? nil, let high = ends.last ?? nil, low <= high else {
        throw fault("invalid range '\(part)' in the list of status codes.")
      }
      result.append(low...high)
    }
    return result
  }
}

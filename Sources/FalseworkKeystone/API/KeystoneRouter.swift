// SPDX-License-Identifier: Apache-2.0
package import FalseworkHTTP

/// From an HTTP request to what it asks for.
package enum KeystoneRouter {
  /// Bodies beyond this are refused with 413; `[oslo_middleware] max_request_body_size`.
  package static let longestBody = 114_688

  /// Members of a query that are looked at.
  private static let longestQuery = 64

  package static func call(
    _ head: HTTPHead, _ bytes: Span<UInt8>, body: [UInt8], release: Release
  ) -> KeystoneCall {
    let (path, query) = split(target: head, bytes)
    let caller = head.first(.xAuthToken).map { bytes.text($0.value) }
    // The path that nearly all requests have is not taken apart.
    if bytes.equals("/v3/auth/tokens", in: path) {
      return tokens(head, bytes, body, caller: caller, query: query, release: release)
    }
    let segments = bytes.text(path).split(separator: "/").map { unescaped($0) }
    if segments == ["v3", "auth", "tokens"] {
      return tokens(head, bytes, body, caller: caller, query: query, release: release)
    }
    let reading = head.method == .get || head.method == .head
    let found: KeystoneCall?
    switch segments {
    case []: found = .versions
    case ["healthcheck"]: found = .healthcheck(head: head.method == .head)
    case ["v3"]: found = .version
    case ["v3", "auth", "catalog"]: found = .catalog(caller: caller)
    case ["v3", "auth", "projects"]: found = .authProjects(caller: caller)
    case ["v3", "auth", "domains"]: found = .authDomains(caller: caller)
    case ["v3", "auth", "system"] where release.hasSystemScope: found = .authSystem(caller: caller)
    default: found = resource(segments, caller, filters(bytes, query))
    }
    guard let found else { return .answered(noSuchPath(.discovery)) }
    return reading ? found : notAllowed("GET, HEAD, OPTIONS")
  }

  private static func resource(
    _ segments: [String], _ caller: String?, _ filters: [KeystoneCall.Filter]
  ) -> KeystoneCall? {
    guard segments.count == 2 || segments.count == 3, segments[0] == "v3",
      let collection = KeystoneCall.Collection(rawValue: segments[1])
    else { return nil }
    return segments.count == 3
      ? .show(collection, id: segments[2], caller: caller)
      : .list(collection, caller: caller, filters: filters)
  }

  /// Path and query of a target, of an absolute-form one without its scheme and authority.
  private static func split(
    target head: HTTPHead, _ bytes: Span<UInt8>
  ) -> (path: Range<Int>, query: Range<Int>) {
    let target = pathRange(head, bytes)
    for index in target where bytes[index] == 0x3F {
      return (target.lowerBound..<index, index + 1..<target.upperBound)
    }
    return (target, target.upperBound..<target.upperBound)
  }

  /// The path of an absolute-form target without its scheme and authority.
  private static func pathRange(_ head: HTTPHead, _ bytes: Span<UInt8>) -> Range<Int> {
    guard !head.target.isEmpty, bytes[head.target.lowerBound] != 0x2F else { return head.target }
    var slashes = 0
    for index in head.target where bytes[index] == 0x2F {
      slashes += 1
      if slashes == 3 { return index..<head.target.upperBound }
    }
    return head.target.upperBound..<head.target.upperBound
  }

  private static func tokens(
    _ head: HTTPHead, _ bytes: Span<UInt8>, _ body: [UInt8], caller: String?, query: Range<Int>,
    release: Release
  ) -> KeystoneCall {
    let subject = head.first(.xSubjectToken).map { bytes.text($0.value) }
    let filters = filters(bytes, query)
    let catalog = !filters.contains { $0.name == "nocatalog" }
    switch head.method {
    case .get, .head:
      let allowExpired =
        release.hasAllowExpired
        && flag("allow_expired", filters, otherwise: false)
      return .validate(
        caller: caller, subject: subject, catalog: catalog, allowExpired: allowExpired,
        head: head.method == .head)
    case .delete:
      return .revoke(
        caller: caller, subject: subject, cascade: flag("cascade", filters, otherwise: true))
    case .post:
      do throws(KeystoneError) {
        try checkContentType(head, bytes, body)
        return .authenticate(try AuthRequest(json: body), catalog: catalog)
      } catch {
        return .answered(
          KeystoneAnswer(status: error.status, operation: .authenticate, body: error.body(release)))
      }
    default:
      return notAllowed("DELETE, GET, HEAD, OPTIONS, POST")
    }
  }

  /// A body must be called JSON or nothing at all (`json_body.py`).
  private static func checkContentType(
    _ head: HTTPHead, _ bytes: Span<UInt8>, _ body: [UInt8]
  ) throws(KeystoneError) {
    guard !body.isEmpty, let field = head.first(.contentType) else { return }
    let text = bytes.text(field.value).lowercased()
    let type = text.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
    guard type.isEmpty || type == "application/json" || type.hasSuffix("+json") else {
      throw .missing("application/json", in: "Content-Type header")
    }
  }

  /// `oslo_utils.strutils.bool_from_string`.
  private static func flag(
    _ name: String, _ filters: [KeystoneCall.Filter], otherwise: Bool
  ) -> Bool {
    guard let filter = filters.first(where: { $0.name == name }) else { return otherwise }
    switch filter.value.lowercased() {
    case "1", "t", "true", "on", "y", "yes": return true
    case "0", "f", "false", "off", "n", "no": return false
    default: return otherwise
    }
  }

  private static func filters(_ bytes: Span<UInt8>, _ query: Range<Int>) -> [KeystoneCall.Filter] {
    guard !query.isEmpty else { return [] }
    return bytes.text(query).split(separator: "&").prefix(longestQuery).map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return KeystoneCall.Filter(
        name: unescaped(plus: parts[0]), value: parts.count > 1 ? unescaped(plus: parts[1]) : "")
    }
  }

  /// In a query a plus is a space.
  private static func unescaped(plus text: Substring) -> String {
    unescaped(
      text.split(separator: "+", omittingEmptySubsequences: false).joined(separator: " ")[...])
  }

  private static func unescaped(_ text: Substring) -> String {
    guard text.utf8.contains(0x25) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(2).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
      if byte == 0x25, digits.count == 2 {
        bytes.append(UInt8(digits[0] << 4 | digits[1]))
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: Answers of the framework

  /// Werkzeug's page for a path that nothing is at.
  static func noSuchPath(_ operation: KeystoneOperation) -> KeystoneAnswer {
    let page = """
      <!doctype html>
      <html lang=en>
      <title>404 Not Found</title>
      <h1>Not Found</h1>
      <p>The requested URL was not found on the server. If you entered the URL manually please \
      check your spelling and try again.</p>

      """
    return KeystoneAnswer(
      status: 404, operation: operation, contentType: .html, body: Array(page.utf8))
  }

  private static func notAllowed(_ methods: String) -> KeystoneCall {
    var answer = KeystoneAnswer(
      status: 405, operation: .discovery,
      body: Array("{\"message\": \"The method is not allowed for the requested URL.\"}\n".utf8))
    answer.fields.append(.init(name: "Allow", value: methods))
    return .answered(answer)
  }
}

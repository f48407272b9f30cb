// SPDX-License-Identifier: Apache-2.0
package import FalseworkHTTP

/// From an HTTP request to what it asks for.
package enum KeystoneRouter {
  /// Bodies beyond this are refused with 413; `[oslo_middleware] max_request_body_size`.
  package static let longestBody = 114_688

  package static func call(
    _ head: HTTPHead, _ bytes: Span<UInt8>, body: [UInt8], release: Release
  ) -> KeystoneCall {
    let target = bytes.text(pathRange(head, bytes))
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = parts[0].split(separator: "/").map(String.init)
    let query = parts.count > 1 ? filters(parts[1]) : []
    let caller = head.first(.xAuthToken).map { bytes.text($0.value) }
    let subject = head.first(.xSubjectToken).map { bytes.text($0.value) }
    let reading = head.method == .get || head.method == .head
    switch path {
    case []:
      return reading ? .versions : notAllowed("GET, HEAD")
    case ["healthcheck"]:
      return reading ? .healthcheck : notAllowed("GET, HEAD")
    case ["v3"]:
      return reading ? .version : notAllowed("GET, HEAD")
    case ["v3", "auth", "tokens"]:
      return tokens(
        head, bytes, body, caller: caller, subject: subject, query: query, release: release)
    case ["v3", "auth", "catalog"]:
      return reading ? .catalog(caller: caller) : notAllowed("GET, HEAD")
    case ["v3", "auth", "projects"]:
      return reading ? .authProjects(caller: caller) : notAllowed("GET, HEAD")
    case ["v3", "auth", "domains"]:
      return reading ? .authDomains(caller: caller) : notAllowed("GET, HEAD")
    case ["v3", "auth", "system"] where release.hasSystemScope:
      return reading ? .authSystem(caller: caller) : notAllowed("GET, HEAD")
    default:
      guard path.count >= 2, path.count <= 3, path[0] == "v3",
        let collection = KeystoneCall.Collection(rawValue: path[1])
      else { return .answered(noSuchPath(.discovery)) }
      guard reading else { return notAllowed("GET, HEAD") }
      return path.count == 3
        ? .show(collection, id: path[2], caller: caller)
        : .list(collection, caller: caller, filters: query)
    }
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
    _ head: HTTPHead, _ bytes: Span<UInt8>, _ body: [UInt8], caller: String?, subject: String?,
    query: [KeystoneCall.Filter], release: Release
  ) -> KeystoneCall {
    let catalog = !query.contains { $0.name == "nocatalog" }
    switch head.method {
    case .get, .head:
      let allowExpired =
        release.hasAllowExpired
        && query.contains { $0.name == "allow_expired" && $0.value != "0" && $0.value != "false" }
      return .validate(
        caller: caller, subject: subject, catalog: catalog, allowExpired: allowExpired)
    case .delete:
      return .revoke(caller: caller, subject: subject)
    case .post:
      if let type = head.first(.contentType), !type.value.isEmpty,
        !bytes.text(type.value).lowercased().hasPrefix("application/json")
      {
        return failed(
          .missing("application/json", in: "Content-Type header"), .authenticate)
      }
      do throws(KeystoneError) {
        return .authenticate(try AuthRequest(json: body), catalog: catalog)
      } catch {
        return failed(error, .authenticate)
      }
    default:
      return notAllowed("DELETE, GET, HEAD, POST")
    }
  }

  private static func filters(_ query: Substring) -> [KeystoneCall.Filter] {
    query.split(separator: "&").prefix(64).map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return KeystoneCall.Filter(
        name: unescaped(parts[0]), value: parts.count > 1 ? unescaped(parts[1]) : "")
    }
  }

  private static func unescaped(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(2)
      if byte == 0x25, digits.count == 2,
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == 0x2B ? 0x20 : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: Answers of the framework

  private static func failed(
    _ error: KeystoneError, _ operation: KeystoneOperation
  ) -> KeystoneCall {
    .answered(KeystoneAnswer(status: error.status, operation: operation, body: error.body))
  }

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

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
    // What nearly all requests are is not taken apart.
    if bytes.equals("/v3/auth/tokens", in: path),
      let call = tokens(head, bytes, body, query: query, release: release)
    {
      return call
    }
    // As in a container, where an escaped slash is one before anybody looks at the path.
    let segments = unescaped(bytes.text(path)[...]).split(separator: "/").map(String.init)
    if head.method == .get || head.method == .head, body.isEmpty,
      let call = discovery(head, bytes, segments)
    {
      return call
    }
    let (place, parameters) = place(segments, release)
    return .api(
      APIRequest(
        place: place, method: method(head, bytes), parameters: parameters,
        query: filters(bytes, query), target: bytes.text(target(head, bytes)),
        fields: fields(head, bytes), body: body))
  }

  /// What load balancers and clients ask before anything else, as long as nothing but the path
  /// counts.
  private static func discovery(
    _ head: HTTPHead, _ bytes: Span<UInt8>, _ segments: [String]
  ) -> KeystoneCall? {
    guard head.first(.xAuthToken) == nil,
      head.first(.accept).map({ bytes.text($0.value) })?.contains("json-home") != true
    else { return nil }
    return switch segments {
    case []: .versions
    case ["v3"]: .version
    case ["healthcheck"]: .healthcheck(head: head.method == .head)
    default: nil
    }
  }

  private static func place(
    _ segments: [String], _ release: Release
  ) -> (APIRequest.Place, [APIRequest.Parameter]) {
    switch segments {
    case []: return (.versions, [])
    case ["v3"]: return (.version3, [])
    case ["healthcheck"] where release.hasHealthcheck: return (.healthcheck, [])
    default:
      guard segments.first == "v3", let found = Route.find(segments.dropFirst(), release) else {
        return (.nowhere, [])
      }
      return (.api(found.route), found.parameters)
    }
  }

  private static func method(_ head: HTTPHead, _ bytes: Span<UInt8>) -> APIRequest.Method {
    switch head.method {
    case .get: .get
    case .head: .head
    case .post: .post
    case .put: .put
    case .patch: .patch
    case .delete: .delete
    case .options: .options
    case .trace, .connect, .other: .other
    }
  }

  private static func fields(_ head: HTTPHead, _ bytes: Span<UInt8>) -> APIRequest.Fields {
    var fields = APIRequest.Fields()
    for field in head.fields {
      switch field.id {
      case .xAuthToken: fields.caller = bytes.text(field.value)
      case .xSubjectToken: fields.subject = bytes.text(field.value)
      case .contentType: fields.contentType = bytes.text(field.value)
      case .accept: fields.accept = bytes.text(field.value)
      case .other:
        switch bytes.text(field.name).lowercased() {
        case "authorization": fields.authorization = bytes.text(field.value)
        case "openstack-identity-access-rules": fields.accessRules = bytes.text(field.value)
        case "openstack-auth-receipt": fields.receipt = bytes.text(field.value)
        case "requested-project-id": fields.requestedProject = bytes.text(field.value)
        case let name where name.hasPrefix("x-environment-"):
          let variable = name.dropFirst("x-environment-".count).uppercased()
          fields.environment.append(
            .init(
              name: String(variable.map { $0 == "-" ? "_" : $0 }), value: bytes.text(field.value)))
        default: continue
        }
      default: continue
      }
    }
    return fields
  }

  /// Path and query of a target, of an absolute-form one without its scheme and authority.
  private static func split(
    target head: HTTPHead, _ bytes: Span<UInt8>
  ) -> (path: Range<Int>, query: Range<Int>) {
    let target = target(head, bytes)
    for index in target where bytes[index] == 0x3F {
      return (target.lowerBound..<index, index + 1..<target.upperBound)
    }
    return (target, target.upperBound..<target.upperBound)
  }

  /// The path of an absolute-form target without its scheme and authority.
  private static func target(_ head: HTTPHead, _ bytes: Span<UInt8>) -> Range<Int> {
    guard !head.target.isEmpty, bytes[head.target.lowerBound] != 0x2F else { return head.target }
    var slashes = 0
    for index in head.target where bytes[index] == 0x2F {
      slashes += 1
      if slashes == 3 { return index..<head.target.upperBound }
    }
    return head.target.upperBound..<head.target.upperBound
  }

  /// Nil for what is to be looked at more closely.
  private static func tokens(
    _ head: HTTPHead, _ bytes: Span<UInt8>, _ body: [UInt8], query: Range<Int>, release: Release
  ) -> KeystoneCall? {
    guard body.isEmpty else { return nil }
    let caller = head.first(.xAuthToken).map { bytes.text($0.value) }
    let subject = head.first(.xSubjectToken).map { bytes.text($0.value) }
    switch head.method {
    case .get, .head:
      let filters = filters(bytes, query)
      return .validate(
        caller: caller, subject: subject, catalog: !filters.contains { $0.name == "nocatalog" },
        allowExpired: release.hasAllowExpired
          && flag("allow_expired", filters, otherwise: false),
        head: head.method == .head,
        accessRules: head.fields.contains {
          $0.id == .other
            && bytes.equalsIgnoringCase("openstack-identity-access-rules", in: $0.name)
        })
    case .delete:
      return .revoke(
        caller: caller, subject: subject,
        cascade: flag("cascade", filters(bytes, query), otherwise: true))
    default:
      return nil
    }
  }

  /// `oslo_utils.strutils.bool_from_string`.
  static func flag(
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
    query.isEmpty ? [] : pairs(bytes.text(query)[...])
  }

  /// The query of a target.
  static func query(of target: String) -> [KeystoneCall.Filter] {
    target.firstIndex(of: "?").map { pairs(target[target.index(after: $0)...]) } ?? []
  }

  /// `a=b&c=d`, as in a query or a form.
  static func pairs(_ text: Substring) -> [KeystoneCall.Filter] {
    text.split(separator: "&").prefix(longestQuery).map { pair in
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

  static func unescaped(_ text: Substring) -> String {
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
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// What a handler of a resource has at hand besides the database.
struct ResourceContext {
  let request: APIRequest
  let action: ResourceAction
  let caller: Caller?
  let policy: Policy
  let release: Release
  let now: UTCTime
  /// Scheme and authority.
  let base: String
  /// `[DEFAULT] list_limit`: nothing longer is listed.
  let listLimit: Int?
  var generator: SeededGenerator
  let hasher: PasswordHasher
  let body: JSONValue
  private var checked = false

  init(
    _ request: APIRequest, _ action: ResourceAction, _ context: APIContext, listLimit: Int?,
    generator: SeededGenerator, hasher: PasswordHasher
  ) {
    self.request = request
    self.action = action
    caller = context.known
    policy = context.policy
    release = context.release
    now = context.now
    base = context.base
    body = context.body
    self.listLimit = listLimit
    self.generator = generator
    self.hasher = hasher
  }

  /// What the database holds for a password or a secret that is set.
  mutating func kept(_ password: String) -> String {
    hasher.kept(password, using: &generator)
  }

  /// Since 2025.2 body and query are held to their schemas before anything is asked about the
  /// caller; until then it was the other way round, and queries were not looked at.
  mutating func checkEarly() throws(KeystoneError) {
    guard release.checksEarly else { return }
    if let schema = action.query {
      var members = JSONObject()
      for filter in request.query where members[filter.name] == nil {
        members[filter.name] = .string(filter.value)
      }
      if let complaint = schema.firstComplaint(.object(members)) {
        throw KeystoneError(complaint, release)
      }
    }
    try checkBody()
  }

  private mutating func checkBody() throws(KeystoneError) {
    guard !checked else { return }
    checked = true
    if let schema = action.body, let complaint = schema.firstComplaint(body) {
      throw KeystoneError(complaint, release)
    }
  }

  // MARK: Who may

  /// Refuses whom the route's rule refuses.
  mutating func require(_ target: PolicyTarget = .none) throws(KeystoneError) {
    guard let rule = action.rule else { preconditionFailure("no rule: \(action)") }
    try require(rule, target)
  }

  mutating func require(_ rule: String, _ target: PolicyTarget) throws(KeystoneError) {
    guard let caller else { throw .unauthorized }
    var target = target
    // The variables of the path are attributes too, such as `user_id`.
    for parameter in request.parameters where target.text(parameter.name) == nil {
      target.set(parameter.name, parameter.value)
    }
    try policy.require(rule, caller, on: target)
    try checkBody()
  }

  // MARK: What is asked

  func parameter(_ position: Int) -> String { request.parameters[position].value }

  func filter(_ name: String) -> String? { request.query(name) }

  /// As Keystone reads `?effective`: there, and not `0`.
  func isAsked(_ name: String) -> Bool { filter(name).map { $0 != "0" } ?? false }

  /// The object that the body is about, without what only the server may set.
  func member(_ name: String) -> JSONObject { body[name]?.object ?? [:] }

  /// An `id` in a change must be the row's.
  func requireSameID(_ id: String, _ member: JSONObject) throws(KeystoneError) {
    if let given = member["id"], given != .null, given != .string(id) {
      throw .badRequest("Cannot change ID")
    }
  }

  mutating func newID() -> String { UUIDText.drawn(from: &generator) }

  /// The domain that a row belongs to: named in the request, or the caller's, or the default one.
  func domainID(_ member: JSONObject) -> String {
    if let id = member["domain_id"]?.string { return id }
    return caller?.domainID ?? caller?.projectDomainID ?? "default"
  }

  // MARK: Answers

  var url: String { base + "/v3" }

  var selfURL: String { base + request.target }

  /// HEAD, which a few answer in a way of their own.
  var isHead: Bool { request.method == .head }

  /// Flask writes a line feed after what it writes.
  func answer(_ body: JSONObject, status: Int? = nil) -> KeystoneAnswer {
    var bytes: [UInt8] = []
    JSONValue.object(body).append(to: &bytes)
    if release.usesFlask { bytes.append(0x0A) }
    return KeystoneAnswer(status: status ?? action.status, operation: .other, body: bytes)
  }

  func member(
    _ name: String, _ row: JSONObject, in collection: String, status: Int? = nil
  ) -> KeystoneAnswer {
    answer([name: .object(linked(row, collection))], status: status)
  }

  /// With the link to itself at the end.
  func linked(_ row: JSONObject, _ collection: String) -> JSONObject {
    var row = row
    row["links"] = .object([
      "self": .string("\(url)/\(collection)/\(row["id"]?.string ?? "")")
    ])
    return row
  }

  var done: KeystoneAnswer { KeystoneAnswer(status: 204, operation: .other, contentType: .none) }

  /// A list with what it is filtered by (`driver_hints.py`, `wrap_collection`).
  ///
  /// - Parameters:
  ///   - rows: already linked.
  ///   - filters: none means that the list takes no `limit` and `marker` either.
  func list(
    _ name: String, _ rows: [JSONObject], filters: [String] = []
  ) throws(KeystoneError) -> KeystoneAnswer {
    var rows = rows
    for filter in request.query { rows = Self.filtered(rows, filter, filters) }
    let page = try page(&rows, of: filters)
    var truncated = false
    if let page, rows.count >= page {
      // Keystone does not look whether anything follows a page that is full.
      rows.removeLast(rows.count - page)
      truncated = true
    } else if page == nil, let listLimit, rows.count > listLimit {
      rows.removeLast(rows.count - listLimit)
      truncated = true
    }
    let last = page == nil || !truncated ? nil : rows.last?["id"]?.string
    var body: JSONObject = [
      name: .array(rows.map(JSONValue.object)),
      "links": .object([
        "next": JSONValue(last.map { nextURL(limit: page ?? 0, after: $0) }),
        "self": .string(selfURL), "previous": .null,
      ]),
    ]
    if truncated { body["truncated"] = .bool(true) }
    return answer(body)
  }

  /// How long a page is; nil if all is asked for. Sorts the rows and drops those up to the marker.
  private func page(
    _ rows: inout [JSONObject], of filters: [String]
  ) throws(KeystoneError) -> Int? {
    guard !filters.isEmpty, release.hasPages else { return nil }
    if !(filter("limit") ?? "").isEmpty || !(filter("marker") ?? "").isEmpty {
      rows.sort { ($0["id"]?.string ?? "") < ($1["id"]?.string ?? "") }
    }
    if let marker = filter("marker"), !marker.isEmpty {
      guard let at = rows.firstIndex(where: { $0["id"]?.string == marker }) else {
        throw .notFound("Marker \(marker) could not be found.")
      }
      rows.removeFirst(at + 1)
    }
    guard let text = filter("limit"), !text.isEmpty else { return nil }
    guard let asked = Int(text) else { throw .unexpected }
    // `[DEFAULT] max_db_limit`.
    return max(1, min(asked, 1_000))
  }

  private func nextURL(limit: Int, after last: String) -> String {
    var pairs = request.query.map { (name: $0.name, value: $0.value) }
    for (name, value) in [("marker", last), ("limit", String(limit))] {
      if let at = pairs.firstIndex(where: { $0.name == name }) {
        pairs[at].value = value
      } else {
        pairs.append((name, value))
      }
    }
    let path = request.target.prefix { $0 != "?" }
    return base + path + "?" + pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
  }

  private static func filtered(
    _ rows: [JSONObject], _ filter: KeystoneCall.Filter, _ known: [String]
  ) -> [JSONObject] {
    if known.contains(filter.name) {
      return rows.filter { row in
        switch row[filter.name] ?? .null {
        case .bool(let flag): flag == JSONValue.queryBool(filter.value)
        case .string(let text): text == filter.value
        case .number(let text): text == filter.value
        case .null, .array, .object: false
        }
      }
    }
    guard let parts = filter.name.firstRange(of: "__"),
      known.contains(String(filter.name[..<parts.lowerBound]))
    else { return rows }
    let name = String(filter.name[..<parts.lowerBound])
    var comparator = filter.name[parts.upperBound...]
    let folded = comparator.first == "i"
    if folded { comparator = comparator.dropFirst() }
    let wanted = folded ? filter.value.lowercased() : filter.value
    return rows.filter { row in
      guard let value = row[name]?.string else { return false }
      let text = folded ? value.lowercased() : value
      switch comparator {
      case "contains": return wanted.isEmpty || text.firstRange(of: wanted) != nil
      case "startswith": return text.hasPrefix(wanted)
      case "endswith": return text.hasSuffix(wanted)
      default: return true
      }
    }
  }
}

extension Release {
  /// Lists take `limit` and `marker`.
  var hasPages: Bool { number >= 27 }
  /// Schemas come before the policy.
  var checksEarly: Bool { number >= 28 }
}

extension KeystoneError {
  /// For a refusal that has nothing to hide.
  static func refused(_ message: String) -> KeystoneError {
    KeystoneError(403, "Forbidden", message)
  }
}

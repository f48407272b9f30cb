// SPDX-License-Identifier: Apache-2.0

/// One method of one path of the API: what it answers, what it demands, and who may call it.
struct ResourceAction: Sendable {
  typealias Handler =
    @Sendable (inout ResourceContext, inout IdentityStore) throws(KeystoneError) -> KeystoneAnswer

  var endpoint: Endpoint
  var method: APIRequest.Method
  /// The rule of the policy, without `identity:`; nil where anybody may, without a token too.
  var rule: String?
  /// What it answers when it goes well.
  var status: Int
  var body: Schema?
  var query: Schema?
  var handler: Handler

  init(
    _ method: APIRequest.Method, _ endpoint: Endpoint, _ rule: String?, _ status: Int,
    body: Schema? = nil, query: Schema? = nil, _ handler: @escaping Handler
  ) {
    self.endpoint = endpoint
    self.method = method
    self.rule = rule
    self.status = status
    self.body = body
    self.query = query
    self.handler = handler
  }

  /// One that answers 200.
  init(
    _ method: APIRequest.Method, _ endpoint: Endpoint, _ rule: String?, body: Schema? = nil,
    query: Schema? = nil, _ handler: @escaping Handler
  ) {
    self.init(method, endpoint, rule, 200, body: body, query: query, handler)
  }

  private struct Key: Hashable {
    var endpoint: Endpoint
    var method: APIRequest.Method
  }

  private static let index: [Key: ResourceAction] = Dictionary(
    all.map { (Key(endpoint: $0.endpoint, method: $0.method), $0) },
    uniquingKeysWith: { first, _ in preconditionFailure("twice in the table: \(first)") })

  /// HEAD goes where GET goes.
  static func find(_ endpoint: Endpoint, _ method: APIRequest.Method) -> ResourceAction? {
    index[Key(endpoint: endpoint, method: method == .head ? .get : method)]
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// From a request to its handler, by way of all that can be wrong with it.
///
/// The order is Keystone's. The middleware looks at the caller's token first, and whatever is wrong
/// with the token itself makes the caller nobody; only what the token names can fail the request
/// here. Then the body is read, then the path and the method are looked up, then the handler asks
/// the policy.
extension IdentityService {
  mutating func perform(
    _ request: APIRequest, now: UTCTime, base: String, rendered: Bool, store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    if case .healthcheck = request.place {
      return KeystoneAnswer.healthcheck(
        request.method, isDisabled: options.isDisabledByFile)
    }
    var context = APIContext(
      known: try caller(of: request, now: now, store: store), policy: policy, release: release,
      now: now, base: base, body: try Self.body(of: request))
    switch request.place {
    case .versions, .version3:
      guard request.reads else { return notAllowed([.get], request, base) }
      return Discovery.answer(request, release, base: base)
    case .nowhere where request.method == .options && release.usesFlask:
      // The middleware for requests across origins takes a 404 of OPTIONS for its own.
      var answer = KeystoneAnswer(status: 200, operation: .discovery, contentType: .none)
      answer.isBare = true
      answer.speaksPlainly = true
      return answer
    case .healthcheck, .nowhere:
      return noSuchPath(request.target, base)
    case .api(let route):
      let method = request.method == .head ? .get : request.method
      guard route.methods.contains(method) else {
        if route.endpoint == .oauth2Token, request.method != .options {
          return oauth2Refusal(
            405, "other_error", "The method is not allowed for the requested URL.", base)
        }
        return notAllowed(route.methods, request, base)
      }
      var answer = try handle(request, route.endpoint, &context, rendered: rendered, &store)
      answer.operation = request.operation
      return answer
    }
  }

  private mutating func handle(
    _ request: APIRequest, _ endpoint: Endpoint, _ context: inout APIContext, rendered: Bool,
    _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try requireSchema(of: request, store)
    if let answer = try tokenOperation(
      request, endpoint, context, rendered: rendered, &store)
    {
      return answer
    }
    return try resource(request, endpoint, context, &store)
  }

  /// The middleware's part: a token that is no good is as none, but a row that it names and that is
  /// gone, or a payload that breaks the reader, is answered at once.
  private func caller(
    of request: APIRequest, now: UTCTime, store: IdentityStore
  ) throws(KeystoneError) -> Caller? {
    guard let text = request.fields.caller, !text.isEmpty else { return nil }
    do throws(KeystoneError) {
      return caller(try authorized(text, now: now, store: store), store)
    } catch {
      guard error.status == 401 else { throw error }
      return nil
    }
  }

  /// A body must be called JSON or nothing at all, and be an object (`json_body.py`).
  private static func body(of request: APIRequest) throws(KeystoneError) -> JSONValue {
    guard !request.body.isEmpty, request.endpoint != .oauth2Token else { return .object([:]) }
    let type = (request.fields.contentType ?? "").lowercased().prefix { $0 != ";" }
      .filter { $0 != " " && $0 != "\t" }
    guard type.isEmpty || type == "application/json" || type.hasSuffix("+json") else {
      throw .missing("application/json", in: "Content-Type header")
    }
    guard let value = JSONValue(request.body.span), case .object = value else {
      throw .missing("valid JSON", in: "request body")
    }
    return value
  }
}

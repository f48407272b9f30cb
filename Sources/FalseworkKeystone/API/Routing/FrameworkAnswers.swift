// SPDX-License-Identifier: Apache-2.0

/// What the web framework answers by itself: Flask since Stein, webob and routes before.
extension IdentityService {
  /// Flask shows Werkzeug's page, webob an error of Keystone's with the address in it.
  func noSuchPath(_ target: String, _ base: String) -> KeystoneAnswer {
    guard release.usesFlask else {
      let error = KeystoneError.notFound("(\(base)\(target)): The resource could not be found.")
      return KeystoneAnswer(status: 404, operation: .discovery, body: error.body(release))
    }
    return KeystoneAnswer(
      status: 404, operation: .discovery, contentType: .html, body: Array(Self.notFoundPage.utf8))
  }

  static let notFoundPage = """
    <!doctype html>
    <html lang=en>
    <title>404 Not Found</title>
    <h1>Not Found</h1>
    <p>The requested URL was not found on the server. If you entered the URL manually please \
    check your spelling and try again.</p>

    """

  /// What is not of the API's own is Flask's.
  static let notAllowedPage = """
    <!doctype html>
    <html lang=en>
    <title>405 Method Not Allowed</title>
    <h1>Method Not Allowed</h1>
    <p>The method is not allowed for the requested URL.</p>

    """

  /// Before Stein a path was only there for the methods that it had. Flask answers OPTIONS itself.
  func notAllowed(
    _ methods: [APIRequest.Method], _ request: APIRequest, _ base: String
  ) -> KeystoneAnswer {
    guard release.usesFlask else { return noSuchPath(request.target, base) }
    var allowed = methods.map(\.rawValue)
    // A path that cannot be read refuses by itself, and names the one method that it has.
    if methods.contains(.get) { allowed += ["HEAD", "OPTIONS"] }
    let allow = KeystoneAnswer.Field(name: "Allow", value: allowed.sorted().joined(separator: ", "))
    if request.method == .options {
      return KeystoneAnswer(
        status: 200, operation: .discovery, contentType: .html, fields: [allow])
    }
    guard case .api = request.place else {
      return KeystoneAnswer(
        status: 405, operation: .discovery, contentType: .html, fields: [allow],
        body: Array(Self.notAllowedPage.utf8))
    }
    return KeystoneAnswer(
      status: 405, operation: .discovery, fields: [allow],
      body: Array("{\"message\": \"The method is not allowed for the requested URL.\"}\n".utf8))
  }
}

extension KeystoneAnswer {
  /// Answered by a middleware of its own (`oslo_middleware.healthcheck`).
  static func healthcheck(
    _ method: APIRequest.Method, isDisabled: Bool
  ) -> KeystoneAnswer {
    let head = method == .head
    if isDisabled {
      return KeystoneAnswer(
        status: 503, operation: .discovery, contentType: head ? .none : .text,
        body: head ? [] : Array("DISABLED BY FILE".utf8))
    }
    return KeystoneAnswer(
      status: head ? 204 : 200, operation: .discovery, contentType: head ? .none : .text)
  }
}

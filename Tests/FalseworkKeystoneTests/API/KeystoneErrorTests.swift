// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct KeystoneErrorTests {
  private static let flask = Release(named: "stein")!
  private static let webob = Release(named: "rocky")!

  private func text(_ error: KeystoneError, _ release: Release) -> String {
    String(decoding: error.body(release), as: UTF8.self)
  }

  @Test func `the API writes compactly, keys sorted, with a line feed`() {
    #expect(
      text(.notFound("No token in the request"), Self.flask)
        == #"{"error":{"code":404,"message":"No token in the request","title":"Not Found"}}"# + "\n"
    )
  }

  @Test func `the middleware writes spaces, and the message last`() {
    var error = KeystoneError.unauthorized
    error.origin = .middleware
    #expect(
      text(error, Self.flask)
        == #"{"error": {"code": 401, "title": "Unauthorized", "message": "#
        + #""The request you have made requires authentication."}}"#)
  }

  @Test func `before Stein all errors were written alike`() {
    var middleware = KeystoneError.unauthorized
    middleware.origin = .middleware
    let expected =
      #"{"error": {"message": "The request you have made requires authentication.", "code": 401, "#
      + #""title": "Unauthorized"}}"#
    #expect(text(.unauthorized, Self.webob) == expected)
    #expect(text(middleware, Self.webob) == expected)
  }

  @Test func `a plugin's refusal tells the methods`() {
    #expect(
      text(.unsupportedMethod(supported: ["password", "token"]), Self.flask)
        == #"{"error":{"code":401,"identity":{"methods":["password","token"]},"#
        + #""message":"Attempted to authenticate with an unsupported method.","#
        + #""title":"Unauthorized"}}"# + "\n")
  }
}

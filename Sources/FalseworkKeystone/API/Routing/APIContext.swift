// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// What a handler of the API is lent besides the request and the database.
struct APIContext {
  /// Nil: no token came, or none that is good. Keystone's middleware lets such a request pass; the
  /// handler that asks who calls refuses it.
  var known: Caller?
  var policy: Policy
  var release: Release
  var now: UTCTime
  /// Scheme and authority that links begin with.
  var base: String
  /// The body, an object; empty if none came.
  var body: JSONValue

  /// Who calls; 401 if nobody is known.
  func caller() throws(KeystoneError) -> Caller {
    guard let known else { throw .unauthorized }
    return known
  }

  /// Lets the caller pass if the rule does, with 401 for nobody and 403 for the wrong one.
  @discardableResult
  func require(_ rule: String, on target: PolicyTarget = .none) throws(KeystoneError) -> Caller {
    let caller = try caller()
    try policy.require(rule, caller, on: target)
    return caller
  }
}

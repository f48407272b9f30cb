// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Keystone's errors as a client sees them (`keystone/exception.py`).
struct KeystoneError: Error, Equatable {
  var status: Int
  var title: String
  var message: String
  /// `error.identity`, which the authentication plugins add.
  var identityMethods: [String]?

  init(_ status: Int, _ title: String, _ message: String, identityMethods: [String]? = nil) {
    self.status = status
    self.title = title
    self.message = message
    self.identityMethods = identityMethods
  }

  /// The generic text that stands for every reason, so that none is told to a stranger.
  static let unauthorized = KeystoneError(
    401, "Unauthorized", "The request you have made requires authentication.")

  static func notFound(_ message: String) -> KeystoneError {
    KeystoneError(404, "Not Found", message)
  }

  static func badRequest(_ message: String) -> KeystoneError {
    KeystoneError(400, "Bad Request", message)
  }

  static func forbidden(_ action: String) -> KeystoneError {
    KeystoneError(
      403, "Forbidden",
      "You are not authorized to perform the requested action: \(action).")
  }

  static let unexpected = KeystoneError(
    500, "Internal Server Error",
    "An unexpected error prevented the server from fulfilling your request.")

  static func missing(_ attribute: String, in place: String) -> KeystoneError {
    badRequest(
      "Expecting to find \(attribute) in \(place). The server could not comply with the request "
        + "since it is either malformed or otherwise incorrect. The client is assumed to be in "
        + "error.")
  }

  /// Compact, keys sorted, a line feed at the end: as Flask writes it.
  var body: [UInt8] {
    var json = JSONWriter(.compact)
    json.object {
      $0.member("error") { error in
        error.member("code", status)
        if let identityMethods {
          error.member("identity") { identity in
            identity.list("methods") { list in
              for element in identityMethods { list.value(element) }
            }
          }
        }
        error.member("message", message)
        error.member("title", title)
      }
    }
    return json.bytes + [0x0A]
  }
}

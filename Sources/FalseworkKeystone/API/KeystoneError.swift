// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Keystone's errors as a client sees them (`keystone/exception.py`).
struct KeystoneError: Error, Equatable {
  /// What part of Keystone answers; each writes its JSON in its own way.
  enum Origin: Equatable {
    case api
    /// The middleware that looks at `X-Auth-Token` before the API does.
    case middleware
  }

  var status: Int
  var title: String
  var message: String
  var origin = Origin.api
  /// `error.identity`, which the authentication plugins add.
  var identityMethods: [String]?
  /// Thrown by a plugin: `error.identity` is there, if empty.
  var isPlugin = false
  /// More methods are asked for: a receipt answers, with what was shown already.
  var insufficient: Insufficient?
  /// A row that a token names is gone. Only a token's own defects become 401 where it is the
  /// caller's; this stays 404.
  var isMissingRow = false
  /// An exception of Keystone's own with the status 500: written as JSON, where one that nobody
  /// foresaw is left to the container.
  var isForeseen = false

  init(_ status: Int, _ title: String, _ message: String) {
    self.status = status
    self.title = title
    self.message = message
  }

  /// The generic text that stands for every reason, so that none is told to a stranger.
  static let unauthorized = KeystoneError(
    401, "Unauthorized", "The request you have made requires authentication.")

  static func unsupportedMethod(supported: [String]) -> KeystoneError {
    var error = KeystoneError(
      401, "Unauthorized", "Attempted to authenticate with an unsupported method.")
    error.identityMethods = supported
    return error
  }

  struct Insufficient: Equatable {
    var userID: String
    var methods: [String]
  }

  static func insufficientMethods(_ userID: String, _ methods: [String]) -> KeystoneError {
    var error = KeystoneError(
      401, "Unauthorized",
      "Insufficient auth methods received for \(userID). Auth Methods Provided: "
        + "[\(methods.joined(separator: ","))].")
    error.insufficient = Insufficient(userID: userID, methods: methods)
    return error
  }

  static func plugin(_ message: String) -> KeystoneError {
    var error = KeystoneError(401, "Unauthorized", message)
    error.isPlugin = true
    return error
  }

  static func notFound(_ message: String) -> KeystoneError {
    KeystoneError(404, "Not Found", message)
  }

  static func missingRow(_ kind: String, _ id: String) -> KeystoneError {
    var error = notFound("Could not find \(kind): \(id).")
    error.isMissingRow = true
    return error
  }

  /// The text for an end that is past, and for what was revoked.
  static let failedToValidate = notFound("Failed to validate token")

  /// 404 for whoever asks, as a missing row.
  static func disabled(_ kind: String, _ id: String) -> KeystoneError {
    var error = notFound("Unable to validate token because \(kind) \(id) is disabled")
    error.isMissingRow = true
    return error
  }

  static func badRequest(_ message: String) -> KeystoneError {
    KeystoneError(400, "Bad Request", message)
  }

  static func forbidden(_ action: String) -> KeystoneError {
    KeystoneError(
      403, "Forbidden", "You are not authorized to perform the requested action: \(action).")
  }

  /// For a refusal whose reason is told in `insecure_debug` mode only.
  static let forbidden = KeystoneError(
    403, "Forbidden", "You are not authorized to perform the requested action.")

  static let unexpected = KeystoneError(
    500, "Internal Server Error",
    "An unexpected error prevented the server from fulfilling your request.")

  /// An exception of Keystone's own, whose text is told in `insecure_debug` mode only: no keys
  /// (`KeysNotFound`), a group that a mapping names and nobody made, a signed request without
  /// `Authorization`.
  static let foreseen: KeystoneError = {
    var error = unexpected
    error.isForeseen = true
    return error
  }()

  static let notImplemented = KeystoneError(
    501, "Not Implemented", "The action you have requested has not been implemented.")

  static func gone(_ message: String) -> KeystoneError { KeystoneError(410, "Gone", message) }

  static func conflict(_ type: String, _ details: String) -> KeystoneError {
    KeystoneError(
      409, "Conflict", "Conflict occurred attempting to store \(type) - \(details).")
  }

  static func missing(_ attribute: String, in place: String) -> KeystoneError {
    badRequest(
      "Expecting to find \(attribute) in \(place). The server could not comply with the request "
        + "since it is either malformed or otherwise incorrect. The client is assumed to be in "
        + "error.")
  }

  /// Flask (Stein and later) sorts the keys, compactly and with a line feed; the middleware and
  /// everything before Stein leaves spaces, in an order of its own.
  func body(_ release: Release) -> [UInt8] {
    let keys =
      !release.usesFlask
      ? ["message", "code", "identity", "title"]
      : origin == .middleware
        ? ["code", "title", "message", "identity"] : ["code", "identity", "message", "title"]
    let fromFlask = release.usesFlask && origin == .api
    var json = JSONWriter(fromFlask ? .compact : .spaced)
    json.object {
      $0.member("error") { error in
        for key in keys {
          switch key {
          case "code": error.member(key, status)
          case "title": error.member(key, title)
          case "message": error.member(key, message)
          default:
            guard identityMethods != nil || isPlugin else { continue }
            error.member(key) { identity in
              guard let identityMethods else { return }
              identity.list("methods") { list in
                for method in identityMethods { list.value(method) }
              }
            }
          }
        }
      }
    }
    return fromFlask ? json.bytes + [0x0A] : json.bytes
  }
}

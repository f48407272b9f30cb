// SPDX-License-Identifier: Apache-2.0

/// What a command of the runtime API answers, before the empty line that ends it.
struct RuntimeReply: Equatable, Sendable {
  /// Syslog levels, as `set severity-output` shows them.
  enum Severity: Int, Equatable, Sendable {
    case error = 3
    case warning = 4
    case info = 6

    var name: String {
      switch self {
      case .error: "err"
      case .warning: "warning"
      case .info: "info"
      }
    }
  }

  /// Nil for tables of data and for the silence that means success.
  var severity: Severity?
  var text: String

  static let success = RuntimeReply(severity: nil, text: "")

  static func error(_ text: String) -> Self { .init(severity: .error, text: text + "\n") }
  static func warning(_ text: String) -> Self { .init(severity: .warning, text: text + "\n") }
  static func info(_ text: String) -> Self { .init(severity: .info, text: text + "\n") }
  /// Lines that end with a line feed each.
  static func table(_ text: String) -> Self { .init(severity: nil, text: text) }
  /// A few messages of HAProxy 2.6 lack their line feed, so that no empty line follows them.
  static func bareError(_ text: String) -> Self { .init(severity: .error, text: text) }

  static let denied = error("Permission denied")
  static let noServer = error("No such server.")
  static let noBackend = error("No such backend.")
  static let needsServer = error("Require 'backend/server'.")
}

/// A command that goes wrong answers its reply at once.
extension RuntimeReply: Error {}

// SPDX-License-Identifier: Apache-2.0

/// A line that Keystone writes to its log.
package struct KeystoneLogLine: Equatable, Sendable {
  package enum Level: String, Equatable, Sendable {
    case debug = "DEBUG"
    case info = "INFO"
    case warning = "WARNING"
    case error = "ERROR"
    case critical = "CRITICAL"
  }

  package var level: Level
  /// The Python module that says it.
  package var module: String
  package var text: String

  package init(_ level: Level, _ module: String, _ text: String) {
    self.level = level
    self.module = module
    self.text = text
  }
}

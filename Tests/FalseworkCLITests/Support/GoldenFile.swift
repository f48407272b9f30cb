// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// A file that a test compares its output with.
///
/// After a wanted change: `FALSEWORK_UPDATE_GOLDEN=1 swift test --filter FalseworkCLITests`, then
/// look at the difference as a user of the program would.
enum GoldenFile {
  static func expect(
    _ bytes: [UInt8], _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(
        components: "Golden", name)
    if ProcessInfo.processInfo.environment["FALSEWORK_UPDATE_GOLDEN"] != nil {
      try Data(bytes).write(to: file)
      return
    }
    let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    let found = String(decoding: bytes, as: UTF8.self)
    guard found != expected else { return }
    let pair = zip(
      expected.split(separator: "\n", omittingEmptySubsequences: false),
      found.split(separator: "\n", omittingEmptySubsequences: false))
    let first = pair.enumerated().first { $0.element.0 != $0.element.1 }
    Issue.record(
      """
      \(name) differs, first in line \(first.map { $0.offset + 1 } ?? 0):
      expected \(first?.element.0 ?? "(another length)")
      found    \(first?.element.1 ?? "")
      """, sourceLocation: sourceLocation)
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Every event of a run as a line of text: two runs of one scenario and one seed have the same.
package struct Trace: Equatable, Sendable {
  package private(set) var lines: [String] = []

  package init() {}

  package var text: String { lines.joined(separator: "\n") + (lines.isEmpty ? "" : "\n") }

  /// `    31.204117 proxy → keystone2: forward c12.0 s3.1`
  mutating func add(_ now: Instant, _ text: String) {
    let seconds = (now - .start).secondsText(decimals: 9)
    let padding = String(repeating: " ", count: max(0, 16 - seconds.count))
    lines.append("\(padding)\(seconds) \(text)")
  }
}

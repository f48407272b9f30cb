// SPDX-License-Identifier: Apache-2.0

/// A part of a page that a program writes: what stands between `<!-- begin NAME -->` and
/// `<!-- end NAME -->`.
package struct MarkedSection: Equatable, Sendable {
  package var name: String

  package init(name: String) { self.name = name }

  /// The page with the part replaced; nil if it has no such part.
  package func replaced(in page: String, by text: String) -> String? {
    let begin = "<!-- begin \(name) -->"
    let end = "<!-- end \(name) -->"
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.firstIndex(where: { $0 == begin }),
      let last = lines[first...].firstIndex(where: { $0 == end })
    else { return nil }
    let head = lines[...first].joined(separator: "\n")
    let tail = lines[last...].joined(separator: "\n")
    return head + "\n\n" + text + "\n" + tail
  }
}

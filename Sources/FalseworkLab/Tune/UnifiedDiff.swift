// SPDX-License-Identifier: Apache-2.0

/// The changed lines of a text as `diff -u` writes them.
package enum UnifiedDiff {
  private static let context = 3

  /// Empty if the texts are equal.
  package static func text(_ old: String, _ new: String, name: String) -> String {
    guard old != new else { return "" }
    let (a, b) = (lines(old), lines(new))
    let edits = edits(a, b)
    var result = "--- a/\(name)\n+++ b/\(name)\n"
    var place = 0
    while let first = edits[place...].firstIndex(where: { $0.kind != .kept }) {
      let begin = max(place, first - context)
      var end = first
      // Changes whose contexts meet are one hunk.
      while let next = edits[end...].firstIndex(where: { $0.kind != .kept }),
        next - end <= 2 * context || next == first
      {
        end = next + 1
        if end == edits.count { break }
      }
      let hunk = edits[begin..<min(edits.count, end + context)]
      let before = hunk.count { $0.kind != .added }
      let after = hunk.count { $0.kind != .removed }
      result += "@@ -\(span(hunk.first!.old, before)) +\(span(hunk.first!.new, after)) @@\n"
      for edit in hunk { result += "\(edit.kind.rawValue)\(edit.line)\n" }
      place = hunk.endIndex
      if place == edits.count { break }
    }
    return result
  }

  private static func span(_ begin: Int, _ count: Int) -> String {
    let line = count == 0 ? begin : begin + 1
    return count == 1 ? "\(line)" : "\(line),\(count)"
  }

  private static func lines(_ text: String) -> [Substring] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last == "" { lines.removeLast() }
    return lines
  }

  private enum Kind: String {
    case kept = " "
    case removed = "-"
    case added = "+"
  }

  private struct Edit {
    var kind: Kind
    var line: Substring
    /// Lines before it.
    var old: Int
    var new: Int
  }

  /// The longest common subsequence of what lies between an equal beginning and an equal end.
  private static func edits(_ a: [Substring], _ b: [Substring]) -> [Edit] {
    var head = 0
    while head < a.count, head < b.count, a[head] == b[head] { head += 1 }
    var tail = 0
    while tail < a.count - head, tail < b.count - head,
      a[a.count - 1 - tail] == b[b.count - 1 - tail]
    {
      tail += 1
    }
    let (n, m) = (a.count - head - tail, b.count - head - tail)
    var longest = Array(repeating: Array(repeating: 0, count: m + 1), count: n + 1)
    for i in (0..<n).reversed() {
      for j in (0..<m).reversed() {
        longest[i][j] =
          a[head + i] == b[head + j]
          ? longest[i + 1][j + 1] + 1 : max(longest[i + 1][j], longest[i][j + 1])
      }
    }
    var edits: [Edit] = []
    var (i, j) = (0, 0)
    func add(_ kind: Kind, _ line: Substring) {
      edits.append(Edit(kind: kind, line: line, old: i, new: j))
      if kind != .added { i += 1 }
      if kind != .removed { j += 1 }
    }
    while i < a.count || j < b.count {
      let (x, y) = (i - head, j - head)
      if i < head || x >= n && y >= m {
        add(.kept, a[i])
      } else if x < n, y < m, a[i] == b[j] {
        add(.kept, a[i])
      } else if x < n, y >= m || longest[x + 1][y] >= longest[x][y + 1] {
        add(.removed, a[i])
      } else {
        add(.added, b[j])
      }
    }
    return edits
  }
}

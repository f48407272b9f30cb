// SPDX-License-Identifier: Apache-2.0

/// The candidate with the smallest edit distance (insertions, deletions, substitutions and
/// exchanges of neighbours), if that is at most a third of the word's length and at least 1.
/// The first of several equals.
package func nearestWord(to word: String, among candidates: [String]) -> String? {
  let limit = max(1, word.count / 3)
  let scored = candidates.map { (distance(Array(word), Array($0)), $0) }
  guard let best = scored.min(by: { $0.0 < $1.0 }), best.0 <= limit else { return nil }
  return best.1
}

private func distance(_ a: [Character], _ b: [Character]) -> Int {
  var rows = [Array(0...b.count)]
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        best = min(best, rows[i - 1][j - 1] + 1)
      }
      row.append(best)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}

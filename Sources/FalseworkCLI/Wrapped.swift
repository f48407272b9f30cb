// SPDX-License-Identifier: Apache-2.0

/// Text in lines of a terminal's width.
enum Wrapped {
  /// - Parameters:
  ///   - first: what the first line begins with.
  ///   - indent: blanks before every further line.
  static func paragraph(
    _ text: String, first: String = "", indent: Int = 0, width: Int = 80
  ) -> String {
    var lines: [String] = []
    var line = first
    var isEmpty = true
    for word in text.split(separator: " ") {
      if !isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = String(repeating: " ", count: indent)
        isEmpty = true
      }
      line += isEmpty ? String(word) : " " + word
      isEmpty = false
    }
    lines.append(line)
    return lines.joined(separator: "\n")
  }
}

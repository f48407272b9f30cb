// SPDX-License-Identifier: Apache-2.0

/// Emphasis on a terminal. Text is laid out before it is inked: escape sequences have no width.
struct Ink: Sendable {
  enum Style: String, Sendable {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
  }

  /// False leaves all text as it is.
  let colours: Bool

  func callAsFunction(_ text: String, _ style: Style) -> String {
    colours && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}

extension String {
  func padded(_ width: Int) -> String {
    count >= width ? self : self + String(repeating: " ", count: width - count)
  }

  func flushRight(_ width: Int) -> String {
    count >= width ? self : String(repeating: " ", count: width - count) + self
  }

  /// At most so many characters, the middle left out: the ends of names tell them apart.
  func shortened(_ width: Int) -> String {
    guard count > width, width > 1 else { return String(prefix(max(0, width))) }
    let head = (width - 1) * 2 / 3
    return prefix(head) + "…" + suffix(width - 1 - head)
  }

  /// On one line, and nothing that a terminal would obey.
  var printable: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? " " : $0 }))
  }
}

/// Breaks pieces of text into lines. A piece is never broken, unless it is longer than a line.
func wrapped(_ pieces: [String], width: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  for piece in pieces {
    if line.isEmpty {
      line = piece
    } else if line.count + 1 + piece.count <= width {
      line += " " + piece
    } else {
      lines.append(line)
      line = piece
    }
    while line.count > width {
      lines.append(String(line.prefix(width)))
      line = String(line.dropFirst(width))
    }
  }
  if !line.isEmpty { lines.append(line) }
  return lines
}

/// Breaks a text at its spaces.
func wrapped(_ text: String, width: Int) -> [String] {
  wrapped(text.split(separator: " ").map(String.init), width: width)
}

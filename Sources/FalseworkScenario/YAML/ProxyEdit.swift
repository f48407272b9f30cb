// SPDX-License-Identifier: Apache-2.0

/// A change of the text of a `haproxy.cfg`, as an operator would make it in his editor.
package enum ProxyEdit: Hashable, Sendable {
  /// A line in every backend with servers; lines that begin with the same words, or with `no` and
  /// those, go.
  case backend(line: String, words: Int)
  /// A parameter of every server that is checked.
  case server(parameter: String, value: String)

  /// As one would say it.
  package var text: String {
    switch self {
    case .backend(let line, _): "`\(line)` in the backend"
    case .server(let parameter, let value): "`\(parameter) \(value)` on the servers"
    }
  }

  package func applied(to text: String) -> String {
    var lines: [String] = []
    var section = ""
    var inserted = false
    let all = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for line in all {
      let words = Self.words(line)
      if let first = words.first, Self.sections.contains(first) {
        section = first
        inserted = false
      }
      guard section == "backend" || section == "listen" || section == "defaults" else {
        lines.append(line)
        continue
      }
      switch self {
      case .backend(let new, let count):
        let subject = words.first == "no" ? Array(words.dropFirst()) : words
        let replaced = subject.prefix(count) == Self.words(new).prefix(count)
        if replaced, section != "defaults" { continue }
        if words.first == "server", !inserted {
          inserted = true
          lines.append("    " + new)
        }
        lines.append(line)
      case .server(let parameter, let value):
        lines.append(
          words.first == "server" && words.contains("check")
            ? Self.line(line, words, with: parameter, value) : line)
      }
    }
    return lines.joined(separator: "\n")
  }

  private static let sections: Set<String> = [
    "global", "defaults", "frontend", "backend", "listen", "userlist", "peers", "resolvers",
  ]

  private static func words(_ line: String) -> [String] {
    line.prefix { $0 != "#" }.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
  }

  private static func line(
    _ line: String, _ words: [String], with parameter: String, _ value: String
  ) -> String {
    var words = words
    if let place = words.firstIndex(of: parameter), place + 1 < words.count {
      words[place + 1] = value
    } else {
      words += [parameter, value]
    }
    return line.prefix { $0 == " " || $0 == "\t" } + words.joined(separator: " ")
  }
}

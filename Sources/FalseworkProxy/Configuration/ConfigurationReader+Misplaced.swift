// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Keywords that are unknown, or known in another section.
extension ConfigurationReader {
  private typealias Section = ConfigurationKeywords.Section

  mutating func misplaced(
    _ words: [String], _ section: ConfigurationKeywords.Section, _ line: Int
  ) {
    let pair = words.prefix(2).joined(separator: " ")
    for name in [pair, words[0]] {
      let places = ConfigurationKeywords.sections(of: name).filter(\.isProxy)
      if section.isProxy, !places.isEmpty {
        return outOfPlace(name, words[0], places, section, line)
      }
    }
    unknown(words, section, line)
  }

  /// HAProxy refuses a keyword that `defaults` cannot hold, and `server` lines where no backend
  /// is; all else that the other side of a proxy would take, it warns about and drops.
  private mutating func outOfPlace(
    _ name: String, _ first: String, _ places: Set<Section>, _ section: Section, _ line: Int
  ) {
    guard section != .defaults, let draft = drafts.last else {
      return alert(line, "'\(name)' not allowed in 'defaults' section.")
    }
    let missing = section == .frontend ? "backend" : "frontend"
    let why = "because \(draft.kind) has no \(missing) capability"
    if places.contains(section == .frontend ? .backend : .frontend) == false {
      return alert(line, "'\(name)' not allowed in '\(section.rawValue)' section.")
    }
    switch first {
    case "server", "default-server", "server-template":
      alert(line, "'\(name)' not allowed \(why).")
    case "timeout": warn(line, "'\(name)' will be ignored \(why)")
    case "option": warn(line, "'\(name.dropFirst(7))' ignored \(why).")
    case "maxconn":
      warn(line, "'maxconn' ignored \(why). Maybe you want 'fullconn' instead ?")
    default: warn(line, "'\(first)' ignored \(why).")
    }
  }

  private mutating func unknown(_ words: [String], _ section: Section, _ line: Int) {
    let second = words.count > 1 ? words[1] : ""
    let pair = words.prefix(2).joined(separator: " ")
    switch words[0] {
    case "option" where section.isProxy:
      if second.isEmpty { return alert(line, "'option' expects an option name.") }
      alert(line, "unknown option '\(second)'" + (hint(pair, section) ?? "."))
    case "timeout" where section.isProxy:
      let names =
        "'client', 'server', 'connect', 'check', 'queue', 'http-keep-alive', 'http-request', "
        + "'tunnel', 'tarpit', 'client-fin' and 'server-fin'"
      alert(line, "'timeout' supports \(names) (got '\(second)')" + (hint(pair, section) ?? ""))
    case "stats" where section == .global:
      let names = "'socket', 'maxconn', 'bind-process' and 'timeout'"
      alert(line, "'stats' only supports \(names) (got '\(second)')" + (hint(pair, section) ?? ""))
    case "http-check" where section.isProxy:
      let names =
        "'disable-on-404', 'send-state', 'comment', 'connect', 'send', 'expect', "
        + "'set-var-fmt(*)', 'set-var(*)', 'unset-var(*)'."
      alert(line, "'http-check' only supports \(names) but got '\(second)'")
    default:
      alert(
        line,
        "unknown keyword '\(words[0])' in '\(section.rawValue)' section"
          + (hint(words[0], section) ?? ""))
    }
  }

  private func hint(_ name: String, _ section: Section) -> String? {
    let taken = ConfigurationKeywords.taken(in: section) + Section.written.map(\.rawValue)
    return nearestWord(to: name, among: taken).map {
      let word =
        $0.hasPrefix("option ") || $0.hasPrefix("timeout ") ? $0.split(separator: " ")[1] : $0[...]
      return "; did you mean '\(word)' maybe ?"
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkLab
import FalseworkScenario

/// What values change in the files that an operator has: the lines of the scenario and of its
/// `haproxy.cfg`, as unified diffs.
///
/// The changed files are read again. If they do not say exactly what the values said, the values
/// themselves are given, as options.
enum ChangedLines {
  static func text(
    _ source: ScenarioSource, path: String, overrides: [ScenarioOverride]
  ) -> [String] {
    let options = overrides.map { "--set '\($0.path)=\($0.value)'" }.joined(separator: " ")
    let fallback = ["what changes, as options: \(options)"]
    guard let bytes = source.bytes(of: path) else { return fallback }
    let old = String(decoding: bytes, as: UTF8.self)
    do throws(ScenarioProblems) {
      let base = try source.read([])
      let wanted = try source.read(overrides)
      var text = old
      for override in overrides where !override.path.hasPrefix("proxy.") {
        guard let next = ScenarioEdit.text(text, setting: override.path, to: override.value) else {
          return fallback
        }
        text = next
      }
      var files: [String: [UInt8]] = [:]
      var changes: [String] = []
      let (before, after) = (base.proxy.text, wanted.proxy.text)
      if before != after {
        if base.proxy.file == path {
          guard let next = literal(before, after, in: text) else { return fallback }
          text = next
        } else {
          files[base.proxy.file] = Array(after.utf8)
          changes.append(UnifiedDiff.text(before, after, name: base.proxy.file))
        }
      }
      files[path] = Array(text.utf8)
      var again = try source.read([], changed: files)
      var expected = wanted
      guard again.proxy.text == expected.proxy.text else { return fallback }
      // Places of lines differ where lines were added.
      again.proxy = expected.proxy
      expected.name = again.name
      guard again == expected else { return fallback }
      if text != old { changes.insert(UnifiedDiff.text(old, text, name: path), at: 0) }
      return changes.isEmpty ? [] : changes
    } catch {
      return fallback
    }
  }

  /// A configuration that stands in the scenario itself, with another in its place.
  private static func literal(_ old: String, _ new: String, in text: String) -> String? {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var own = old.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var next = new.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while own.last == "" { own.removeLast() }
    while next.last == "" { next.removeLast() }
    guard let first = own.first, lines.count >= own.count else { return nil }
    for begin in 0...lines.count - own.count where lines[begin].hasSuffix(first) {
      let indent = String(lines[begin].dropLast(first.count))
      guard indent.allSatisfy({ $0 == " " }) else { continue }
      let matches = own.indices.allSatisfy { index in
        let line = lines[begin + index]
        return line == indent + own[index] || own[index].isEmpty && line.allSatisfy { $0 == " " }
      }
      guard matches else { continue }
      lines.replaceSubrange(
        begin..<begin + own.count, with: next.map { $0.isEmpty ? "" : indent + $0 })
      return lines.joined(separator: "\n")
    }
    return nil
  }
}

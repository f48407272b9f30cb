// SPDX-License-Identifier: Apache-2.0

/// One mistake in a scenario, located.
package struct ScenarioProblem: Equatable, Sendable {
  /// The file, or `--set rotation.drain` for a value from the command line.
  package var file: String
  /// From 1; 0 where there is none.
  package var line: Int
  package var column: Int
  /// The key that the mistake is at, such as `rotation.drain`.
  package var path: String
  package var found: String
  /// Empty if `found` says all: what the reader of `haproxy.cfg` says about a line of its own.
  package var expected: String
  /// The nearest right key or word, if one is near.
  package var nearest: String?

  package init(
    file: String, line: Int, column: Int, path: String, found: String, expected: String,
    nearest: String? = nil
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.path = path
    self.found = found
    self.expected = expected
    self.nearest = nearest
  }
}

extension ScenarioProblem: CustomStringConvertible {
  /// `first-upgrade.yaml:12:3: rotation.drian: found 'drian', expected … Did you mean 'drain'?`
  package var description: String {
    var text = file
    if line > 0 { text += ":\(line)" }
    if column > 0 { text += ":\(column)" }
    text += ": "
    // A value from the command line is named by its path already.
    if !path.isEmpty, !file.hasSuffix(" \(path)") { text += "\(path): " }
    text += expected.isEmpty ? found : "found \(found), expected \(expected)"
    if let nearest { text += "; did you mean '\(nearest)'?" }
    return text
  }
}

/// Everything that is wrong with a scenario, in the order of the file.
package struct ScenarioProblems: Error, Equatable, Sendable {
  package var problems: [ScenarioProblem]
}

extension ScenarioProblems: CustomStringConvertible {
  package var description: String { problems.map(\.description).joined(separator: "\n") }
}

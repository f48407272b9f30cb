// SPDX-License-Identifier: Apache-2.0

/// What must stand in a file, and what must not, whatever language it is in.
enum TextRule {
  static let licence = "SPDX-License-Identifier: Apache-2.0"

  /// Code names its licence in one of its first two lines: a tools version or an interpreter may
  /// have to come first.
  static func licences(_ file: SourceFile) -> [Finding] {
    let suffixes = [".swift", ".sh", ".py", ".h", ".lua"]
    let names = ["Makefile", ".ci/run"]
    guard suffixes.contains(where: file.path.hasSuffix) || names.contains(file.path) else {
      return []
    }
    let named = file.lines.prefix(2).contains { $0.hasSuffix(licence) }
    return named ? [] : [Finding(path: file.path, line: 1, message: "no line `\(licence)`")]
  }

  /// Put together here, so that this file does not hold what it looks for.
  static let machinePaths = ["/wo" + "rk/", "/ho" + "me/", "/Use" + "rs/", "/ro" + "ot/"]

  /// A path of one machine means nothing on another.
  static func machinePaths(_ file: SourceFile) -> [Finding] {
    findings(file) { line in
      machinePaths.first { line.contains($0) }.map { "a path of one machine: \($0)" }
    }
  }

  private static let marks = ["FIX" + "ME", "TO" + "DO", "XX" + "X"]

  /// What is unfinished is an issue, not a comment.
  static func unfinished(_ file: SourceFile) -> [Finding] {
    guard file.isSwift else { return [] }
    return findings(file) { line in
      marks.first { WordRule.contains(String(line), $0) }.map { "unfinished: \($0)" }
    }
  }

  private static func findings(
    _ file: SourceFile, _ message: (Substring) -> String?
  ) -> [Finding] {
    file.lines.enumerated().compactMap { index, line in
      message(line).map { Finding(path: file.path, line: index + 1, message: $0) }
    }
  }

  /// A stand-in goes when a real file has come.
  static func placeholders(_ files: [SourceFile]) -> [Finding] {
    files.filter { $0.path.hasSuffix("/Placeholder.swift") }.compactMap { file in
      let folder = file.path.dropLast("Placeholder.swift".count)
      let others = files.contains {
        $0.isSwift && $0.path != file.path && $0.path.hasPrefix(folder)
      }
      return others ? Finding(path: file.path, line: 1, message: "no longer needed") : nil
    }
  }
}

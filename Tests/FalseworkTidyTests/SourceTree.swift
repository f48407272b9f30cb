// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A text file of the repository.
struct SourceFile: Sendable {
  /// From the root of the repository: `Sources/FalseworkCore/ID.swift`.
  let path: String
  let text: String
  /// Only what is code of it; empty if it is no Swift.
  let code: SwiftCode

  init(path: String, text: String) {
    self.path = path
    self.text = text
    code = SwiftCode(path.hasSuffix(".swift") ? text : "")
  }

  var lines: [Substring] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last == "" { lines.removeLast() }
    return lines
  }

  var isSwift: Bool { path.hasSuffix(".swift") }
  var isTest: Bool { path.hasPrefix("Tests/") }

  /// The module that a file of `Sources/` belongs to.
  var module: String? {
    let parts = path.split(separator: "/")
    return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
  }
}

/// What a check has against a file.
struct Finding: Equatable, CustomStringConvertible {
  var path: String
  var line: Int
  var message: String

  var description: String { "\(path):\(line): \(message)" }
}

enum SourceTree {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Every text file that a clone holds, in the order of their paths. What a build or a run leaves
  /// behind is not among them.
  static let files: [SourceFile] = {
    let base = root.path(percentEncoded: false)
    guard let walk = FileManager.default.enumerator(atPath: base) else { return [] }
    var files: [SourceFile] = []
    for case let path as String in walk {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      if isLeftBehind(path, name) {
        walk.skipDescendants()
        continue
      }
      guard walk.fileAttributes?[.type] as? FileAttributeType == .typeRegular,
        let data = FileManager.default.contents(atPath: base + "/" + path),
        let text = String(validating: data, as: UTF8.self)
      else { continue }
      files.append(SourceFile(path: path, text: text))
    }
    return files.sorted { $0.path < $1.path }
  }()

  private static func isLeftBehind(_ path: String, _ name: String) -> Bool {
    name == ".git" || name.hasPrefix(".build") || name == ".swiftpm" || name == ".venv"
      || name == "Package.resolved" || path == "results" || path == "Benchmarks/results"
      || name == "__pycache__" || name == ".pytest_cache"
  }

  static var swift: [SourceFile] { files.filter(\.isSwift) }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A directory of a test's own, gone after it.
struct TemporaryDirectory {
  let path: String

  static func with<Result>(_ body: (TemporaryDirectory) async throws -> Result) async throws
    -> Result
  {
    let base = FileManager.default.temporaryDirectory
    let url = base.appending(path: "cli-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer {
      do {
        try FileManager.default.removeItem(at: url)
      } catch {
        print("left behind: \(url.path()): \(error)")
      }
    }
    return try await body(TemporaryDirectory(path: url.path()))
  }

  func file(_ name: String) -> String { path + "/" + name }

  func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: URL(filePath: file(name)))
    return file(name)
  }

  func read(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: file(name))) }

  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}

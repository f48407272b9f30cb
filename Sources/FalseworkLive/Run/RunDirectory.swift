// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A directory of a run's own for its sockets, readable by its user alone. It is gone after the
/// run.
final class RunDirectory: Sendable {
  let path: String

  init() throws(LiveError) {
    let base = getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/falsework-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else {
      throw .system(action: "make a directory in \(base)", errno: errno)
    }
    path = String(
      decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  func socket(_ name: String) -> String { path + "/" + name }

  /// The sockets in it are removed by those who listened there.
  func remove() {
    rmdir(path)
  }
}

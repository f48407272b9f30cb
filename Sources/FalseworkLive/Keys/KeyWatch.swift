// SPDX-License-Identifier: Apache-2.0
package import FalseworkKeystone
import Glibc

/// Key directories on disk, as a node reads them: anew at each use.
///
/// To open and read every file for each request would cost more than the request, so that only the
/// times and sizes of the directory and of its files are asked for, and the files are read again
/// when one of them differs. A change within the grain of the file system's clock could escape that:
/// what changed just before it was read is read again until it is older than that.
package struct KeyWatch: Sendable {
  package let path: String
  private var seen: [Mark] = []
  /// A reading so close to a change does not count as settled.
  private var isSettled = false
  package private(set) var directory: KeyDirectory

  /// Times on Linux come from the kernel's tick, of at most 10 ms.
  private static let grain: Int64 = 20_000_000

  private struct Mark: Equatable {
    var file: UInt64
    var size: Int
    /// Nanoseconds since 1970. The change of the inode, because it cannot be set back.
    var changed: Int64
  }

  package init(_ path: String) {
    self.path = path
    directory = .missing(path)
    _ = refresh()
  }

  /// Whether `directory` is another one than before.
  package mutating func refresh() -> Bool {
    if isSettled, marks() == seen { return false }
    let now = Self.now
    let before = directory
    directory = KeyDirectory.read(path)
    // What changes after it was read has a time after `now`, and is read again next time.
    seen = marks()
    isSettled = seen.allSatisfy { now - $0.changed > Self.grain }
    return directory != before
  }

  private func marks() -> [Mark] {
    var marks: [Mark] = []
    guard let own = Self.mark(path) else { return [] }
    marks.append(own)
    for file in directory.files {
      if let mark = Self.mark(path + "/" + file.name) { marks.append(mark) }
    }
    return marks
  }

  private static func mark(_ path: String) -> Mark? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Mark(
      file: UInt64(status.st_ino), size: Int(status.st_size),
      changed: Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec))
  }

  private static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkReport
import FalseworkScenario
import Glibc

/// Files, without Foundation.
enum TextFile {
  /// The bytes of a file.
  static func read(_ path: String) throws(UnreadableFile) -> [UInt8] {
    guard let file = fopen(path, "r") else { throw UnreadableFile(reason: systemError()) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { break }
      bytes.append(contentsOf: chunk[0..<count])
    }
    // A directory opens, and fails when it is read.
    guard ferror(file) == 0 else { throw UnreadableFile(reason: systemError()) }
    return bytes
  }

  static func write(_ bytes: [UInt8], to path: String) throws(CommandEnd) {
    guard let file = fopen(path, "w") else { throw failure(path) }
    let written = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, written == bytes.count else { throw failure(path) }
  }

  /// Makes a directory and those above it, to write files in.
  static func makeDirectory(_ path: String) throws(CommandEnd) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
      guard mkdir(made, 0o777) == 0 || errno == EEXIST else { throw failure(made) }
    }
    // With the dot, a file in its place is an error here and not when it is written into.
    guard access(path + "/.", W_OK) == 0 else { throw failure(path) }
  }

  /// Writes a line to standard error.
  static func complain(_ text: String) { Terminal.write(text + "\n", to: .error) }

  static func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }

  /// The variables whose names begin so.
  static func environment(prefix: String) -> [String: String] {
    var found: [String: String] = [:]
    var place = unsafe environ
    while let entry = unsafe place.pointee {
      let line = unsafe String(cString: entry)
      unsafe place = place.advanced(by: 1)
      guard line.hasPrefix(prefix), let equals = line.firstIndex(of: "=") else { continue }
      found[String(line[..<equals])] = String(line[line.index(after: equals)...])
    }
    return found
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// The names in a directory in ascending order; nil if it cannot be listed.
  static func names(in directory: String) -> [String]? {
    guard let handle = opendir(directory) else { return nil }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = unsafe readdir(handle) {
      names.append(
        unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }

  static var currentDirectory: String {
    guard let path = unsafe getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return unsafe String(cString: path)
  }

  /// A path from the root, without `.`, `..` and doubled slashes; links are not followed
  /// (`os.path.abspath`).
  static func absolute(_ path: String) -> String {
    var parts: [Substring] = []
    let whole = path.hasPrefix("/") ? path : currentDirectory + "/" + path
    for part in whole.split(separator: "/") where part != "." {
      if part == ".." { parts = parts.dropLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  /// Why the last call of the C library on a file failed.
  static func failure(_ path: String) -> CommandEnd {
    CommandEnd(status: .environment, message: "\(path): \(systemError())")
  }

  private static func systemError() -> String { unsafe String(cString: strerror(errno)) }
}

// SPDX-License-Identifier: Apache-2.0
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension ScenarioReader {
  /// A reader of real files and of the variables of this process.
  package static var files: ScenarioReader {
    ScenarioReader(
      environment: { name in getenv(name).map { String(cString: $0) } },
      load: { path throws(UnreadableFile) in try contents(of: path) })
  }
}

/// The bytes of a file; of one that is too large, a few more than the limit, so that its reader sees
/// that it is.
private func contents(of path: String) throws(UnreadableFile) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw UnreadableFile(reason: reason(errno)) }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65_536)
  while bytes.count <= SourceText.limit {
    let count = read(descriptor, &chunk, chunk.count)
    if count < 0 {
      if errno == EINTR { continue }
      throw UnreadableFile(reason: reason(errno))
    }
    if count == 0 { break }
    bytes.append(contentsOf: chunk[..<count])
  }
  return bytes
}

private func reason(_ code: Int32) -> String {
  switch code {
  case ENOENT: "no such file"
  case EISDIR: "a directory"
  case EACCES: "a file that may not be read"
  default: String(cString: strerror(code))
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkReport
import Glibc

/// A binary log of requests that is read in pieces, so that it may be larger than the memory.
final class RequestLogFile {
  private let path: String
  private let file: UnsafeMutablePointer<FILE>
  private var reader = RequestLog.Reader()
  private var chunk = [UInt8](repeating: 0, count: 262_144)

  init(_ path: String) throws(CommandEnd) {
    self.path = path
    guard let file = unsafe fopen(path, "r") else { throw TextFile.failure(path) }
    unsafe self.file = file
  }

  deinit {
    _ = unsafe fclose(file)
  }

  /// The next requests; none when all were read. A log that was cut short is read as far as it goes,
  /// and then is an error.
  func next() throws(CommandEnd) -> [LoggedRequest] {
    do throws(RequestLog.Problem) {
      while true {
        let count = unsafe fread(&chunk, 1, chunk.count, file)
        guard count > 0 else {
          guard unsafe ferror(file) == 0 else { break }
          try reader.finish()
          return []
        }
        reader.add(Array(chunk[0..<count]))
        let requests = try reader.requests()
        if !requests.isEmpty { return requests }
      }
    } catch {
      throw CommandEnd(status: .environment, message: "\(path): \(error.text)")
    }
    throw TextFile.failure(path)
  }
}

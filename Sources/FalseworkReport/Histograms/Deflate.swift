// SPDX-License-Identifier: Apache-2.0
import CZlib

/// A zlib stream (RFC 1950) of bytes in memory, by the system's zlib.
enum Deflate {
  static func compressed(_ bytes: [UInt8]) -> [UInt8] {
    var length = compressBound(UInt(bytes.count))
    var stream = [UInt8](repeating: 0, count: Int(length))
    let status = unsafe compress2(
      &stream, &length, bytes, UInt(bytes.count), Z_DEFAULT_COMPRESSION)
    precondition(status == Z_OK, "zlib: \(status) for \(bytes.count) bytes")
    stream.removeLast(stream.count - Int(length))
    return stream
  }

  /// Nil if it is no such stream, or one of more than `limit` bytes.
  static func expanded(_ stream: some Sequence<UInt8>, limit: Int) -> [UInt8]? {
    let stream = Array(stream)
    var room = min(limit, 16_384)
    while true {
      var bytes = [UInt8](repeating: 0, count: room)
      var length = UInt(room)
      switch unsafe uncompress(&bytes, &length, stream, UInt(stream.count)) {
      case Z_OK:
        bytes.removeLast(bytes.count - Int(length))
        return bytes
      case Z_BUF_ERROR where room < limit: room = min(limit, room * 4)
      default: return nil
      }
    }
  }
}

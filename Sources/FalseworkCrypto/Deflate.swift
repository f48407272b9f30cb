// SPDX-License-Identifier: Apache-2.0
import CZlib

/// The zlib format (RFC 1950), as a PKIZ token is packed.
package enum Zlib {
  /// - Parameter level: 1 to 9; Python's default and Keystone's is 6.
  package static func compress(_ bytes: [UInt8], level: Int32 = 6) -> [UInt8] {
    let bound = compressBound(uLong(bytes.count))
    return [UInt8](unsafeUninitializedCapacity: Int(bound)) { buffer, count in
      var length = bound
      let done = compress2(buffer.baseAddress, &length, bytes, uLong(bytes.count), level)
      precondition(done == Z_OK, "zlib cannot compress: \(done)")
      count = Int(length)
    }
  }

  /// Nil if the bytes are not of the format, are cut, or come to more than the limit. The room grows
  /// with what comes of them.
  package static func decompress(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    // One byte more, so that a result as long as the buffer is known to be too long.
    let most = limit + 1
    var room = min(most, 16_384)
    while true {
      var status = Z_OK
      let output = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        var length = uLong(room)
        status = uncompress(buffer.baseAddress, &length, bytes, uLong(bytes.count))
        count = status == Z_OK ? Int(length) : 0
      }
      switch status {
      case Z_OK: return output.count <= limit ? output : nil
      case Z_BUF_ERROR where room < most: room = min(most, room * 4)
      default: return nil
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
import CLibSSL

/// A memory BIO: the only kind of BIO here, since bytes come from and go to an event loop.
extension OpaquePointer {
  /// A BIO with a copy of these bytes.
  init(reading bytes: [UInt8]) {
    guard let memory = BIO_new(BIO_s_mem()) else { preconditionFailure("out of memory") }
    var written = 0
    if !bytes.isEmpty { BIO_write_ex(memory, bytes, bytes.count, &written) }
    precondition(written == bytes.count, "a memory BIO takes everything")
    self = memory
  }

  /// What a memory BIO holds, which it holds no more.
  func takeAll() -> [UInt8] {
    let count = BIO_ctrl_pending(self)
    guard count > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      BIO_read_ex(self, buffer.baseAddress, count, &initialized)
    }
  }
}

/// libcrypto's queue of errors, which belongs to the thread.
enum LibraryError {
  /// The text of the first error since the queue was cleared, which is then cleared again.
  static func take() -> String {
    let error = ERR_peek_error()
    ERR_clear_error()
    return text(error)
  }

  static func text(_ error: UInt) -> String {
    guard let reason = ERR_reason_error_string(error) else { return "unknown error \(error)" }
    return String(cString: reason)
  }

  static func reason(_ error: UInt) -> Int32 { falsework_error_reason(error) }
}

// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// The bytes that a connection received and nobody has used yet.
///
/// What the socket delivers is taken over without a copy where nothing is left over, and let go
/// as soon as it is used up, so that the event loop reads into the same memory again.
struct Inbox {
  private(set) var bytes = ByteBuffer()

  var count: Int { bytes.readableBytes }
  var isEmpty: Bool { bytes.readableBytes == 0 }

  mutating func append(_ incoming: ByteBuffer) {
    if isEmpty {
      bytes = incoming
    } else {
      bytes.writeImmutableBuffer(incoming)
    }
  }

  mutating func consume(_ count: Int) {
    bytes.moveReaderIndex(forwardBy: count)
    if isEmpty { bytes = Self.nothing }
  }

  mutating func removeAll() {
    bytes = Self.nothing
  }

  private static let nothing = ByteBuffer()
}

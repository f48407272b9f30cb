// SPDX-License-Identifier: Apache-2.0
import Glibc
import NIOCore

/// A connection's way out: bytes go to the socket itself as long as it takes them at once.
///
/// A write through the channel costs about as much as everything else that becomes of a small
/// message, and only serves the rare peer that does not keep up. So what the socket does not
/// take goes to the channel, which waits for room, and what follows goes the same way until
/// the channel has sent all of it.
struct Outlet {
  /// What goes out with the next `send`.
  var bytes: [UInt8] = []
  private var descriptor: NIOBSDSocket.Handle = -1
  /// Enciphers what goes out, and sends it by an outlet of its own.
  private var tls: TLSHandler?
  /// The channel may hold bytes that were not sent yet.
  private(set) var isQueueing = false

  /// From here on the connection is up.
  ///
  /// - Parameter isPlain: whether what goes out is for the socket as it is; under TLS it is for the
  ///   channel, whose handler makes records of it.
  mutating func open(_ context: ChannelHandlerContext, isPlain: Bool = true) {
    guard isPlain else {
      isQueueing = true
      return
    }
    do {
      descriptor =
        try context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
          of: NIOBSDSocket.Handle.self, { $0 }) ?? -1
    } catch {
      descriptor = -1
    }
    isQueueing = descriptor < 0
  }

  /// The same for a connection that speaks TLS.
  mutating func open(through tls: TLSHandler) {
    self.tls = tls
    isQueueing = false
  }

  /// The connection is over: its descriptor may be another one's from now on.
  mutating func close() {
    descriptor = -1
    tls = nil
    isQueueing = true
  }

  /// Sends `bytes`. Returns what the socket did not take: that is for the channel.
  mutating func send() -> ByteBuffer? {
    guard !bytes.isEmpty else { return nil }
    if let tls {
      tls.send(bytes.span)
      tls.sendOutput()
      bytes.removeAll(keepingCapacity: true)
      return nil
    }
    let sent = isQueueing ? 0 : Self.send(bytes.span, descriptor)
    isQueueing = sent < bytes.count
    let rest = isQueueing ? ByteBuffer(bytes: bytes[sent...]) : nil
    bytes.removeAll(keepingCapacity: true)
    return rest
  }

  /// Sends bytes from elsewhere; nothing may be gathered. Returns how many the socket took.
  mutating func send(_ bytes: Span<UInt8>) -> Int {
    if let tls {
      tls.send(bytes)
      tls.sendOutput()
      return bytes.count
    }
    guard !isQueueing else { return 0 }
    let sent = Self.send(bytes, descriptor)
    isQueueing = sent < bytes.count
    return sent
  }

  private static func send(_ bytes: Span<UInt8>, _ descriptor: NIOBSDSocket.Handle) -> Int {
    let sent = bytes.withUnsafeBytes { memory in
      unsafe Glibc.send(descriptor, memory.baseAddress, memory.count, Int32(MSG_NOSIGNAL))
    }
    // An error is the channel's to find and to tell.
    return max(0, sent)
  }

  /// The channel was told to send what it has.
  mutating func flushed(_ context: ChannelHandlerContext) {
    isQueueing = descriptor < 0 || context.bufferedBytes > 0
  }
}

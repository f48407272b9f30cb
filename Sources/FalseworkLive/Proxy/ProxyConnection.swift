// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP
import NIOCore

/// What the two sides of the proxy have in common: the way out of a connection.
///
/// What is written in a turn of the event loop is gathered, and goes out at the turn's end.
class ProxyConnection {
  final let server: ProxyServer
  private(set) final var context: ChannelHandlerContext?
  /// Whoever appends here says so by `markDirty`.
  final var outlet = Outlet()
  private final var isDirty = false
  private final var isReading = true

  /// From here on bytes are passed on without a copy.
  private static let large = 8_192

  /// Stands between the socket and this, if the connection speaks TLS.
  private final let tls: TLSHandler?
  final var isSecure: Bool { tls != nil }

  init(server: ProxyServer, tls: TLSHandler?) {
    self.server = server
    self.tls = tls
  }

  final func opened(_ context: ChannelHandlerContext) {
    self.context = context
    if let tls { outlet.open(through: tls) } else { outlet.open(context) }
  }

  final func closed() {
    context = nil
    outlet.close()
  }

  final func markDirty() {
    guard !isDirty else { return }
    isDirty = true
    server.unflushed.append(self)
  }

  /// Sends the first bytes of a buffer.
  final func pass(_ bytes: ByteBuffer, _ count: Int) {
    if count < Self.large {
      outlet.bytes.append(bytes.readableBytesUInt8Span, 0..<count)
    } else {
      sendGathered()
      let sent = outlet.send(bytes.readableBytesUInt8Span.extracting(first: count))
      if sent < count, let rest = bytes.getSlice(at: bytes.readerIndex + sent, length: count - sent)
      {
        context?.write(NIOAny(rest), promise: nil)
      }
    }
    markDirty()
  }

  private func sendGathered() {
    if let rest = outlet.send() { context?.write(NIOAny(rest), promise: nil) }
  }

  /// Sends what the turn brought.
  final func flush() {
    isDirty = false
    sendGathered()
    guard outlet.isQueueing, let context else { return }
    context.flush()
    outlet.flushed(context)
  }

  /// Whether the peer takes what is sent; one that is gone holds nobody up.
  final var isWritable: Bool { context?.channel.isWritable ?? true }

  final func setReading(_ reading: Bool) {
    guard reading != isReading else { return }
    isReading = reading
    context?.setReading(reading)
  }
}

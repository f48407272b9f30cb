// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix

/// Takes the datagrams of a syslog: one line each (RFC 3164), as HAProxy's `log` sends them.
final class LogListener: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private let came: (Substring) -> Void

  private init(_ came: @escaping (Substring) -> Void) {
    self.came = came
  }

  static func open(
    at address: SocketAddress, on loop: any EventLoop, came: @escaping (Substring) -> Void
  ) -> EventLoopFuture<any Channel> {
    let box = LoopBox(LogListener(came))
    return DatagramBootstrap(group: loop)
      .channelInitializer { channel in
        do {
          try channel.pipeline.syncOperations.addHandler(box.value)
          return channel.eventLoop.makeSucceededVoidFuture()
        } catch {
          return channel.eventLoop.makeFailedFuture(error)
        }
      }
      .bind(to: address)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let text = String(buffer: unwrapInboundIn(data).data)
    for line in text.split(whereSeparator: \.isNewline) { came(line) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A datagram that could not be read is a line less; the next may come.
  }
}

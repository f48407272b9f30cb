// SPDX-License-Identifier: Apache-2.0
package import NIOCore
import NIOPosix

/// An endpoint that Prometheus reads while a run goes on. It answers every `GET` of `/metrics` with
/// the last text that it was given, and closes the connection.
package final class MetricsServer: @unchecked Sendable {
  private let loop: any EventLoop
  private var text = ""
  private var channel: (any Channel)?

  package init(on loop: any EventLoop) {
    self.loop = loop
  }

  /// Opens it, and gives the port.
  @discardableResult
  package func open(host: String, port: Int) async throws -> Int {
    let channel = try await ServerBootstrap(group: loop)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Handler(self))
        }
      }
      .bind(host: host, port: port).get()
    let box = channel
    try await loop.submit { self.channel = box }.get()
    return channel.localAddress?.port ?? port
  }

  package func show(_ text: String) {
    loop.execute { self.text = text }
  }

  package func close() async throws {
    let channel = try await loop.submit { self.channel }.get()
    try await channel?.close()
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A request of more is none that a scraper sends.
    private static let limit = 16_384

    private let server: MetricsServer
    private var head: [UInt8] = []
    private var isAnswered = false

    init(_ server: MetricsServer) {
      self.server = server
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard !isAnswered else { return }
      head += unwrapInboundIn(data).readableBytesView
      guard head.count <= Self.limit else { return context.close(promise: nil) }
      let end: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
      guard head.indices.contains(where: { head[$0...].starts(with: end) }) else { return }
      isAnswered = true
      let line = head.prefix { $0 != 0x0D }
      let words = String(decoding: line, as: UTF8.self).split(separator: " ")
      let isKnown = words.count == 3 && words[0] == "GET" && ["/metrics", "/"].contains(words[1])
      let body = isKnown ? server.text : "only GET /metrics is here\n"
      let status = isKnown ? "200 OK" : "404 Not Found"
      let answer =
        "HTTP/1.1 \(status)\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
        + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
      let channel = context.channel
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer))).whenComplete { _ in
        channel.close(promise: nil)
      }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }
}

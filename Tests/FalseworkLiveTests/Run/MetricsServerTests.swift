// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix
import Testing

@testable import FalseworkLive

struct MetricsServerTests {
  private static func ask(_ request: String) async throws -> String {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let server = MetricsServer(on: loop)
    let port = try await server.open(host: "127.0.0.1", port: 0)
    server.show("falsework_elapsed_seconds 1.000\n")
    let answer = loop.makePromise(of: String.self)
    let channel = try await ClientBootstrap(group: loop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Collector(answer))
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
    try await channel.writeAndFlush(ByteBuffer(string: request))
    let text = try await answer.futureResult.get()
    try await server.close()
    return text
  }

  /// Gathers what comes until the connection ends.
  private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var text = ""
    private let answer: EventLoopPromise<String>

    init(_ answer: EventLoopPromise<String>) {
      self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      text += String(buffer: unwrapInboundIn(data))
    }

    func channelInactive(context: ChannelHandlerContext) { answer.succeed(text) }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { answer.fail(error) }
  }

  @Test func `it answers with the last text that it was given, and closes`() async throws {
    let answer = try await Self.ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4"))
    #expect(answer.hasSuffix("\r\n\r\nfalsework_elapsed_seconds 1.000\n"))
  }

  @Test(arguments: ["POST /metrics HTTP/1.1\r\n\r\n", "GET /other HTTP/1.1\r\n\r\n", "\r\n\r\n"])
  func `anything else is not found`(request: String) async throws {
    #expect(try await Self.ask(request).hasPrefix("HTTP/1.1 404 Not Found\r\n"))
  }
}

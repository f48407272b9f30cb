// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import NIOCore

@testable import FalseworkLive

/// A server that says the same to whatever comes.
final class ScriptedServer: @unchecked Sendable {
  struct Script: Sendable {
    /// One part for each read, the last again and again.
    var parts: [String]
    var end: CloseKind?

    static func answer(_ parts: String..., end: CloseKind? = nil) -> Script {
      Script(parts: parts, end: end)
    }
  }

  let port: Int
  private let loop: any EventLoop
  private let listener: Listener
  private final class Talk: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let script: Script
    private var next = 0

    init(_ script: Script) {
      self.script = script
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      if next < script.parts.count {
        let part = script.parts[next]
        if !part.isEmpty {
          context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: part)), promise: nil)
        }
      }
      next += 1
      if next >= script.parts.count {
        next = script.parts.count - 1
        if let end = script.end { context.close(end) }
      }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      context.close(promise: nil)
    }
  }

  private init(_ script: Script, loop: any EventLoop) throws {
    self.loop = loop
    let port = try PortReservation(host: "127.0.0.1", port: 0)
    self.port = port.address.port!
    listener = Listener(loop: loop, place: .tcp(port)) { _ in Talk(script) }
    try listener.open()
  }

  static func start(_ script: Script, on loop: any EventLoop) async throws -> ScriptedServer {
    try await loop.submit { try ScriptedServer(script, loop: loop) }.get()
  }

  func stop() async throws {
    try await loop.submit { self.listener.close() }.get()
  }
}

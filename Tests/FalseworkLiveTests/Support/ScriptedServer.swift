// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkCrypto
import NIOCore
import Synchronization

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
  /// What came, over all connections.
  private let received: Received
  private let loop: any EventLoop
  private let listener: Listener
  /// Nil speaks plain text.
  let tls: TLSServer?
  private final class Talk: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let script: Script
    private let received: Received
    private var next = 0

    init(_ script: Script, _ received: Received) {
      self.script = script
      self.received = received
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      received.add(unwrapInboundIn(data))
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

  private init(_ script: Script, _ options: TLSOptions?, loop: any EventLoop) throws {
    self.loop = loop
    let tls = try options.map {
      TLSServer(try TLSContext($0), handshakeTimeout: .seconds(5)) { _, _ in }
    }
    self.tls = tls
    let port = try PortReservation(host: "127.0.0.1", port: 0)
    self.port = port.address.port!
    let received = Received()
    self.received = received
    listener = Listener(loop: loop, place: .tcp(port)) { channel in
      if let tls { _ = tls.secure(channel) }
      return Talk(script, received)
    }
    try listener.open()
  }

  static func start(
    _ script: Script, tls: TLSOptions? = nil, on loop: any EventLoop
  ) async throws -> ScriptedServer {
    try await loop.submit { try ScriptedServer(script, tls, loop: loop) }.get()
  }

  final class Received: Sendable {
    private let state = Mutex<[UInt8]>([])

    func add(_ bytes: ByteBuffer) {
      state.withLock { $0.append(contentsOf: bytes.readableBytesView) }
    }

    var bytes: [UInt8] { state.withLock { $0 } }
  }

  var text: String { String(decoding: received.bytes, as: UTF8.self) }
  var byteCount: Int { received.bytes.count }

  func stop() async throws {
    try await loop.submit { self.listener.close() }.get()
  }
}

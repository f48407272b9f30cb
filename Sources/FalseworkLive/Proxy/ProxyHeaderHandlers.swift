// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkProxy
import NIOCore

/// `accept-proxy`: reads the header in front of a client's connection, and lets the connection begin
/// behind it.
final class ProxyHeaderReader: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private(set) var header: ProxyHeader?
  private var bytes: [UInt8] = []
  private let limit: TimeAmount?
  private let failed: (SocketAddress?) -> Void
  private var timeout: Scheduled<Void>?

  /// - Parameters:
  ///   - limit: how long it may take to come.
  ///   - failed: told if something else came, or nothing.
  init(limit: TimeAmount?, failed: @escaping (SocketAddress?) -> Void) {
    self.limit = limit
    self.failed = failed
  }

  func channelActive(context: ChannelHandlerContext) {
    guard let limit else { return }
    let box = LoopBox(context)
    timeout = context.eventLoop.scheduleTask(in: limit) { [self] in
      if self.header == nil { self.fail(box.value) }
    }
  }

  private func fail(_ context: ChannelHandlerContext) {
    timeout?.cancel()
    failed(context.remoteAddress)
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard header == nil else { return context.fireChannelRead(data) }
    let buffer = unwrapInboundIn(data)
    bytes += Array(buffer.readableBytesView)
    switch ProxyHeader.parse(bytes) {
    case .incomplete: return
    case .invalid: fail(context)
    case .header(let header, let length):
      self.header = header
      timeout?.cancel()
      timeout = nil
      context.fireChannelActive()
      let rest = bytes.dropFirst(length)
      bytes = []
      if !rest.isEmpty { context.fireChannelRead(wrapInboundOut(ByteBuffer(bytes: rest))) }
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard header == nil else { return context.fireUserInboundEventTriggered(event) }
    if case ChannelEvent.inputClosed? = event as? ChannelEvent { fail(context) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    timeout?.cancel()
    timeout = nil
    if header != nil { context.fireChannelInactive() }
  }
}

/// `send-proxy`: writes the header before anything else goes to a server.
final class ProxyHeaderWriter: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let version: ProxyHeader.Version
  /// Nil for a check, which is of the proxy's own.
  private let client: ProxyHeader?

  init(_ version: ProxyHeader.Version, client: ProxyHeader?) {
    self.version = version
    self.client = client
  }

  func channelActive(context: ChannelHandlerContext) {
    var header = client ?? ProxyHeader(source: nil, destination: nil)
    if client == nil, version == .v1, let local = context.localAddress,
      let remote = context.remoteAddress
    {
      header = ProxyHeader(source: ClientAddress(local), destination: ClientAddress(remote))
    }
    context.writeAndFlush(
      wrapOutboundOut(ByteBuffer(bytes: header.bytes(version))), promise: nil)
    context.fireChannelActive()
  }
}

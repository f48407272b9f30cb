// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix

/// A listening socket that can be closed and opened again at the same address.
///
/// Confined to its event loop. An order that comes while the socket is being opened is carried out
/// as soon as it is open.
final class Listener: @unchecked Sendable {
  enum Place {
    case tcp(PortReservation)
    case path(SocketPath)
  }

  private enum State {
    case closed
    case opening
    case open(any Channel)
  }

  private let loop: any EventLoop
  private let place: Place
  private let accepted: (any Channel) -> any ChannelHandler
  private var state = State.closed
  private var wanted = false
  private var accepting = true

  /// Connections that the kernel completes before they are accepted: uwsgi's `listen` and HAProxy's
  /// default are smaller, but a queue that overflows would show as a connect that takes a second.
  private static let backlog: Int32 = 4_096

  /// - Parameter accepted: makes the handler of a new connection.
  init(
    loop: any EventLoop, place: Place, accepted: @escaping (any Channel) -> any ChannelHandler
  ) {
    self.loop = loop
    self.place = place
    self.accepted = accepted
  }

  /// Opens the socket: from the return on, connections are completed.
  func open() throws(LiveError) {
    loop.assertInEventLoop()
    wanted = true
    guard case .closed = state else { return }
    let descriptor =
      switch place {
      case .tcp(let port): try port.listening(backlog: Self.backlog)
      case .path(let path): try path.listening(backlog: Self.backlog)
      }
    state = .opening
    let box = LoopBox(accepted)
    ServerBootstrap(group: loop)
      .serverChannelOption(.backlog, value: Self.backlog)
      .serverChannelOption(.maxMessagesPerRead, value: 32)
      .childChannelInitializer { channel in
        do {
          try Self.prepare(channel)
          try channel.pipeline.syncOperations.addHandler(box.value(channel))
          return channel.eventLoop.makeSucceededVoidFuture()
        } catch {
          return channel.eventLoop.makeFailedFuture(error)
        }
      }
      .withBoundSocket(descriptor)
      .assumeIsolated().whenComplete { self.opened($0) }
  }

  /// Closes the socket: whoever connects from now on is refused.
  func close() {
    loop.assertInEventLoop()
    wanted = false
    guard case .open(let channel) = state else { return }
    state = .closed
    channel.close(promise: nil)
    if case .path(let path) = place { path.remove() }
  }

  /// Takes no more connections, though the kernel still completes them, or takes them again.
  func setAccepting(_ accepting: Bool) {
    self.accepting = accepting
    guard case .open(let channel) = state else { return }
    setAutoRead(channel)
  }

  private func setAutoRead(_ channel: any Channel) {
    do {
      try channel.syncOptions?.setOption(.autoRead, value: accepting)
    } catch {
      // The listening socket is closed.
    }
  }

  private func opened(_ result: Result<any Channel, any Error>) {
    switch result {
    case .success(let channel):
      state = .open(channel)
      if !accepting { setAutoRead(channel) }
      if !wanted { close() }
    case .failure(let error):
      // The socket listened already; only a loop that is shutting down refuses it.
      state = .closed
      precondition(error is EventLoopError, "a listening socket was refused: \(error)")
    }
  }

  /// The options of every connection, ours and accepted ones alike.
  static func prepare(_ channel: any Channel) throws {
    let options = channel.syncOptions
    try options?.setOption(.allowRemoteHalfClosure, value: true)
    try options?.setOption(.maxMessagesPerRead, value: 1)
    try options?.setOption(
      .recvAllocator,
      value: AdaptiveRecvByteBufferAllocator(minimum: 2_048, initial: 2_048, maximum: 65_536))
  }
}

/// Carries a value that is confined to one event loop through a closure that runs on it.
struct LoopBox<Value>: @unchecked Sendable {
  let value: Value

  init(_ value: Value) {
    self.value = value
  }
}

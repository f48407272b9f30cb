// SPDX-License-Identifier: Apache-2.0
import Glibc
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
    /// It listens already; the event loop does not look at it yet.
    case opening(descriptor: Int32)
    case open(any Channel, descriptor: Int32)
  }

  private let loop: any EventLoop
  private let place: Place
  private let accepted: (any Channel) -> any ChannelHandler
  private var state = State.closed
  /// The latest order to open; what an earlier one brings is closed again.
  private var order = 0
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
    guard case .closed = state else { return }
    let descriptor =
      switch place {
      case .tcp(let port): try port.listening(backlog: Self.backlog)
      case .path(let path): try path.listening(backlog: Self.backlog)
      }
    state = .opening(descriptor: descriptor)
    order += 1
    let order = order
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
      .assumeIsolated().whenComplete { self.opened($0, order) }
  }

  /// Closes the socket: whoever connects from now on is refused.
  func close() {
    loop.assertInEventLoop()
    switch state {
    case .closed: return
    case .opening(let descriptor):
      Self.stop(descriptor)
      Self.retire(descriptor)
    case .open(let channel, let descriptor):
      Self.stop(descriptor)
      channel.close(promise: nil)
    }
    state = .closed
    if case .path(let path) = place { path.remove() }
  }

  /// Stops the socket itself: a child process that is just being started may hold it as well for a
  /// moment, and closing would then change nothing.
  private static func stop(_ descriptor: Int32) {
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  /// Closes a socket whose descriptor the event loop is about to take: in its place comes one that is
  /// bound to nothing.
  private static func retire(_ descriptor: Int32) {
    let blank = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard blank >= 0 else { return }
    dup2(blank, descriptor)
    Glibc.close(blank)
  }

  /// Takes no more connections, though the kernel still completes them, or takes them again.
  func setAccepting(_ accepting: Bool) {
    self.accepting = accepting
    guard case .open(let channel, _) = state else { return }
    setAutoRead(channel)
  }

  private func setAutoRead(_ channel: any Channel) {
    do {
      try channel.syncOptions?.setOption(.autoRead, value: accepting)
    } catch {
      // The listening socket is closed.
    }
  }

  private func opened(_ result: Result<any Channel, any Error>, _ order: Int) {
    guard case .opening(let descriptor) = state, order == self.order else {
      // It was closed meanwhile, and perhaps opened anew.
      if case .success(let channel) = result { channel.close(promise: nil) }
      return
    }
    switch result {
    case .success(let channel):
      state = .open(channel, descriptor: descriptor)
      if !accepting { setAutoRead(channel) }
    case .failure(let error):
      // The socket listened already; only a loop that is shutting down refuses it.
      precondition(error is EventLoopError, "a listening socket was refused: \(error)")
      state = .closed
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

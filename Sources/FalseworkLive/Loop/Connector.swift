// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import NIOCore
import NIOPosix

/// Opens connections.
enum Connector {
  /// Connects and installs the handler, which learns of success by `channelActive`.
  ///
  /// How long to wait is the component's business: it ends an attempt by closing the channel.
  ///
  /// - Parameters:
  ///   - header: goes out before anything else.
  ///   - tls: stands between the socket and the handler, if the connection is to speak TLS.
  ///   - done: called on the loop with nil, or with why there is no connection.
  static func connect(
    to address: SocketAddress, on loop: any EventLoop, header: ProxyHeaderWriter? = nil,
    tls: TLSHandler? = nil,
    handler: any ChannelHandler, done: @escaping (ConnectFailure?) -> Void
  ) {
    let box = LoopBox(handler)
    let connecting = ClientBootstrap(group: loop)
      .connectTimeout(.hours(1))
      .channelInitializer { channel in
        do {
          try Listener.prepare(channel)
          if let header { try channel.pipeline.syncOperations.addHandler(header) }
          if let tls { try channel.pipeline.syncOperations.addHandler(tls) }
          try channel.pipeline.syncOperations.addHandler(box.value)
          return channel.eventLoop.makeSucceededVoidFuture()
        } catch {
          return channel.eventLoop.makeFailedFuture(error)
        }
      }
      .connect(to: address)
    connecting.assumeIsolated().whenComplete { result in
      switch result {
      case .success: done(nil)
      case .failure(let error): done(ConnectFailure(error))
      }
    }
  }
}

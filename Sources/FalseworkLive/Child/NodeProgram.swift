// SPDX-License-Identifier: Apache-2.0
import Dispatch
import FalseworkCore
package import FalseworkKeystone
import Glibc
package import NIOCore
import NIOPosix

/// A Keystone node that is a whole process: `falsework keystone`, and the nodes of a cluster with
/// `isolation: process`.
///
/// SIGTERM stops it as SIGTERM stops a real one: in flight cut, a zombie, refused, gone, each for as
/// long as its times say. SIGUSR1 lets it finish first. SIGINT ends it at once.
package enum NodeProgram {
  package struct Options: Sendable {
    package var server: NodeServer.Options
    package var release: Release
    /// It serves from the start; false starts it with all phases of a start.
    package var standing: Bool
    /// It is the child of a cluster: it tells its phases on descriptor 3, and ends when its standard
    /// input does.
    package var child: Bool
    /// Where it reads its keys; nil leaves it those that it has in memory.
    package var keyFiles: NodeKeyFiles?
    /// The database, if it is kept in a file; nil begins with the data that `run` is given.
    package var database: SharedStore.Kept?
    /// Told on the event loop what the node writes to its log.
    package var log: @Sendable (KeystoneLogLine) -> Void = { _ in }

    package init(server: NodeServer.Options, release: Release, standing: Bool, child: Bool) {
      self.server = server
      self.release = release
      self.standing = standing
      self.child = child
    }
  }

  /// Runs until the process is to end.
  ///
  /// - Parameter ready: called once, with the address, when the port is the node's.
  package static func run(
    _ node: KeystoneNode, data: IdentitySeed, options: Options,
    ready: @escaping @Sendable (SocketAddress) -> Void
  ) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = group.next()
    let ended = loop.makePromise(of: Void.self)
    do {
      let server = try await loop.submit {
        try start(node, data: data, options: options, loop: loop, ended: ended)
      }.get()
      ready(server.address)
      let signals = SignalWatch([SIGTERM, SIGUSR1, SIGINT]) { number in
        loop.execute {
          switch number {
          case SIGTERM: server.stop(.terminate)
          case SIGUSR1: server.stop(.graceful)
          default: ended.succeed()
          }
        }
      }
      let input = options.child ? watchInput { ended.succeed() } : nil
      try await ended.futureResult.get()
      input?.cancel()
      withExtendedLifetime(signals) {}
      try await loop.submit { server.shutDown() }.get()
    } catch {
      // A node that never began has nobody else to say how it ended.
      ended.fail(error)
      if options.child { tell(.failed("\(error)")) }
      try await group.shutdownGracefully()
      throw error
    }
    try await group.shutdownGracefully()
  }

  private static func start(
    _ node: KeystoneNode, data: IdentitySeed, options: Options, loop: any EventLoop,
    ended: EventLoopPromise<Void>
  ) throws -> NodeServer {
    let server = try NodeServer(
      node, options: options.server,
      store: options.database.map { SharedStore($0) } ?? SharedStore(IdentityStore(data)),
      keyFiles: options.keyFiles,
      clock: LiveClock(), loop: loop
    ) { _, event in
      switch event {
      case .turned(let phase): if options.child { tell(.turned(phase)) }
      case .exited: ended.succeed()
      case .failed(let error): ended.fail(error)
      case .logged(let line): options.log(line)
      }
    }
    if options.standing {
      try server.begin(as: options.release)
    } else {
      server.start(as: options.release)
    }
    return server
  }

  private static func tell(_ report: NodeReport) {
    let bytes = Array(report.line.utf8)
    // A line is shorter than a pipe's guaranteed room; a parent that is gone needs none.
    _ = bytes.withUnsafeBytes {
      unsafe write(ChildProcess.statusDescriptor, $0.baseAddress, $0.count)
    }
  }

  /// Calls the body when standard input ends.
  private static func watchInput(
    _ ended: @escaping @Sendable () -> Void
  ) -> any DispatchSourceRead {
    let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .global())
    source.setEventHandler {
      var byte: UInt8 = 0
      if read(STDIN_FILENO, &byte, 1) <= 0 { ended() }
    }
    source.resume()
    return source
  }
}

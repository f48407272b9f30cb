// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Glibc
import NIOCore

/// The ways in which a connection ends.
extension ChannelHandlerContext {
  func close(_ how: CloseKind) {
    if how == .reset, let options = channel as? any SocketOptionProvider {
      // With a linger time of zero the kernel sends RST (socket(7)).
      _ = options.setSoLinger(linger(l_onoff: 1, l_linger: 0))
    }
    close(mode: .all, promise: nil)
  }

  /// Closes in order when everything that was written has left this process: NIO's own close drops
  /// what the socket has not taken yet.
  func closeWhenSent() {
    whenSent { context in context.close(mode: .all, promise: nil) }
  }

  /// Ends this side only.
  func closeOutputWhenSent() {
    whenSent { context in context.close(mode: .output, promise: nil) }
  }

  private func whenSent(_ body: @escaping (ChannelHandlerContext) -> Void) {
    if bufferedBytes == 0 { return body(self) }
    let sent = eventLoop.makePromise(of: Void.self)
    sent.futureResult.assumeIsolated().whenComplete { _ in body(self) }
    writeAndFlush(NIOAny(ByteBuffer()), promise: sent)
  }

  /// Bytes that were written and that the socket has not taken.
  var bufferedBytes: Int {
    guard let options = channel.syncOptions else { return 0 }
    do {
      return try options.getOption(.bufferedWritableBytes)
    } catch {
      return 0  // The channel is closed.
    }
  }

  /// Reads from the socket, or leaves what comes in the kernel's buffer.
  func setReading(_ reading: Bool) {
    do {
      try channel.syncOptions?.setOption(.autoRead, value: reading)
    } catch {
      // The channel is closed; there is nothing to read.
    }
  }
}

extension CloseKind {
  /// How a connection ended, by the error that came before its end, if one did.
  init(after error: (any Error)?) {
    self = error == nil ? .fin : .reset
  }
}

extension ConnectFailure {
  init(_ error: any Error) {
    switch (error as? IOError)?.errnoCode {
    case EMFILE, ENFILE, EADDRNOTAVAIL, ENOBUFS, ENOMEM: self = .resources
    case ENETUNREACH, EHOSTUNREACH, ETIMEDOUT, ENETDOWN: self = .unreachable
    default: self = .refused
    }
  }
}

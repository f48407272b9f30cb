// SPDX-License-Identifier: Apache-2.0
package import Dispatch
import Glibc

/// Waits for signals without dying of them.
package final class SignalWatch: @unchecked Sendable {
  private let sources: [any DispatchSourceSignal]

  /// - Parameter body: called on the queue for each signal; the default action no longer happens.
  package init(
    _ signals: [Int32], queue: DispatchQueue = .global(),
    _ body: @escaping @Sendable (Int32) -> Void
  ) {
    let registered = DispatchGroup()
    sources = signals.map { number in
      _ = signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { body(number) }
      registered.enter()
      source.setRegistrationHandler { registered.leave() }
      source.resume()
      return source
    }
    // A signal that comes before the sources are in place would be lost.
    registered.wait()
  }

  deinit {
    for source in sources { source.cancel() }
  }

  /// Suspends until the first of these signals comes.
  package static func first(of signals: [Int32]) async -> Int32 {
    await SignalStream(signals).first()
  }
}

/// Signals from a moment on, for whoever waits for them later.
package final class SignalStream: Sendable {
  private let stream: AsyncStream<Int32>
  private let watch: SignalWatch

  package init(_ signals: [Int32]) {
    let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
    self.stream = stream
    watch = SignalWatch(signals) { continuation.yield($0) }
  }

  /// Suspends until a signal has come, or the task is cancelled.
  package func first() async -> Int32 {
    for await number in stream { return number }
    return 0
  }
}

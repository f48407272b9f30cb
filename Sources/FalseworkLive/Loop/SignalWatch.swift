// SPDX-License-Identifier: Apache-2.0
package import Dispatch
import Glibc

/// Waits for signals without dying of them.
package final class SignalWatch {
  private let sources: [any DispatchSourceSignal]

  /// - Parameter body: called on the queue for each signal; the default action no longer happens.
  package init(
    _ signals: [Int32], queue: DispatchQueue = .global(),
    _ body: @escaping @Sendable (Int32) -> Void
  ) {
    sources = signals.map { number in
      _ = signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { body(number) }
      source.resume()
      return source
    }
  }

  deinit {
    for source in sources { source.cancel() }
  }

  /// Suspends until the first of these signals comes.
  package static func first(of signals: [Int32]) async -> Int32 {
    let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
    let watch = SignalWatch(signals) { continuation.yield($0) }
    defer { withExtendedLifetime(watch) {} }
    for await number in stream { return number }
    return 0
  }
}

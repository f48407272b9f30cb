// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A line on a terminal that counts: `first upgrade: simulated 40 of 200`. Nothing is shown to
/// anyone but a person.
final class CountLine: Sendable {
  private let label: String
  private let total: Int
  private let shown = Mutex(-1)
  private let isShown = Terminal.isTerminal(.error)

  init(_ label: String, of total: Int) {
    self.label = label
    self.total = total
  }

  func show(_ count: Int) {
    guard isShown else { return }
    shown.withLock { last in
      guard count > last else { return }
      last = count
      Terminal.write("\r\(label) \(count) of \(total)", to: .error)
    }
  }

  func end() {
    if isShown { Terminal.write("\r\u{1B}[K", to: .error) }
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkReport

/// Shows how a run stands while it runs: one line on a terminal, written over once a second; where
/// standard error is none, a line of its own every ten seconds.
final class RunWatcher: Sendable {
  private let isShown: Bool
  private let isTerminal = Terminal.isTerminal(.error)
  private let width = Terminal.width(of: .error)

  init(isQuiet: Bool) {
    isShown = !isQuiet
  }

  func show(_ line: ProgressLine) {
    guard isShown else { return }
    if isTerminal {
      Terminal.write("\r\u{1B}[K" + line.text(width: width - 1), to: .error)
    } else if line.seconds % 10 == 0 {
      Terminal.write(line.text(width: width) + "\n", to: .error)
    }
  }

  /// Leaves the line to what is written next.
  func end() {
    if isShown, isTerminal { Terminal.write("\r\u{1B}[K", to: .error) }
  }
}

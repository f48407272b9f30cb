// SPDX-License-Identifier: Apache-2.0
import FalseworkReport
import Synchronization

/// Shows how a run stands while it runs: a few lines on a terminal, written over once a second; where
/// standard error is none, a line of its own every ten seconds.
final class RunWatcher: Sendable {
  private let isShown: Bool
  private let isTerminal = Terminal.isTerminal(.error)
  private let colours = Terminal.hasColours(.error)
  /// Lines that stand there now.
  private let height = Mutex(0)

  init(isQuiet: Bool) {
    isShown = !isQuiet
  }

  func show(_ glance: RunGlance) {
    guard isShown else { return }
    let line = ProgressLine(glance.progress, glance.description)
    if isTerminal {
      // A terminal that is made narrower while it runs: the width is asked for each time.
      let width = Terminal.width(of: .error) - 1
      let lines = RunView(glance).lines(width: width, colours: colours)
      redraw(lines)
    } else if line.seconds % 10 == 0 {
      Terminal.write(line.text(width: Terminal.width(of: .error)) + "\n", to: .error)
    }
  }

  /// Leaves the lines to what is written next.
  func end() {
    if isShown, isTerminal { redraw([]) }
  }

  private func redraw(_ lines: [String]) {
    height.withLock { height in
      // A run of which nothing was shown leaves nothing to clear, and a pipe no escape in it.
      guard height > 0 || !lines.isEmpty else { return }
      let up = height > 1 ? "\u{1B}[\(height - 1)A" : ""
      Terminal.write(
        "\r" + up + "\u{1B}[J" + lines.joined(separator: "\n"), to: .error)
      height = lines.count
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Glibc

/// How many runs are done and how long the rest will take: a line that is written over on a terminal,
/// and one every ten seconds where there is none.
struct SweepProgress {
  private let isShown: Bool
  private let isTerminal = Terminal.isTerminal(.error)
  private let begin = Self.now()
  private var last: Double
  private var done = 0
  private var total: Int
  private var isOpen = false

  init(total: Int, isQuiet: Bool) {
    self.total = total
    isShown = !isQuiet
    last = Self.now()
  }

  /// So many runs more than were known of.
  mutating func expect(_ runs: Int) { total += runs }

  mutating func add(_ runs: Int, note: String = "") {
    done += runs
    let now = Self.now()
    guard isShown, now - last >= (isTerminal ? 0.2 : 10) else { return }
    last = now
    let text = line(now - begin) + (note.isEmpty ? "" : "  " + note)
    if isTerminal {
      isOpen = true
      Terminal.write("\r\u{1B}[K" + text.prefix(Terminal.width(of: .error) - 1), to: .error)
    } else {
      Terminal.write(text + "\n", to: .error)
    }
  }

  /// Leaves the line to what is written next.
  mutating func end() {
    if isOpen { Terminal.write("\r\u{1B}[K", to: .error) }
    isOpen = false
  }

  /// Seconds since the begin.
  var elapsed: Double { Self.now() - begin }

  private func line(_ elapsed: Double) -> String {
    let rate = Double(done) / max(elapsed, 0.001)
    let percent = total > 0 ? done * 100 / total : 100
    let left = rate > 0 ? Double(max(0, total - done)) / rate : 0
    return "\(done) of \(total) runs  \(percent) %  \(Self.rate(rate))/s  \(Self.time(left)) left"
  }

  private static func rate(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return value < 10 ? "\(tenths / 10).\(tenths % 10)" : "\(tenths / 10)"
  }

  /// `45 s`, `12 min`, `3 h 20 min`.
  static func time(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    if whole < 100 { return "\(whole) s" }
    let minutes = (whole + 59) / 60
    return minutes < 100 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

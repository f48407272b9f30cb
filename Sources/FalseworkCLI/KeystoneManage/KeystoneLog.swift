// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Glibc

/// Keystone's log, in the form that oslo.log gives it:
/// `2026-02-03 04:05:06.789 1234 INFO keystone.common.fernet_utils [-] text`. As there it goes to
/// standard output, unless it is a node's.
enum KeystoneLog {
  static func write(_ line: KeystoneLogLine, to stream: Terminal.Stream = .output) {
    let id = "\(getpid()) \(line.level.rawValue) \(line.module) [-] "
    Terminal.write("\(time) \(id)\(line.text)\n", to: stream)
  }

  /// An exception that nobody caught. What follows it in Keystone's log, the trace, is left out.
  static func writeUnhandled(_ text: String) {
    write(KeystoneLogLine(.critical, "keystone", "Unhandled error: \(text)"))
  }

  /// Local time, with milliseconds.
  private static var time: String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var fields = tm()
    var seconds = now.tv_sec
    localtime_r(&seconds, &fields)
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = "\(number)"
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let day = [Int(fields.tm_year) + 1_900, Int(fields.tm_mon) + 1, Int(fields.tm_mday)]
      .map { padded($0, 2) }.joined(separator: "-")
    let clock = [fields.tm_hour, fields.tm_min, fields.tm_sec]
      .map { padded(Int($0), 2) }.joined(separator: ":")
    return "\(day) \(clock).\(padded(now.tv_nsec / 1_000_000, 3))"
  }
}

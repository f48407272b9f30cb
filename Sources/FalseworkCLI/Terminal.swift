// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What standard output and standard error are connected to.
enum Terminal {
  enum Stream {
    case output, error

    var descriptor: Int32 {
      switch self {
      case .output: STDOUT_FILENO
      case .error: STDERR_FILENO
      }
    }
  }

  /// Writes at once: whoever reads a pipe sees a line when it is written. A reader that is gone is no
  /// error.
  static func write(_ text: String, to stream: Stream) {
    let bytes = Array(text.utf8)
    var from = 0
    while from < bytes.count {
      let written = bytes[from...].withUnsafeBytes {
        unsafe Glibc.write(stream.descriptor, $0.baseAddress, $0.count)
      }
      if written < 0, errno == EINTR || errno == EAGAIN { continue }
      guard written > 0 else { return }
      from += written
    }
  }

  static func isTerminal(_ stream: Stream) -> Bool { isatty(stream.descriptor) == 1 }

  /// Colours go to a terminal, unless `NO_COLOR` is set (no-color.org) or it is a dumb one.
  static func hasColours(_ stream: Stream) -> Bool {
    let isWanted = (TextFile.environment("NO_COLOR") ?? "").isEmpty
    return isWanted && isTerminal(stream) && TextFile.environment("TERM") != "dumb"
  }

  /// Characters in a line: the terminal's, at most 120; 80 where there is none.
  static func width(of stream: Stream) -> Int {
    var size = winsize()
    guard isTerminal(stream), ioctl(stream.descriptor, UInt(TIOCGWINSZ), &size) == 0,
      size.ws_col > 0
    else { return 80 }
    return min(120, Int(size.ws_col))
  }
}

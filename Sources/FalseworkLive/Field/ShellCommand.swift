// SPDX-License-Identifier: Apache-2.0
import Dispatch
import FalseworkCore
import Glibc
import NIOCore

/// A command of the user's own, run by `/bin/sh -c` in a process group of its own, with its output
/// added to a file. It has ended when the shell has: what it left in the background lives on.
///
/// Confined to its event loop.
final class ShellCommand: @unchecked Sendable {
  private enum End {
    case exited(ChildProcess.Exit)
    /// It took too long and was killed.
    case overdue(Interval)
    case notStarted(String)
  }

  let text: String
  private let log: CommandLog
  /// Where its output begins in the log.
  private let mark: Int
  private let loop: any EventLoop
  private var pid: pid_t = 0
  private var done: ((String?) -> Void)?
  private var overdue: Scheduled<Void>?
  private var expired: Interval?

  /// Between SIGTERM and SIGKILL, for a command that took too long.
  private static let grace = TimeAmount.seconds(5)

  /// - Parameters:
  ///   - time: how long it may take; nil for any time.
  ///   - done: called once, on the loop, with nil or with why it failed.
  @discardableResult init(
    _ text: String, environment: [(name: String, value: String)], log: CommandLog,
    within time: Interval?, on loop: any EventLoop, done: @escaping (String?) -> Void
  ) {
    loop.assertInEventLoop()
    self.text = text
    self.log = log
    self.loop = loop
    self.done = done
    mark = log.size
    do {
      pid = try Self.spawn(text, environment, log)
    } catch {
      self.done = nil
      done(refusal(.notStarted("\(error)")))
      return
    }
    if let time {
      overdue = loop.assumeIsolated().scheduleTask(in: .nanoseconds(time.nanoseconds)) {
        self.expire(time)
      }
    }
    DispatchQueue.global().async { [self] in
      let exit = ChildProcess.reap(pid)
      loop.execute { self.ended(exit) }
    }
  }

  var isRunning: Bool { done != nil }

  func signal(_ number: Int32) {
    guard isRunning, pid > 0 else { return }
    kill(-pid, number)
  }

  /// SIGTERM, and SIGKILL after a while.
  func terminate(patience: Interval) {
    signal(SIGTERM)
    loop.assumeIsolated().scheduleTask(in: .nanoseconds(patience.nanoseconds)) {
      self.signal(SIGKILL)
    }
  }

  private func expire(_ time: Interval) {
    expired = time
    signal(SIGTERM)
    loop.assumeIsolated().scheduleTask(in: Self.grace) { self.signal(SIGKILL) }
  }

  private func ended(_ exit: ChildProcess.Exit) {
    overdue?.cancel()
    guard let done else { return }
    self.done = nil
    done(refusal(expired.map { .overdue($0) } ?? .exited(exit)))
  }

  /// Why it failed, with the end of what it wrote; nil if it did what it should.
  private func refusal(_ end: End) -> String? {
    let what: String
    switch end {
    case .exited(.status(0)): return nil
    case .exited(.status(let status)): what = "ended with status \(status)"
    case .exited(.signal(let number)): what = "was ended by signal \(number)"
    case .overdue(let time): what = "took longer than \(time)"
    case .notStarted(let reason): what = "could not be started: \(reason)"
    }
    let output = log.tail(from: mark)
    let quoted = output.isEmpty ? "it wrote nothing" : "it wrote: \(output)"
    return "'\(text)' \(what); \(quoted) (\(log.path))"
  }

  private static func spawn(
    _ text: String, _ environment: [(name: String, value: String)], _ log: CommandLog
  ) throws(LiveError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, log.descriptor, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, log.descriptor, STDERR_FILENO)
    for descriptor in try ChildProcess.openDescriptors() where descriptor > STDERR_FILENO {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // This process ignores signals that it waits for; a daemon that inherited that could not be
    // stopped.
    var all = sigset_t()
    var none = sigset_t()
    sigfillset(&all)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var variables: [UnsafeMutablePointer<CChar>?] = []
    var index = 0
    while let variable = unsafe environ[index] {
      variables.append(unsafe strdup(variable))
      index += 1
    }
    for (name, value) in environment { variables.append(unsafe strdup("\(name)=\(value)")) }
    var arguments: [UnsafeMutablePointer<CChar>?] = []
    for word in ["/bin/sh", "-c", text] { arguments.append(unsafe strdup(word)) }
    defer { for pointer in variables + arguments { unsafe free(pointer) } }
    variables.append(nil)
    arguments.append(nil)
    var pid: pid_t = 0
    let result = unsafe posix_spawn(
      &pid, "/bin/sh", &actions, &attributes, arguments, variables)
    guard result == 0 else { throw .system(action: "start /bin/sh", errno: result) }
    return pid
  }
}

/// A file that the output of commands is added to.
final class CommandLog: @unchecked Sendable {
  let path: String
  let descriptor: Int32

  /// As much of the end of an output as a message quotes.
  private static let quoted = 400

  init(_ path: String) throws(LiveError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .system(action: "write \(path)", errno: errno) }
  }

  deinit { close(descriptor) }

  var size: Int { Int(lseek(descriptor, 0, SEEK_END)) }

  func add(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    // What cannot be written to a log is missing in it, and the run goes on.
    _ = bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
  }

  /// The last lines that were written after a place, on one line.
  func tail(from mark: Int) -> String {
    let end = size
    let begin = max(mark, end - Self.quoted)
    guard end > begin else { return "" }
    var bytes = [UInt8](repeating: 0, count: end - begin)
    let count = bytes.withUnsafeMutableBytes {
      unsafe pread(descriptor, $0.baseAddress, $0.count, begin)
    }
    let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline)
    return (begin > mark ? "… " : "") + lines.suffix(4).joined(separator: " | ")
  }
}

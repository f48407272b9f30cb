// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Synchronization
import Testing

/// The program `falsework` as a user runs it: a process with arguments, streams and signals.
///
///     let ending = try await Program.run(["run", "nothing.yaml"])
///     #expect(ending.code == 3)
///
/// It was built with the tests and stands beside them.
final class Program: Sendable {
  /// How a process ended, and what it wrote.
  struct Ending: Equatable, Sendable {
    /// As a shell tells it: 128 and the number of the signal, if one ended it.
    var code: Int32
    var output: String
    var errors: String
  }

  enum Failure: Error {
    case system(String, Int32)
  }

  private struct State {
    var input: Int32
    var output: [UInt8] = []
    /// Where the next line of the output begins.
    var read = 0
    var errors: [UInt8] = []
    var hasEnded = false
  }

  let pid: pid_t
  private let output: Int32
  private let errors: Int32
  private let state: Mutex<State>

  static let path = directory + "/falsework"

  private static let directory: String = {
    let tests = CommandLine.arguments[0]
    return tests.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
  }()

  /// The directory that holds `specs`, in which the program is started.
  static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
    .joined(separator: "/")

  /// Runs the program to its end, with nothing on its standard input.
  static func run(
    _ arguments: [String], environment: [String: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Ending {
    let program = try Program(arguments, environment: environment)
    program.closeInput()
    return try await program.end(sourceLocation: sourceLocation)
  }

  /// - Parameters:
  ///   - arguments: those of `falsework`.
  ///   - environment: added to that of the tests.
  convenience init(_ arguments: [String], environment: [String: String] = [:]) throws {
    try self.init(command: [Self.path] + arguments, environment: environment)
  }

  /// - Parameter command: any program, by its path or name, and its arguments.
  init(command: [String], environment: [String: String] = [:]) throws {
    // One at a time: a program that starts before another's pipes are marked would hold them open.
    let child = try Self.starting.withLock { _ in try Self.spawn(command, environment) }
    pid = child.pid
    output = child.output
    errors = child.errors
    state = Mutex(State(input: child.input))
  }

  private static let starting = Mutex(())

  private struct Child {
    var pid: pid_t
    var input: Int32
    var output: Int32
    var errors: Int32
  }

  private static func spawn(_ command: [String], _ environment: [String: String]) throws -> Child {
    let (input, output, errors) = (try pipe(), try pipe(), try pipe())
    defer { for end in [input.read, output.write, errors.write] { close(end) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input.read, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output.write, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors.write, STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A shell starts a program with every signal as the system has it.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var words: [UnsafeMutablePointer<CChar>?] =
      (["env", "-C", root] + command).map { strdup($0) } + [nil]
    var assignments = variables(environment).map { strdup($0) } + [nil]
    defer { for text in words + assignments { free(text) } }
    var pid = pid_t()
    let error = posix_spawnp(&pid, "env", &actions, &attributes, &words, &assignments)
    guard error == 0 else {
      for end in [input.write, output.read, errors.read] { close(end) }
      throw Failure.system("start \(command[0])", error)
    }
    return Child(pid: pid, input: input.write, output: output.read, errors: errors.read)
  }

  deinit {
    // Only a test that failed leaves one behind.
    closeInput()
    close(output)
    close(errors)
    guard !state.withLock({ $0.hasEnded }) else { return }
    kill(pid, SIGKILL)
    var status: Int32 = 0
    waitpid(pid, &status, 0)
  }

  func signal(_ number: Int32) { kill(pid, number) }

  func closeInput() {
    state.withLock {
      if $0.input >= 0 { close($0.input) }
      $0.input = -1
    }
  }

  /// The next line of standard output, without its end; nil if there is none before the end.
  func line() async throws -> String? {
    try await Self.beside { [self] in
      while true {
        let line = state.withLock { state -> String? in
          guard let end = state.output[state.read...].firstIndex(of: UInt8(ascii: "\n")) else {
            return nil
          }
          defer { state.read = end + 1 }
          return String(decoding: state.output[state.read..<end], as: UTF8.self)
        }
        if let line { return line }
        guard gather() else { return nil }
      }
    }
  }

  /// Suspends until standard error holds this text; false if it ends without it.
  func complains(_ text: String) async throws -> Bool {
    try await Self.beside { [self] in
      while !state.withLock({ String(decoding: $0.errors, as: UTF8.self).contains(text) }) {
        guard gather() else { return false }
      }
      return true
    }
  }

  /// Waits for the end. Into a pipe, no program may have written colours or gone back in a line.
  func end(sourceLocation: SourceLocation = #_sourceLocation) async throws -> Ending {
    let ending = try await gathered()
    let sequences = (ending.output + ending.errors).unicodeScalars.filter {
      $0 == "\u{1B}" || $0 == "\r"
    }
    #expect(sequences.isEmpty, sourceLocation: sourceLocation)
    return ending
  }

  private func gathered() async throws -> Ending {
    try await Self.beside { [self] in
      while gather() {}
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0, errno == EINTR {}
      return state.withLock {
        $0.hasEnded = true
        // wait(2): the low seven bits are the signal, the second byte the exit status.
        let number = status & 0x7F
        return Ending(
          code: number == 0 ? (status >> 8) & 0xFF : 128 + number,
          output: String(decoding: $0.output, as: UTF8.self),
          errors: String(decoding: $0.errors, as: UTF8.self))
      }
    }
  }

  /// How long a program may say nothing before it counts as hung, and is killed.
  private static let patience: Int32 = 60_000

  /// Waits for more output, and keeps it.
  ///
  /// - Returns: false when both streams have ended.
  private func gather() -> Bool {
    var waiting = [
      pollfd(fd: output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
    ]
    var chunk = [UInt8](repeating: 0, count: 65_536)
    var open = 2
    while open > 0 {
      let ready = poll(&waiting, 2, Self.patience)
      if ready < 0, errno == EINTR { continue }
      guard ready > 0 else {
        Issue.record("\(pid) says nothing and does not end")
        kill(pid, SIGKILL)
        return false
      }
      for index in waiting.indices where waiting[index].revents != 0 {
        let count = read(waiting[index].fd, &chunk, chunk.count)
        if count > 0 {
          state.withLock {
            if index == 0 { $0.output += chunk[..<count] } else { $0.errors += chunk[..<count] }
          }
          return true
        }
        // poll(2) passes over a negative descriptor.
        waiting[index].fd = -1
        open -= 1
      }
    }
    return false
  }

  private static func pipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else { throw Failure.system("open a pipe", errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func variables(_ given: [String: String]) -> [String] {
    // Nothing but the pipe must keep colours away, wherever the tests run.
    let added = ["NO_COLOR": "", "TERM": "xterm"].merging(given) { $1 }
    var variables: [String] = []
    var next = environ
    while let text = next.pointee {
      let variable = String(cString: text)
      let name = String(variable.prefix { $0 != "=" })
      if added[name] == nil { variables.append(variable) }
      next += 1
    }
    return variables + added.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }

  /// Runs what blocks on a thread of its own, not on one that other tests need.
  static func beside<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Swift.Result(catching: body)) }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Dispatch
import FalseworkLive
import FalseworkReport
import Glibc
import Synchronization

/// `falsework exec`: a cluster for the length of a command.
struct ExecCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exec",
    abstract: "Set a cluster up, run a command with OS_* variables, take it down.",
    discussion: """
        falsework exec specs/scenarios/fixture.yaml -- openstack token issue
        falsework exec specs/scenarios/fixture.yaml -- pytest tests/

      The command finds the cluster by OS_AUTH_URL and its relatives, and the proxy's
      runtime API by FALSEWORK_RUNTIME_SOCKET. The exit code is the command's; 128 and
      the signal's number if one ended it, 126 if it cannot be run, 127 if there is no
      such command.
      """)

  @OptionGroup var options: ScenarioOptions

  @Option(help: "Where to listen: configured (haproxy.cfg), or any port that is free.")
  var ports = UpCommand.Ports.any

  @Argument(parsing: .postTerminator, help: "The command, after --.")
  var command: [String] = []

  mutating func validate() throws {
    guard !command.isEmpty else {
      throw ValidationError("a command is missing: falsework exec SCENARIO -- COMMAND …")
    }
  }

  mutating func run() async throws {
    let standing = try await StandingCluster.start(
      options, keepsAddresses: ports == .configured
    ) { _ in }
    for (name, value) in standing.environment { setenv(name, value, 1) }
    setenv("FALSEWORK_RUNTIME_SOCKET", standing.cluster.runtimePath, 1)
    let code: Int32
    do {
      code = try await Command(command).run()
    } catch {
      try await standing.end()
      throw error
    }
    try await standing.end()
    guard code == 0 else { throw ExitCode(code) }
  }
}

/// A child process with this process's own standard streams.
private struct Command {
  let words: [String]

  init(_ words: [String]) {
    self.words = words
  }

  /// - Returns: the exit code, as a shell tells it.
  func run() async throws -> Int32 {
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { unsafe strdup($0) } + [nil]
    defer { for argument in arguments { unsafe free(argument) } }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // What is ignored here is not to be ignored there.
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for number in [SIGPIPE, SIGINT, SIGTERM] { sigaddset(&defaults, number) }
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    // Nor is what is blocked: the thread that this runs on blocks every signal.
    var mask = sigset_t()
    sigemptyset(&mask)
    posix_spawnattr_setsigmask(&attributes, &mask)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    // Ctrl-C reaches the child by itself; what is sent to this process alone is passed on, also what
    // comes while the child is being started.
    let order = Order()
    let signals = SignalWatch([SIGINT, SIGTERM]) { number in
      if number == SIGTERM { order.terminate() }
    }
    defer { withExtendedLifetime(signals) {} }
    var child = pid_t()
    let error = unsafe posix_spawnp(
      &child, words[0], nil, &attributes, &arguments, environ)
    order.began(child)
    guard error == 0 else {
      TextFile.complain("\(words[0]): \(unsafe String(cString: strerror(error)))")
      return error == ENOENT ? 127 : 126
    }
    return await Self.wait(for: child)
  }

  /// The order to end, for a child that may not be there yet.
  private final class Order: Sendable {
    private let state = Mutex<(child: pid_t, isGiven: Bool)>((0, false))

    func began(_ child: pid_t) {
      state.withLock {
        $0.child = child
        if $0.isGiven, child > 0 { kill(child, SIGTERM) }
      }
    }

    func terminate() {
      state.withLock {
        $0.isGiven = true
        if $0.child > 0 { kill($0.child, SIGTERM) }
      }
    }
  }

  private static func wait(for child: pid_t) async -> Int32 {
    let status = await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        continuation.resume(returning: status)
      }
    }
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }
}

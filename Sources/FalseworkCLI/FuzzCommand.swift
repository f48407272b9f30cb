// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Dispatch
import FalseworkCore
import FalseworkLive
import FalseworkReport
import FalseworkSim
import Glibc
import Synchronization

/// `falsework fuzz`: random small scenarios, and what must hold in every run.
struct FuzzCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz",
    abstract: "Play random small scenarios and check what must hold in every run.",
    discussion: """
        falsework fuzz --runs 100000
        falsework fuzz --runs 100000 --seed 500000 --jobs 2
        falsework fuzz --seed 4711 --print > fuzz-4711.yaml

      Run N has seed --seed + N: strategy, proxy, nodes and load are drawn from it.
      A broken rule is printed with the command that plays it again, and the exit code
      is 4; so is a crash. specs/invariants.md lists the rules.
      """)

  @Option(help: "How many scenarios.")
  var runs = 1_000

  @Option(help: "The seed of the first.")
  var seed: UInt64 = 1

  @Option(help: "Threads (default: one for each core).")
  var jobs: Int?

  @Flag(help: "Print the scenario of --seed and play nothing.")
  var print = false

  @Flag(help: "No progress.")
  var quiet = false

  mutating func validate() throws {
    guard runs > 0 else { throw ValidationError("--runs must be 1 at least") }
    guard jobs ?? 1 > 0 else { throw ValidationError("--jobs must be 1 at least") }
  }

  mutating func run() throws {
    if print { return Terminal.write(RandomScenario(seed: seed).text + "\n", to: .output) }
    let jobs = min(jobs ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))), runs)
    let state = FuzzState(jobs: jobs)
    CrashNotice.arm(jobs: jobs)
    let (first, runs, isShown) = (seed, runs, !quiet)
    let began = DispatchTime.now().uptimeNanoseconds
    DispatchQueue.concurrentPerform(iterations: jobs) { job in
      while let number = state.next(below: runs) {
        let seed = first &+ UInt64(number)
        CrashNotice.note(seed, of: job)
        state.add(FuzzRun.report(of: seed), seed: seed, isShown: isShown, of: runs)
      }
    }
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - began) / 1e9
    let sum = state.sum
    Terminal.write(sum.text(runs: runs, seconds: seconds), to: .output)
    if sum.broken > 0 { throw CommandEnd(status: .broken, message: nil) }
  }
}

/// What all runs came to.
private final class FuzzState: Sendable {
  struct Sum {
    var played = 0
    var requests = 0
    var failures = 0
    var steps = 0
    var aborted = 0
    var broken = 0

    func text(runs: Int, seconds: Double) -> String {
      let rate = Int(Double(played) / max(seconds, 0.001))
      return "\(played) scenarios, \(requests) requests (\(failures) failed), \(steps) steps, "
        + "\(aborted) rotations given up: \(broken) broke a rule; \(rate) a second\n"
    }
  }

  private let state = Mutex((next: 0, sum: Sum(), shown: DispatchTime.now()))

  init(jobs: Int) {}

  var sum: Sum { state.withLock { $0.sum } }

  func next(below runs: Int) -> Int? {
    state.withLock { state in
      guard state.next < runs else { return nil }
      state.next += 1
      return state.next - 1
    }
  }

  func add(_ report: FuzzRun.Report, seed: UInt64, isShown: Bool, of runs: Int) {
    state.withLock { state in
      state.sum.played += 1
      state.sum.requests += report.requests
      state.sum.failures += report.failures
      state.sum.steps += report.steps
      state.sum.aborted += report.aborted ? 1 : 0
      if !report.broken.isEmpty {
        state.sum.broken += 1
        let lines = report.broken.map { "  \($0)\n" }.joined()
        Terminal.write(
          "seed \(seed):\n\(lines)  again: falsework fuzz --seed \(seed) --runs 1\n", to: .output)
      }
      let now = DispatchTime.now()
      guard isShown, now.uptimeNanoseconds - state.shown.uptimeNanoseconds > 10_000_000_000 else {
        return
      }
      state.shown = now
      TextFile.complain("\(state.sum.played) of \(runs), \(state.sum.broken) broke a rule")
    }
  }
}

/// Says which seeds were being played if the program dies of a broken precondition.
private enum CrashNotice {
  nonisolated(unsafe) private static var seeds: UnsafeMutablePointer<UInt64>?
  nonisolated(unsafe) private static var count = 0

  static func arm(jobs: Int) {
    unsafe seeds = .allocate(capacity: jobs)
    unsafe seeds?.initialize(repeating: .max, count: jobs)
    unsafe count = jobs
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT] {
      _ = signal(number) { _ in CrashNotice.say() }
    }
  }

  static func note(_ seed: UInt64, of job: Int) {
    unsafe seeds?[job] = seed
  }

  /// In a signal's handler nothing may be allocated: digits are written one by one.
  private static func say() {
    write("crashed; again:")
    for job in unsafe 0..<count {
      guard let seed = unsafe seeds?[job], seed != .max else { continue }
      write("\n  falsework fuzz --runs 1 --seed ")
      var divisor: UInt64 = 1
      while seed / divisor >= 10 { divisor *= 10 }
      while divisor > 0 {
        var digit = UInt8(ascii: "0") + UInt8(seed / divisor % 10)
        _ = unsafe Glibc.write(STDERR_FILENO, &digit, 1)
        divisor /= 10
      }
    }
    write("\n")
    _exit(ExitStatus.broken.rawValue)
  }

  private static func write(_ text: StaticString) {
    _ = unsafe Glibc.write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
  }
}

// SPDX-License-Identifier: Apache-2.0
import Glibc

/// `Micro NAME COUNT`: one component in a loop, without a world around it.
///
/// Prints nanoseconds of CPU an operation. Run under valgrind with two counts, the difference of the two
/// heaps is what an operation allocates: see allocations.sh.
@main
struct Micro {
  static let loops: [(name: String, about: String, run: @Sendable (Int) -> Void)] = [
    ("load", "requests of the load engine, closed model, kept connections", LoadLoop.kept),
    ("load-tokens", "the same, each request with a token of its own", LoadLoop.tokens),
    (
      "load-journey", "requests of a journey: captured from JSON, checked, sent on",
      LoadLoop.journey
    ),
    ("load-open", "requests of the open model, Poisson arrivals", LoadLoop.open),
    ("statistics", "outcomes recorded", LoadLoop.statistics),
    ("proxy", "requests through the proxy, kept connections on both sides", ProxyLoop.run),
    ("codec", "a request's and a response's head parsed", CodecLoop.run),
    ("validate", "Fernet tokens validated by a node, answer and all", KeystoneLoop.validate),
    ("validate-unrendered", "the same without the body", KeystoneLoop.validateUnrendered),
    ("users", "users put into a database, and the memory that they take", MemoryLoop.users),
    ("tokens", "UUID tokens kept in a database, and the memory that they take", MemoryLoop.tokens),
    ("find-user", "users found by name among 100,000", MemoryLoop.logins),
  ]

  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let count = Int(arguments[2]), count > 0,
      let loop = loops.first(where: { $0.name == arguments[1] })
    else {
      print("usage: Micro NAME COUNT, where NAME is one of")
      for loop in loops { print("  \(loop.name): \(loop.about)") }
      return
    }
    let begin = cpuNanoseconds
    loop.run(count)
    let tenths = (cpuNanoseconds - begin) * 10 / count
    print("\(loop.name): \(tenths / 10).\(tenths % 10) ns of CPU an operation")
  }

  /// Of this process: a clock on the wall would count what others do.
  private static var cpuNanoseconds: Int {
    var time = timespec()
    guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else {
      preconditionFailure("no clock of the process: errno \(errno)")
    }
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}

/// Keeps the optimiser from leaving out what nobody looks at.
@inline(never)
func keep<T>(_ value: T) {}

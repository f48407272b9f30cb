// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkCore
import FalseworkKeystone
import FalseworkLive
import FalseworkLoad
import FalseworkReport
import FalseworkScenario

/// `falsework load merge`: the parts of a load as one result.
struct LoadMergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "falsework load merge",
    abstract: "Make one result of the parts of a load.",
    discussion: """
        falsework load -f users.yaml --parts 1/2 --out part1 http://keystone:5000   # here
        falsework load -f users.yaml --parts 2/2 --out part2 http://keystone:5000   # there
        falsework load merge part1 part2 --out whole --threshold 'p99 < 1s'

      Each part is what --out or --request-log wrote. Every figure is made anew of all
      requests, as if one machine had made them; the parts count as begun together.
      The exit codes are those of a load.
      """)

  @Argument(help: ArgumentHelp("Directories of --out, or binary logs.", valueName: "part"))
  var parts: [String]
  @Option(help: "It is void if the load's own lateness was beyond this once in a hundred.")
  var latenessLimit = "100ms"
  @OptionGroup var output: OutputOptions

  mutating func validate() throws {
    guard output.metrics == nil else {
      throw ValidationError("--metrics is for a run that goes on")
    }
  }

  mutating func run() async throws {
    let parts = try parts.map(LoadPart.init)
    let limit = try Interval(latenessLimit, of: "--lateness-limit")
    var merged = MergedLoad(parts: parts.count)
    for part in parts {
      let log = try part.log()
      while true {
        let requests = try log.next()
        if requests.isEmpty { break }
        for request in requests { merged.learn(request) }
      }
    }
    guard !merged.plan.tasks.isEmpty else {
      throw CommandEnd(status: .environment, message: "there is no request in any part")
    }
    let count = parts.count
    var description = RunDescription(
      load: merged.plan, named: parts[0].name ?? "load of \(count) parts",
      about: "merged of \(parts.map(\.path).joined(separator: ", "))",
      thresholds: output.thresholds([]), seed: parts[0].seed, latenessLimit: limit,
      program: FalseworkCommand.version)
    description.wallStart = nil
    let files = try await RunOutput(output, on: nil)
    var collector = RunCollector(description, options: output.keeping, begin: .start)
    let logs = try parts.map { (part) throws(CommandEnd) in try part.log() }
    var requests = MergedRequests(parts: parts.count)
    var drained = Instant.start
    while true {
      while let part = requests.wanting { requests.add(try logs[part].next(), part: part) }
      guard let (part, request) = requests.next() else { break }
      guard let outcome = merged.outcome(of: request, part: part) else {
        throw parts[part].problem("request \(request.number) ended with '\(request.verdict)'")
      }
      collector.ended(outcome)
      guard outcome.done - drained >= .seconds(1) else { continue }
      drained = outcome.done
      files.write(collector.drain(at: drained))
    }
    let end = parts.reduce(merged.end) { max($0, $1.end ?? .start) }
    files.write(collector.drainRest(at: end))
    let result = collector.finish(
      at: end, how: .completed, inFlight: parts.reduce(0) { $0 + $1.inFlight }, proxyCounters: [:])
    try await files.end(result)
  }
}

/// One part, as a load left it.
private struct LoadPart {
  let path: String
  private let file: String
  /// Of the load; nil if only its log is there, as the next.
  var name: String?
  var end: Instant?
  var inFlight = 0
  var seed: UInt64 = 0

  init(_ path: String) throws(CommandEnd) {
    self.path = path
    guard !TextFile.isFile(path) else {
      file = path
      return
    }
    file = path + "/requests.bin"
    let name = path + "/result.json"
    let bytes: [UInt8]
    do {
      bytes = try TextFile.read(name)
    } catch {
      throw CommandEnd(status: .environment, message: "\(name): \(error.reason)")
    }
    // Seconds with six decimals, as all times of a result.
    guard let result = JSONValue(bytes.span), case .number(let end)? = result["end_s"],
      let microseconds = Int64(String(end.filter { $0 != "." })),
      case .number(let inFlight)? = result["in_flight"]
    else {
      throw CommandEnd(status: .environment, message: "\(name): no result of this program")
    }
    self.name = result["scenario"]?["name"]?.string
    self.end = .start + .microseconds(microseconds)
    self.inFlight = Int(inFlight) ?? 0
    if case .number(let seed)? = result["scenario"]?["seed"] { self.seed = UInt64(seed) ?? 0 }
  }

  func log() throws(CommandEnd) -> RequestLogFile { try RequestLogFile(file) }

  func problem(_ text: String) -> CommandEnd {
    CommandEnd(status: .environment, message: "\(file): \(text)")
  }
}

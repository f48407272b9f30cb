// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkReport
import FalseworkScenario

/// What a run prints and writes, and what it must keep: the same for `run` and `load`.
struct OutputOptions: ParsableArguments {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, json, locust
    case locustJSON = "locust-json"
  }

  @Option(
    name: .customLong("out"),
    help: ArgumentHelp(
      "Write every file there: result.json, events.csv, requests.csv, histograms, Locust's.",
      valueName: "dir"))
  var directory: String?

  @Option(help: "What to print at the end.")
  var format = Format.table

  @Option(help: ArgumentHelp("Write Locust's four CSV files.", valueName: "prefix"))
  var csv: String?
  @Flag(help: "A line for each step in Locust's history, not only for all together.")
  var csvFullHistory = false
  @Option(help: ArgumentHelp("Write Locust's statistics to NAME.json.", valueName: "name"))
  var jsonFile: String?
  @Option(help: ArgumentHelp("Write HdrHistograms of each second.", valueName: "file"))
  var hdr: String?
  @Option(
    help: ArgumentHelp(
      "Write every request as it ends: in CSV if the name ends so, else binary.",
      valueName: "file"))
  var requestLog: String?
  @Option(help: ArgumentHelp("Write the figures as OpenTelemetry's OTLP/JSON.", valueName: "file"))
  var otlp: String?
  @Option(
    help: ArgumentHelp("Serve the figures to Prometheus while it runs.", valueName: "host:port"))
  var metrics: String?

  @Option(
    name: .customLong("threshold"), parsing: .singleValue,
    help: ArgumentHelp(
      "What must hold, such as 'p99 < 1s' or 'failures == 0 or abort'. May be repeated.",
      valueName: "condition"))
  var conditions: [String] = []
  @Flag(help: "End the run when a threshold is missed for good.")
  var abortOnFail = false
  @Flag(help: "Exit with 99, not 1, if a threshold was missed.")
  var k6ExitCodes = false

  @Flag(name: .shortAndLong, help: "No progress while it runs.")
  var quiet = false

  mutating func validate() throws {
    for condition in conditions where Self.threshold(condition) == nil {
      throw ValidationError(
        "--threshold takes a figure and a condition such as 'p99 < 1s', not '\(condition)'")
    }
    if let metrics, Self.place(metrics) == nil {
      throw ValidationError("--metrics takes HOST:PORT such as 127.0.0.1:9100, not '\(metrics)'")
    }
    if csvFullHistory, csv == nil { throw ValidationError("--csv-full-history needs --csv") }
  }

  /// Those of the scenario and those of the command line.
  func thresholds(_ scenario: [Threshold]) -> [Threshold] {
    (scenario + conditions.compactMap(Self.threshold)).map { threshold in
      var threshold = threshold
      threshold.aborts = threshold.aborts || abortOnFail
      return threshold
    }
  }

  var metricsPlace: (host: String, port: Int)? { metrics.flatMap(Self.place) }

  /// What the collector has to keep for all this.
  var keeping: RunCollector.Options {
    var options = RunCollector.Options.everything
    options.streams = files.map(\.stream)
    if directory == nil { options.requestLimit = 0 }
    return options
  }

  /// Each stream and where it goes.
  var files: [(stream: RunStreams.Stream, path: String)] {
    var files: [(RunStreams.Stream, String)] = []
    if let directory {
      files += RunStreams.files.map { ($0.stream, directory + "/" + $0.name) }
    }
    if let hdr { files.append((.histograms, hdr)) }
    if let requestLog {
      files.append((requestLog.hasSuffix(".csv") ? .requestsCSV : .requestsBinary, requestLog))
    }
    if let csv {
      files.append((csvFullHistory ? .fullHistory : .history, csv + "_stats_history.csv"))
    }
    return files
  }

  static func threshold(_ text: String) -> Threshold? {
    let name = text.prefix { !"<>=!".contains($0) }
    let figure = name.split(separator: " ").joined(separator: " ")
    guard let figure = Threshold.Figure(rawValue: figure) else { return nil }
    do throws(Threshold.SyntaxError) {
      return try Threshold(figure, parsing: String(text.dropFirst(name.count)))
    } catch {
      return nil
    }
  }

  private static func place(_ text: String) -> (host: String, port: Int)? {
    guard let colon = text.lastIndex(of: ":"), colon != text.startIndex,
      let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port)
    else { return nil }
    let host = text[..<colon]
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    return (String(isBracketed ? host.dropFirst().dropLast() : host), port)
  }
}

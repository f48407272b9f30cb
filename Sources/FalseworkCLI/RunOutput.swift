// SPDX-License-Identifier: Apache-2.0
import Dispatch
import FalseworkLive
import FalseworkReport
import Glibc
import NIOCore

/// What becomes of a run on this machine: files that grow while it goes on, a view of it, the metrics,
/// and at its end the result, printed and written.
final class RunOutput: @unchecked Sendable {
  private let options: OutputOptions
  private let watcher: RunWatcher
  private let metrics: MetricsServer?
  private let streams: [(stream: RunStreams.Stream, path: String, file: StreamFile)]
  /// Files are written here, so that a slow disk does not hold back the load.
  private let queue = DispatchQueue(label: "falsework.output")

  /// Opens every file: that one cannot be written is said before a run of minutes.
  init(_ options: OutputOptions, on loop: (any EventLoop)?) async throws {
    self.options = options
    watcher = RunWatcher(isQuiet: options.quiet)
    if let directory = options.directory { try TextFile.makeDirectory(directory) }
    for path in [options.otlp, options.jsonFile.map { $0 + ".json" }] {
      if let path { try TextFile.write([], to: path) }
    }
    streams = try options.files.map { ($0.stream, $0.path, try StreamFile($0.path)) }
    if let place = options.metricsPlace, let loop {
      let server = MetricsServer(on: loop)
      do {
        let port = try await server.open(host: place.host, port: place.port)
        if !options.quiet {
          TextFile.complain("metrics at http://\(place.host):\(port)/metrics")
        }
      } catch {
        throw CommandEnd(status: .environment, message: "--metrics: \(error)")
      }
      metrics = server
    } else {
      metrics = nil
    }
  }

  var wantsMetrics: Bool { metrics != nil }

  /// A glance at the run, on its event loop.
  func show(_ glance: RunGlance) {
    write(glance.chunks)
    if let text = glance.metrics { metrics?.show(text) }
    if glance.isLast { watcher.end() } else { watcher.show(glance) }
  }

  func write(_ chunks: [RunStreams.Chunk]) {
    guard !chunks.isEmpty else { return }
    queue.async { [streams] in
      for chunk in chunks {
        for stream in streams where stream.stream == chunk.stream {
          stream.file.write(chunk.bytes)
        }
      }
    }
  }

  /// The run failed: there is no result.
  func giveUp() async throws {
    watcher.end()
    try await metrics?.close()
    queue.sync {}
  }

  /// Prints and writes the result, and ends the command if it did not hold.
  func end(_ result: RunResult) async throws {
    watcher.end()
    queue.sync {}
    try await metrics?.close()
    for stream in streams { try stream.file.close() }
    var result = result
    if options.k6ExitCodes { result.missedStatus = .missedAsK6 }
    print(result)
    try write(result)
    guard result.verdict == .held else {
      throw CommandEnd(status: result.exitStatus, message: nil)
    }
  }

  private func print(_ result: RunResult) {
    let text =
      switch options.format {
      case .table:
        TerminalTable(
          result, width: Terminal.width(of: .output), colours: Terminal.hasColours(.output)
        ).text
      case .json: String(decoding: ResultJSON(result).bytes, as: UTF8.self)
      case .locust:
        LocustTable(
          result, columns: Terminal.isTerminal(.output) ? Terminal.width(of: .output) : nil
        ).text
      case .locustJSON: String(decoding: LocustJSON(result).bytes, as: UTF8.self)
      }
    Terminal.write(text, to: .output)
  }

  private func write(_ result: RunResult) throws(CommandEnd) {
    if let csv = options.csv {
      for file in LocustCSV(result).files(prefix: csv) {
        try TextFile.write(file.bytes, to: file.name)
      }
    }
    if let name = options.jsonFile {
      try TextFile.write(LocustJSON(result).bytes, to: name + ".json")
    }
    if let otlp = options.otlp { try TextFile.write(ResultOTLP(result).bytes, to: otlp) }
    guard let directory = options.directory else { return }
    // Each is rendered when it is asked for.
    let files = result.files
    for file in files { try TextFile.write(file.bytes, to: directory + "/" + file.name) }
    guard !options.quiet else { return }
    let count = files.count + RunStreams.files.count
    TextFile.complain("written to \(directory): result.json and \(count - 1) more files")
  }
}

/// A file that grows. Confined to the queue that writes it; that something could not be written is
/// said when it is closed.
final class StreamFile: @unchecked Sendable {
  private let path: String
  private var file: UnsafeMutablePointer<FILE>?
  private var hasFailed = false

  init(_ path: String) throws(CommandEnd) {
    self.path = path
    file = unsafe fopen(path, "w")
    guard unsafe file != nil else { throw failure }
  }

  /// What is written is on its way to the disk when this returns: a run that is killed has it.
  func write(_ bytes: [UInt8]) {
    guard let file = unsafe file else { return }
    let written = unsafe fwrite(bytes, 1, bytes.count, file)
    if written != bytes.count { hasFailed = true }
    if unsafe fflush(file) != 0 { hasFailed = true }
  }

  func close() throws(CommandEnd) {
    guard let open = unsafe file else { return }
    unsafe file = nil
    guard unsafe fclose(open) == 0, !hasFailed else { throw failure }
  }

  private var failure: CommandEnd {
    TextFile.failure(path)
  }
}

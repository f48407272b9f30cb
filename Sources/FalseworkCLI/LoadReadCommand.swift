// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkReport
import Glibc

/// `falsework load read`: a binary log of requests as CSV.
struct LoadReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "falsework load read",
    abstract: "Print a binary log of requests as CSV.",
    discussion: """
        falsework load read results/requests.bin > requests.csv

      It reads in pieces, so the log may be larger than the memory. A log that was cut
      short is printed as far as it goes; then the code is 7.
      """)

  @Argument(help: "The log, as --request-log or --out wrote it.")
  var file: String

  mutating func run() throws {
    guard let log = unsafe fopen(file, "r") else {
      throw TextFile.failure(file)
    }
    defer { unsafe fclose(log) }
    var reader = RequestLog.Reader()
    var chunk = [UInt8](repeating: 0, count: 262_144)
    Terminal.write(String(decoding: LoggedRequest.header, as: UTF8.self), to: .output)
    do throws(RequestLog.Problem) {
      while true {
        let count = unsafe fread(&chunk, 1, chunk.count, log)
        guard count > 0 else { break }
        reader.add(Array(chunk[0..<count]))
        let lines = try reader.requests().flatMap(\.line)
        Terminal.write(String(decoding: lines, as: UTF8.self), to: .output)
      }
      try reader.finish()
    } catch {
      throw CommandEnd(status: .environment, message: "\(file): \(error.text)")
    }
  }
}

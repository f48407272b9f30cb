// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkReport

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
    let log = try RequestLogFile(file)
    Terminal.write(String(decoding: LoggedRequest.header, as: UTF8.self), to: .output)
    while true {
      let requests = try log.next()
      if requests.isEmpty { return }
      let lines = requests.flatMap(\.line)
      Terminal.write(String(decoding: lines, as: UTF8.self), to: .output)
    }
  }
}

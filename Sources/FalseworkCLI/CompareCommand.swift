// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkReport
import FalseworkScenario

/// `falsework compare`: results beside each other.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Put results beside each other, row by row.",
    discussion: """
        falsework run upgrade.yaml --out ours
        falsework run upgrade.yaml --world field --field site.yaml --out theirs
        falsework compare theirs ours

      Each is a result.json, or a directory with one. Failures are told apart by the
      kind of their cause and by what the client saw; control events are counted from
      the first. With two results the last column is the second less the first.
      """)

  @Argument(help: "Results, two at least.")
  var results: [String]

  mutating func validate() throws {
    guard results.count > 1 else { throw ValidationError("give two results at least") }
  }

  mutating func run() throws {
    var files: [(name: String, json: [UInt8])] = []
    for path in results {
      let isFile = path.hasSuffix(".json")
      do {
        files.append(
          (Self.name(path), try TextFile.read(isFile ? path : path + "/result.json")))
      } catch {
        throw CommandEnd(status: .usage, message: "\(path): \(error.reason)")
      }
    }
    guard let comparison = ResultComparison(files) else {
      throw CommandEnd(
        status: .usage,
        message: "\(results.joined(separator: ", ")): expected result.json as 'run --out' writes it"
      )
    }
    Terminal.write(comparison.text, to: .output)
  }

  /// `ours` of `runs/ours` and of `runs/ours/result.json`.
  private static func name(_ path: String) -> String {
    let steps = path.split(separator: "/").filter { $0 != "result.json" && $0 != "." }
    return steps.last.map(String.init) ?? path
  }
}

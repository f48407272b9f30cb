// SPDX-License-Identifier: Apache-2.0
import FalseworkProxy
import Foundation
import Testing

/// A row of `Tests/Interop/haproxy-cases.txt`, which says how it is to be read.
struct ConfigurationCase: CustomTestStringConvertible, Sendable {
  enum Verdict: String { case accepted, warned, refused, reworded, stricter }

  var section: String
  var verdict: Verdict
  var lines: String
  var message: String

  var testDescription: String { "\(section): \(lines)" }

  static let all: [ConfigurationCase] = {
    let file = URL(filePath: #filePath).appending(path: "../../../Interop/haproxy-cases.txt")
    let text = try! String(contentsOf: file.standardized, encoding: .utf8)
    return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { row in
      let parts = row.split(separator: " |", maxSplits: 3, omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      return ConfigurationCase(
        section: parts[0], verdict: Verdict(rawValue: parts[1])!, lines: parts[2],
        message: parts[3])
    }
  }()

  /// The same as `configuration` in haproxy-check.sh.
  var text: String {
    let own = lines.components(separatedBy: ";;").map { $0.trimmingCharacters(in: .whitespaces) }
    if section == "file" { return own.joined(separator: "\n") + "\n" }
    var all: [String] = []
    func add(_ name: String, _ head: [String], _ tail: [String] = []) {
      all += head
      if name == section { all += own }
      all += tail
    }
    add("global", ["global"])
    add(
      "defaults",
      ["defaults", "mode http", "timeout client 1s", "timeout connect 1s", "timeout server 1s"])
    add("frontend", ["frontend f", "bind 127.0.0.1:15000", "default_backend b"])
    add("backend", ["backend b"], ["server good 127.0.0.1:15001"])
    return all.joined(separator: "\n") + "\n"
  }
}

@Suite struct ConfigurationCasesTests {
  @Test(arguments: ConfigurationCase.all)
  func `a line is taken, warned about or refused as HAProxy would`(row: ConfigurationCase) throws {
    let reading = ProxyConfiguration.read(row.text, file: "haproxy.cfg", environment: { _ in nil })
    let said = reading.problems.map(\.message)
    switch row.verdict {
    case .accepted:
      // A file of a single section may lack a listener, which is a warning.
      #expect(said.filter { !$0.contains("no listener") } == [])
      #expect(reading.configuration != nil)
    case .warned:
      #expect(reading.configuration != nil)
      #expect(said.contains { $0.contains(row.message) }, "\(said)")
    case .refused, .reworded, .stricter:
      #expect(reading.configuration == nil)
      let alerts = reading.problems.filter { $0.severity == .alert }.map(\.message)
      #expect(alerts.contains { $0.contains(row.message) }, "\(said)")
    }
  }
}

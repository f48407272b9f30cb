// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Foundation
import Testing

@testable import FalseworkScenario

/// `specs/scenario.md` says what the reader does.
@Suite struct ScenarioPageTests {
  /// A block of the page: the words behind its fence, and what stands in it.
  struct Block {
    var info: String
    var text: String
  }

  static func blocks(_ page: String) -> [Block] {
    var blocks: [Block] = []
    var open: Block?
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        if let block = open {
          blocks.append(block)
          open = nil
        } else {
          open = Block(info: String(line.dropFirst(3)), text: "")
        }
      } else {
        open?.text += line + "\n"
      }
    }
    return blocks
  }

  /// Complete scenarios, and parts laid over the first of them.
  static func examples() throws -> [String] {
    let blocks = blocks(try Sample.spec("scenario.md"))
    let complete = blocks.filter { $0.info == "yaml" }.map(\.text)
    let base = try #require(complete.first)
    return complete
      + blocks.filter { $0.info == "yaml fragment" }.map { overlay($0.text, on: base) }
  }

  /// The base with the fragment's top-level keys in the place of its own.
  private static func overlay(_ fragment: String, on base: String) -> String {
    let keys = fragment.split(separator: "\n").filter { $0.first?.isLetter == true }.map {
      $0.prefix { $0 != ":" }
    }
    var kept = ""
    var skipping = false
    for line in base.split(separator: "\n") {
      if line.first?.isLetter == true { skipping = keys.contains(line.prefix { $0 != ":" }) }
      if !skipping { kept += line + "\n" }
    }
    return kept + fragment
  }

  static func read(_ text: String) throws(ScenarioProblems) -> Scenario {
    let path = Sample.specs.appending(path: "scenarios/example.yaml").path
    return try ScenarioReader.files.read(Array(text.utf8), file: path)
  }

  @Test func `its tables are the reader's, row by row`() throws {
    let rows = try Sample.spec("scenario.md").split(separator: "\n").filter {
      $0.hasPrefix("| `") && $0.split(separator: "|").count == 4
    }
    let expected = ScenarioKey.all.map {
      "| `\($0.path)` | \($0.type) | \($0.standard) | \($0.meaning) |"
    }
    #expect(rows.map(String.init) == expected)
  }

  @Test func `its journeys are the reader's`() throws {
    let page = try Sample.spec("scenario.md")
    for (name, _) in ScenarioParser.journeys {
      #expect(page.contains("| `\(name)` |"), "no row for \(name)")
    }
  }

  @Test func `the values of the presets are those that the table gives`() throws {
    let text = "proxy: two.cfg\ncluster: {service: measured, lifecycle: uwsgi}"
    let cluster = try Sample.read(text).cluster
    let (service, times) = (cluster.service, cluster.lifecycle)
    let values = [
      "service.workers": "\(service.workers)", "service.backlog": "\(service.backlog)",
      "service.authenticate": "\(service.authenticate)", "service.validate": "\(service.validate)",
      "service.other": "\(service.other)", "service.discovery": "\(service.discovery)",
      "lifecycle.listens": "\(times.listens)", "lifecycle.loads": "\(times.loads)",
      "lifecycle.cut": "\(times.cut)", "lifecycle.zombie": "\(times.zombie)",
      "lifecycle.finishing": "\(times.finishing)", "lifecycle.gone": "\(times.gone)",
      "lifecycle.killed": "\(times.killed)",
    ]
    let keys = ScenarioKey.all.filter { $0.standard.hasPrefix("as `like`") }
    #expect(keys.count == values.count)
    for key in keys {
      let value = values[String(key.path.dropFirst("cluster.".count))]
      #expect(key.standard == "as `like`: `\(value ?? "?")`")
    }
  }

  @Test(arguments: try examples()) func `its examples read`(text: String) throws {
    _ = try Self.read(text)
  }

  @Test func `it has examples of every section`() throws {
    let all = try Self.examples().joined(separator: "\n")
    for key in ScenarioKey.keys(of: "").map(\.name) where !["network", "extends"].contains(key) {
      #expect(all.contains("\(key):"), "no example of \(key)")
    }
  }
}

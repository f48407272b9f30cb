// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import FalseworkScenario
import Testing

@testable import FalseworkReport

/// specs/result.md, specs/result.schema.json and the program say the same. That the output keeps to
/// the schema is held by `ResultJSONTests`.
@Suite struct ResultSpecTests {
  private let schema: JSONValue
  private let tables: [String: [[String]]]

  init() throws {
    schema = try JSONValue(try SpecFile.bytes("result.schema.json"))
    tables = try SpecFile.tables("result.md")
  }

  private func words(_ definition: String, _ property: String) -> [String] {
    let owner = definition.isEmpty ? schema : schema["$defs"]?[definition]
    return (owner?["properties"]?[property]?["enum"]?.elements ?? []).compactMap(\.string)
  }

  private func column(_ heading: String) -> [String] {
    (tables[heading] ?? []).map { $0[0].bare }
  }

  @Test func `the page describes every field of every object, and no other`() throws {
    let definitions = try #require(schema["$defs"])
    var fields = ["result.json": schema]
    for name in definitions.keys { fields[name] = definitions[name] }
    for (name, definition) in fields {
      #expect(column(name).sorted() == definition["properties"]?.keys, "\(name)")
      #expect(column(name).count == Set(column(name)).count, "\(name)")
    }
  }

  @Test func `every field is always there, and no other is`() throws {
    let definitions = try #require(schema["$defs"])
    for definition in [schema] + definitions.keys.compactMap({ definitions[$0] }) {
      let required = (definition["required"]?.elements ?? []).compactMap(\.string).sorted()
      #expect(required == definition["properties"]?.keys)
      #expect(definition["additionalProperties"] == .flag(false))
    }
  }

  @Test func `the lists of the schema are those of the program`() {
    #expect(words("", "verdict") == Verdict.allCases.map(\.rawValue))
    #expect(words("scenario", "world") == World.allCases.map(\.rawValue))
    #expect(words("threshold", "figure") == Threshold.Figure.allCases.map(\.rawValue))
    for place in [("cause", "kind"), ("failed_request", "cause")] {
      #expect(words(place.0, place.1).sorted() == Cause.Kind.allCases.map(\.rawValue).sorted())
    }
    let phases = NodePhase.allCases.map(\.rawValue)
    #expect(words("node_state", "phase") == phases)
    #expect(words("cause", "phase") == phases)
    #expect(words("failed_request", "node_when_sent") == phases)
    #expect(words("cause", "belief") == BeliefWord.allCases.map(\.rawValue))
    let codes = Set(Verdict.allCases.map { JSONValue.number(Double($0.exitStatus.rawValue)) })
    #expect(
      Set(schema["properties"]?["exit_code"]?["enum"]?.elements ?? [])
        == codes.union([.number(Double(ExitStatus.missedAsK6.rawValue))]))
  }

  @Test func `the page lists every exit code and what it means`() {
    let rows = tables["Exit codes"] ?? []
    let expected = ExitStatus.allCases.map { ["\($0.rawValue)", "\($0)", $0.meaning] }
    #expect(rows == expected)
  }

  @Test func `the page explains every cause`() {
    #expect(column("Causes").sorted() == Cause.Kind.allCases.map(\.rawValue).sorted())
  }

  @Test func `the page lists the columns of the CSV files in their order`() {
    #expect(column("requests.csv") == ResultCSV.requestColumns)
    #expect(column("events.csv") == ResultCSV.eventColumns)
  }

  @Test func `the page names every file`() throws {
    let files = Set(
      try SyntheticRun.restart().files.map(\.name) + RunStreams.files.map(\.name))
    #expect(Set(column("The result of a run")) == files)
  }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import FalseworkScenario

/// `specs/scenario.schema.json` accepts what the reader accepts, and nothing that it does not know.
@Suite struct ScenarioSchemaTests {
  private static func accepts(_ text: String) throws -> Bool {
    let root = try #require(DocumentReader.read(text, file: "s.yaml").root)
    return try JSONSchema(Sample.spec("scenario.schema.json")).accepts(JSONValue(root))
  }

  @Test func `its properties are the keys of the reader`() throws {
    let schema = try JSONSchema(Sample.spec("scenario.schema.json"))
    let keys = Set(ScenarioKey.all.map(\.path))
    #expect(schema.paths.subtracting(keys) == [])
    #expect(keys.subtracting(schema.paths) == [])
  }

  @Test(arguments: ScenarioFilesTests.names) func `it accepts every scenario`(name: String) throws {
    #expect(try Self.accepts(Sample.spec("scenarios/\(name)")))
  }

  @Test(arguments: try ScenarioPageTests.examples())
  func `it accepts the examples of the page`(text: String) throws {
    #expect(try Self.accepts(text))
  }

  @Test func `it accepts a scenario with everything`() throws {
    _ = try Sample.read(Sample.everything)
    #expect(try Self.accepts(Sample.everything))
  }

  /// One of each kind of mistake that a schema can see.
  @Test(arguments: [
    ("strategy: drain", "strategy: drian"), ("seed: 7", "seed: -1"), ("seed: 7", "seed: \"7\""),
    ("await-up: false", "await-up: maybe"), ("plus: 1s", "plus: 1"), ("plus: 1s", "plus: 1m30s"),
    ("until: rotation", "until: noon"), ("latency: 1ms", "latency: quick"),
    ("latency: 1ms", "latency: lognormal 1ms"), ("\"== 0\"", "0"), ("\"== 0\"", "\"< 1s\""),
    ("expect: 200", "expect: 99"), ("POST /x", "HAED /x"), ("POST /x", "POST x"),
    ("equals: b", "json: b"), ("name: v,", "name: 1v,"), ("think: 1s", "think: soon"),
    ("wait: 1s\n  tasks", "wait: pacing 1\n  tasks"), ("think: 1s", "older-than: 1m"),
    ("users: 2\n  spawn-rate: 2/s\n  wait: 1s", "stages: [1m by 2/s]"),
    ("headers: {a: b}", "headers: {a b: c}"), ("batch: 1", "batch: 0"), ("batch: 1", "batch: 101%"),
    ("weight: 2", "weight: 0"), ("[0%]", "[0]"), ("failures: 1%", "failures: 1.234%"),
    ("on-abort: rollback", "on-abort: back"), ("check: pass", "check: maybe"),
    ("wait: 1s\n  signal", "drain: 1s\n  signal"),
    ("users: 2", "users: 2\n  rate: 2/s"), ("users: 2", "connections: kept"),
    ("project: p}]\n    catalog", "project: p, system: all}]\n    catalog"),
    ("request: POST /x", "step: validate"), ("{config: two.cfg}", "{}"),
    ("name: everything", "nmae: everything"), ("MDEyMzQ1", "MDEyMzQ"), ("[Home]", "[Home, Home]"),
  ])
  func `reader and schema refuse`(written: String, instead: String) throws {
    #expect(Sample.everything.contains(written))
    let text = Sample.everything.replacing(written, with: instead, maxReplacements: 1)
    #expect(!Sample.problems(text).isEmpty)
    #expect(try !Self.accepts(text))
  }

  /// An unknown key in each section.
  @Test(arguments: Set(ScenarioKey.all.map(\.section)).sorted())
  func `reader and schema refuse a key that is none of`(section: String) throws {
    let path = (section + ".").replacing("[].", with: ".0.") + "zzz"
    let set = ScenarioOverride(path: section.isEmpty ? "zzz" : path, value: "1")
    var root = try #require(DocumentReader.read(Sample.everything, file: "s.yaml").root)
    var parser = ScenarioParser(file: "s.yaml")
    parser.apply(set, to: &root)
    #expect(parser.problems.isEmpty)
    let problems = Sample.problems(Sample.everything, set: [(set.path, set.value)])
    #expect(problems.contains { $0.found == "the key 'zzz'" })
    let schema = try JSONSchema(Sample.spec("scenario.schema.json"))
    #expect(!schema.accepts(JSONValue(root)))
  }
}

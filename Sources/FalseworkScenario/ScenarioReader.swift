// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkProxy

/// Why a file could not be read, as the system words it.
package struct UnreadableFile: Error, Equatable, Sendable {
  package var reason: String

  package init(reason: String) { self.reason = reason }
}

/// A value from the command line, laid over the file: `--set rotation.drain=5s`.
package struct ScenarioOverride: Equatable, Sendable {
  package var path: String
  package var value: String
  /// What a message calls it, if it was not written with `--set`.
  package var label: String?

  package init(path: String, value: String, label: String? = nil) {
    self.path = path
    self.value = value
    self.label = label
  }

  /// Reads `PATH=VALUE`; nil if there is no `=` or nothing before it.
  package init?(parsing text: String) {
    guard let sign = text.firstIndex(of: "="), sign != text.startIndex else { return nil }
    path = String(text[..<sign])
    value = String(text[text.index(after: sign)...])
  }
}

/// Reads scenarios. `specs/scenario.md` is the page of the format.
///
/// The reader touches no file itself: what a path holds comes from `load`, what a variable of the
/// `haproxy.cfg` holds from `environment`.
package struct ScenarioReader {
  private let load: (String) throws(UnreadableFile) -> [UInt8]
  let environment: (String) -> String?

  package init(
    environment: @escaping (String) -> String?,
    load: @escaping (String) throws(UnreadableFile) -> [UInt8]
  ) {
    self.load = load
    self.environment = environment
  }

  /// Reads the scenario at a path; files that it names are seen from there.
  ///
  /// - Parameters:
  ///   - field: a file with the keys of the section `field`, which stands in its place.
  ///   - proxyIsThere: what our proxy would not execute of the configuration is no mistake.
  package func read(
    _ path: String, field: String? = nil, proxyIsThere: Bool = false,
    overrides: [ScenarioOverride] = []
  ) throws(ScenarioProblems) -> Scenario {
    var tree: LocatedNode?
    if let field {
      tree = try read(try bytes(field), file: field, overrides: []) { _, root, _ in root }
    }
    return try read(
      try bytes(path), file: path, field: tree, proxyIsThere: proxyIsThere, overrides: overrides)
  }

  func bytes(_ path: String) throws(ScenarioProblems) -> [UInt8] {
    do {
      return try load(path)
    } catch {
      throw ScenarioProblems(problems: [
        ScenarioProblem(
          file: path, line: 0, column: 0, path: "", found: error.reason,
          expected: "a scenario file")
      ])
    }
  }

  /// Reads a scenario that is at hand; `file` is what messages call it, and where files that it
  /// names are seen from.
  package func read(
    _ bytes: [UInt8], file: String, overrides: [ScenarioOverride] = []
  ) throws(ScenarioProblems) -> Scenario {
    try read(bytes, file: file, field: nil, proxyIsThere: false, overrides: overrides)
  }

  func read(
    _ bytes: [UInt8], file: String, field: LocatedNode?, proxyIsThere: Bool,
    overrides: [ScenarioOverride]
  ) throws(ScenarioProblems) -> Scenario {
    try read(bytes, file: file, field: field, overrides: overrides) {
      [environment] parser, root, load in
      parser.proxyIsThere = proxyIsThere
      return parser.scenario(root, load: load, environment: environment)
    }
  }

  /// Reads a tree with the values of the command line laid over it, as one thing or another.
  func read<Value>(
    _ bytes: [UInt8], file: String, field: LocatedNode? = nil, overrides: [ScenarioOverride],
    as parse: (inout ScenarioParser, LocatedNode, ScenarioParser.Load) -> Value?
  ) throws(ScenarioProblems) -> Value {
    let source: SourceText
    do {
      source = try SourceText(bytes)
    } catch {
      throw ScenarioProblems(problems: [
        ScenarioProblem(
          file: file, line: error.line, column: error.column, path: "", found: error.found,
          expected: error.expected)
      ])
    }
    let document = DocumentReader.read(source.text, file: file)
    var parser = ScenarioParser(file: file)
    parser.problems = document.problems
    var value: Value?
    if var root = document.root {
      parser.extend(&root, load: load)
      if let field { root.setMember("field", to: field) }
      for override in overrides { parser.apply(override, to: &root) }
      value = parse(&parser, root, load)
    }
    guard let value, parser.problems.isEmpty else {
      precondition(!parser.problems.isEmpty, "no scenario and no reason why: \(file)")
      throw ScenarioProblems(problems: Self.sorted(parser.problems, file: file))
    }
    return value
  }

  /// In the order of the scenario, then of the command line, then of other files.
  private static func sorted(_ problems: [ScenarioProblem], file: String) -> [ScenarioProblem] {
    func rank(_ problem: ScenarioProblem) -> (Int, Int, Int) {
      if problem.file == file { return (0, problem.line, problem.column) }
      return problem.line == 0 ? (1, 0, 0) : (2, 0, 0)
    }
    return problems.enumerated().sorted {
      let (a, b) = (rank($0.element), rank($1.element))
      return a == b ? $0.offset < $1.offset : a < b
    }.map(\.element)
  }
}

extension ScenarioParser {
  /// The whole document. Nil only after a problem was reported.
  mutating func scenario(
    _ root: LocatedNode, load: Load, environment: @escaping (String) -> String?
  ) -> Scenario? {
    guard let document = section("", Field(path: "", node: root)) else { return nil }
    if let field = field("extends", of: document) {
      // The file's own was taken before; the command line comes too late for it.
      report(field, expected: "nothing: a file says itself what it extends")
    }
    let name = name("name", of: document) ?? Self.standardName(file)
    let about = text("about", of: document) ?? ""
    let seed = seed("seed", of: document) ?? 1
    let clusterSection = section("cluster", of: document)
    var cluster = cluster(clusterSection)
    let proxyField = require("proxy", of: document)
    let proxySection = proxyField.flatMap { section("proxy", $0) }
    let proxy = proxySection.flatMap { self.proxy($0, load: load, environment: environment) }
    var nodes = nodeNames(clusterSection)
    if let proxy, let proxyField, let proxySection {
      if nodes == nil, clusterSection.map({ field("nodes", of: $0) == nil }) ?? true {
        nodes = nodeNames(of: proxy.configuration, proxyField)
      }
      if let nodes { match(nodes, proxy, proxySection) }
    }
    cluster.nodes = nodes?.names ?? []
    cluster.settings = nodes?.settings ?? []
    let plan = section("load", of: document).flatMap {
      self.load($0, cluster.data, load: load)
    }
    let rotation = section("rotation", of: document).flatMap {
      self.rotation($0, nodes, proxy?.configuration)
    }
    let length = length(of: document)
    let thresholds = section("thresholds", of: document).map { self.thresholds($0) } ?? []
    let latency = section("network", of: document).flatMap { distribution("latency", of: $0) }
    let fieldPlan = section("field", of: document).map { self.fieldPlan($0, nodes) }
    guard let proxy, !cluster.nodes.isEmpty else { return nil }
    var scenario = Scenario(
      name: name, about: about, seed: seed, length: length, cluster: cluster, proxy: proxy,
      load: plan, rotation: rotation, thresholds: thresholds,
      network: .init(latency: latency ?? .constant(.microseconds(100))))
    scenario.field = fieldPlan
    return scenario
  }

  private mutating func length(of document: Section) -> Scenario.Length {
    let rotates = field("rotation", of: document) != nil
    guard let field = field("duration", of: document) else {
      return rotates ? .untilRotationEnds(plus: .seconds(10)) : .fixed(.seconds(60))
    }
    let length = self.length(field) ?? .fixed(.seconds(60))
    if case .untilRotationEnds = length, !rotates {
      report(
        field, found: "the end of a rotation that there is none of",
        expected: "a duration such as 5m")
    }
    return length
  }

  /// `first-upgrade` of `specs/scenarios/first-upgrade.yaml`.
  static func standardName(_ path: String) -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    for suffix in [".yaml", ".yml"] where file.hasSuffix(suffix) && file != suffix {
      return String(file.dropLast(suffix.count))
    }
    return file
  }

  /// `{failures: "== 0"}`; a list holds several conditions on one figure.
  mutating func thresholds(_ section: Section) -> [Threshold] {
    Threshold.Figure.allCases.flatMap { figure -> [Threshold] in
      guard let field = field(figure.rawValue, of: section) else { return [] }
      guard case .list = field.node.content else {
        return threshold(figure, field).map { [$0] } ?? []
      }
      return (list(field, of: "conditions") ?? []).compactMap { threshold(figure, $0) }
    }
  }

  private mutating func threshold(_ figure: Threshold.Figure, _ field: Field) -> Threshold? {
    let example =
      switch figure.unit {
      case .count: "== 0"
      case .percent: "< 0.1%"
      case .duration: "< 500ms"
      }
    let kind = "a condition such as \"\(example)\""
    guard let text = word(field, kind) else { return nil }
    do {
      return try Threshold(figure, parsing: text)
    } catch {
      switch error {
      case .comparison(let sign):
        report(
          field, expected: kind,
          nearest: sign.isEmpty ? "== \(text)" : sign == "=" ? "==\(text.dropFirst())" : nil)
      case .value(let expected):
        report(field, expected: expected + " after the comparison")
      }
      return nil
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkLoad

/// A load by itself, for a target that is there already: of a scenario file, or of a file that has
/// nothing else.
package struct LoadFile: Equatable, Sendable {
  package var name: String
  package var about: String
  package var seed: UInt64
  /// Nil if the file says nothing that can be known without a rotation.
  package var length: Interval?
  package var plan: LoadPlan
  package var thresholds: [Threshold]
}

extension ScenarioReader {
  /// Reads the load of a file and what belongs to it; what the file says of a cluster, a proxy or a
  /// rotation is not looked at. Users need not be of any data.
  package func readLoad(
    _ path: String, overrides: [ScenarioOverride]
  ) throws(ScenarioProblems) -> LoadFile {
    try readLoad(try bytes(path), file: path, overrides: overrides)
  }

  package func readLoad(
    _ bytes: [UInt8], file: String, overrides: [ScenarioOverride]
  ) throws(ScenarioProblems) -> LoadFile {
    try read(bytes, file: file, overrides: overrides) { parser, root, load in
      parser.loadFile(root, load: load)
    }
  }
}

extension ScenarioParser {
  /// Nil only after a problem was reported.
  mutating func loadFile(_ root: LocatedNode, load: Load) -> LoadFile? {
    guard let document = section("", Field(path: "", node: root)) else { return nil }
    targetIsThere = true
    let name = name("name", of: document) ?? Self.standardName(file)
    let about = text("about", of: document) ?? ""
    let seed = seed("seed", of: document) ?? 1
    let data = cluster(section("cluster", of: document)).data
    guard let field = require("load", of: document), let section = section("load", field) else {
      return nil
    }
    let plan = self.load(section, data, load: load)
    var length: Interval?
    if let field = self.field("duration", of: document),
      case .fixed(let interval)? = self.length(field)
    {
      length = interval
    }
    let thresholds = self.section("thresholds", of: document).map { self.thresholds($0) } ?? []
    return plan.map {
      LoadFile(
        name: name, about: about, seed: seed, length: length, plan: $0, thresholds: thresholds)
    }
  }
}

// SPDX-License-Identifier: Apache-2.0

/// Which module may import which: the map of the house (specs/architecture.md).
enum ImportRule {
  /// Containers that any module that decides may use.
  static let brain: Set<String> = ["DequeModule", "HeapModule", "OrderedCollections"]
  private static let brains: Set<String> = [
    "FalseworkCore", "FalseworkCrypto", "FalseworkHTTP", "FalseworkKeystone", "FalseworkProxy",
    "FalseworkLoad", "FalseworkRotation",
  ]
  private static let system: Set<String> = [
    "Glibc", "Musl", "Darwin", "Dispatch", "Synchronization",
  ]
  private static let nio: Set<String> = ["NIOCore", "NIOPosix"]
  private static let worlds: Set<String> = [
    "FalseworkScenario", "FalseworkReport", "FalseworkSim", "FalseworkLive",
  ]

  /// A module that is not here may not be in `Sources/`.
  static let allowed: [String: Set<String>] = [
    "CLibSSL": [],
    "CZlib": [],
    "FalseworkCore": [],
    "FalseworkCrypto": ["CLibSSL", "CLibCrypt", "CZlib"],
    "FalseworkHTTP": brain.union(["FalseworkCore"]),
    "FalseworkKeystone": brain.union([
      "FalseworkCore", "FalseworkHTTP", "FalseworkCrypto", "FoundationEssentials",
    ]),
    "FalseworkProxy": brain.union(["FalseworkCore", "FalseworkHTTP"]),
    "FalseworkLoad": brain.union(["FalseworkCore", "FalseworkHTTP", "Histogram"]),
    "FalseworkRotation": brain.union(["FalseworkCore"]),
    "FalseworkScenario": brain.union(brains).union(["Yams", "Glibc", "Musl", "Darwin"]),
    "FalseworkReport": brain.union(brains).union(["FalseworkScenario", "Histogram"]),
    "FalseworkSim": brain.union(brains).union(["FalseworkScenario", "FalseworkReport"]),
    "FalseworkLab": brain.union(brains)
      .union(["FalseworkScenario", "FalseworkReport", "FalseworkSim"]),
    "FalseworkLive": brain.union(brains).union(nio).union(system)
      .union(["FalseworkScenario", "FalseworkReport"]),
    "FalseworkStorage": brain.union(["FalseworkCore", "FalseworkKeystone", "GRDB"]),
    "Falsework": brains.union(worlds).union(nio).union(system),
    "FalseworkCLI": brains.union(worlds).union(nio).union(system)
      .union(["Falsework", "FalseworkLab", "FalseworkStorage", "ArgumentParser"])
      .union(["FoundationEssentials"]),
  ]

  static func findings(_ file: SourceFile) -> [Finding] {
    guard let module = file.module, file.isSwift else { return [] }
    guard let allowed = allowed[module] else {
      return [Finding(path: file.path, line: 1, message: "\(module) is not on the map")]
    }
    var findings: [Finding] = []
    for (index, line) in file.code.lines.enumerated() {
      guard let imported = importedModule(line), !allowed.contains(imported) else { continue }
      let message = "\(module) may not import \(imported)"
      findings.append(Finding(path: file.path, line: index + 1, message: message))
    }
    return findings
  }

  /// The module of an import, whatever stands before the word: `@preconcurrency package import X`.
  static func importedModule(_ line: String) -> String? {
    let words = line.split { $0 == " " || $0 == ";" || $0 == "\t" }
    guard let place = words.firstIndex(of: "import"),
      words[..<place].allSatisfy({ $0.hasPrefix("@") || modifiers.contains($0) })
    else { return nil }
    let rest = words[(place + 1)...].drop { kinds.contains($0) }
    return rest.first.flatMap { $0.split(separator: ".").first.map(String.init) }
  }

  private static let modifiers: Set<Substring> = [
    "public", "package", "internal", "fileprivate", "private",
  ]
  private static let kinds: Set<Substring> = [
    "struct", "class", "enum", "protocol", "typealias", "func", "var", "let",
  ]
}

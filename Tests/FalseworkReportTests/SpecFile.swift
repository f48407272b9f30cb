// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A page of `specs/`.
enum SpecFile {
  static func bytes(_ name: String) throws -> [UInt8] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(
      components: "..", "..", "specs", name)
    return Array(try Data(contentsOf: root))
  }

  /// The tables of a page, by the heading that they stand under: for each row its cells.
  static func tables(_ name: String) throws -> [String: [[String]]] {
    var tables: [String: [[String]]] = [:]
    var heading = ""
    for line in String(decoding: try bytes(name), as: UTF8.self).split(separator: "\n") {
      if line.hasPrefix("#") {
        heading = String(line.drop { $0 == "#" || $0 == " " })
      } else if line.hasPrefix("| ") {
        let cells = line.dropFirst().dropLast().components(separatedBy: "|")
        tables[heading, default: []].append(cells.map { $0.trimmingCharacters(in: .whitespaces) })
      }
    }
    // The first row of a table names its columns.
    return tables.mapValues { Array($0.dropFirst()) }
  }
}

extension String {
  /// A cell without the backticks around its word.
  var bare: String { hasPrefix("`") && hasSuffix("`") ? String(dropFirst().dropLast()) : self }
}

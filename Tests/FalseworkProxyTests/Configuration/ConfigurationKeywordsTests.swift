// SPDX-License-Identifier: Apache-2.0
import FalseworkProxy
import Foundation
import Testing

@Suite struct ConfigurationKeywordsTests {
  /// Rows of the page, as the table has them: keyword, fate, places.
  private static func page() throws -> [String] {
    let file = URL(filePath: #filePath).appending(path: "../../../../specs/proxy-keywords.md")
    let text = try String(contentsOf: file.standardized, encoding: .utf8)
    return text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { row in
      row.split(separator: "|").prefix(3).map {
        $0.trimmingCharacters(in: .whitespaces).replacing("`", with: "")
      }.joined(separator: " | ")
    }
  }

  private static var table: [String] {
    ConfigurationKeywords.all.map { entry in
      let places = entry.sections.map(\.rawValue).joined(separator: ", ")
      return "\(entry.keyword) | \(entry.fate.rawValue) | \(places)"
    }
  }

  @Test func `the page and the table of keywords hold the same`() throws {
    let page = try Self.page()
    #expect(Set(Self.table).subtracting(page).sorted() == [], "missing on the page")
    #expect(Set(page).subtracting(Self.table).sorted() == [], "only on the page")
    #expect(page.count == Set(page).count, "a row stands twice on the page")
  }

  @Test func `a keyword has one fate in each place`() {
    let all = ConfigurationKeywords.all.flatMap { entry in
      entry.sections.map { "\(entry.keyword) in \($0)" }
    }
    #expect(all.count == Set(all).count)
  }

  @Test(arguments: ConfigurationKeywords.all.filter { $0.fate == .unsupported })
  func `a keyword that HAProxy knows and this program does not is refused by name`(
    entry: ConfigurationKeywords.Entry
  ) throws {
    let place = try #require(entry.sections.last)
    let line =
      switch place {
      case .server: "backend b\nserver s 127.0.0.1:1 \(entry.keyword)"
      case .bind: "frontend f\nbind 127.0.0.1:1 \(entry.keyword)"
      case .global: "global\n\(entry.keyword)"
      case .defaults, .frontend, .backend, .listen: "\(place.rawValue) x\n\(entry.keyword)"
      }
    let reading = ProxyConfiguration.read(line, file: "h.cfg", environment: { _ in nil })
    #expect(
      reading.problems.contains {
        $0.severity == .alert && $0.line == 2
          && $0.message.contains("'\(entry.keyword)' is known to HAProxy but not supported yet")
      }, "\(reading.problems)")
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLab
import Foundation
import FoundationXML
import Testing

/// What a sweep prints and writes.
@Suite struct SweepReportTests {
  /// Loses below the diagonal.
  private func diagonal() throws -> SweepResult {
    let plan = try Small.plan("rotation.drain=0s...3s/1s", "proxy.inter=1s,2s,12s")
    let bounds = try (0..<plan.variants).map { variant in
      AnalyticBound(try Small.scenario(Small.text, plan.overrides(of: variant)))
    }
    return try Small.sweep(plan, bounds: bounds) { run in
      let places = plan.places(of: run.variant)
      return places[0] < places[1] ? 10 * (places[1] - places[0]) : 0
    }
  }

  @Test func `the table fits in 80 columns and names the fastest that lost nothing`() throws {
    let text = SweepTable(try diagonal(), width: 80).text
    let lines = text.split(separator: "\n")
    #expect(lines.filter { $0.count > 80 } == [])
    #expect(text.contains("9 of 12 variants lost nothing; the fastest of them"))
    #expect(text.contains("  rotation.drain=0s proxy.inter=1s\n"))
    #expect(text.contains("0 of 2 upgrades lost a request"))
    // The map: a row for each drain.
    #expect(lines.contains { $0.split(separator: " ") == ["1s", "0", "0", "10"] })
  }

  @Test func `a table of many variants shows the best of them`() throws {
    let plan = try Small.plan("a=1...200", seeds: 1)
    let result = try Small.sweep(plan) { 200 - $0.variant }
    let lines = SweepTable(result, width: 80).text.split(separator: "\n")
    #expect(lines.contains("… and 180 more, which are worse"))
    #expect(lines.count < 40)
    #expect(lines.contains("no variant lost nothing; least lost"))
  }

  @Test func `a path that is too long loses its beginning`() throws {
    let plan = try Small.plan(
      "cluster.service.authenticate='lognormal 100ms p99 200ms','lognormal 225ms p99 245ms'",
      "cluster.lifecycle.loads=1s,2s", "proxy.timeout-connect=1s,2s")
    let text = SweepTable(try Small.sweep(plan) { _ in 1 }, width: 80).text
    #expect(text.split(separator: "\n").filter { $0.count > 80 } == [])
    #expect(text.contains("authenticate"))
  }

  @Test func `the map draws the border of zero and the bound, and is well-formed`() throws {
    let result = try diagonal()
    let map = try #require(SweepPage(result).maps.first)
    #expect(map.border.count == 4)
    #expect(!map.bound.isEmpty)
    let files = SweepFiles(result).all
    #expect(
      files.map(\.name) == [
        "plan.txt", "runs.csv", "variants.csv", "sweep.json", "heatmap.svg", "sweep.html",
      ])
    let svg = try #require(files.first { $0.name == "heatmap.svg" })
    #expect(XMLParser(data: Data(svg.bytes)).parse())
    let page = String(decoding: files[5].bytes, as: UTF8.self)
    #expect(page.contains("<svg"))
    #expect(!page.contains("src="))
    #expect(!page.contains("<script"))
    let json = try JSONSerialization.jsonObject(with: Data(files[3].bytes)) as? [String: Any]
    #expect((json?["variants"] as? [Any])?.count == 12)
  }

  @Test func `one key has no map, and three have one for each value of the third`() throws {
    let one = try Small.sweep(try Small.plan("a=1,2")) { _ in 0 }
    #expect(SweepPage(one).maps.count == 0)
    #expect(SweepFiles(one).all.map(\.name).contains("heatmap.svg") == false)
    let three = try Small.sweep(try Small.plan("a=1,2", "b=1,2,3", "c=1,2")) { _ in 0 }
    #expect(SweepPage(three).maps.count == 2)
  }

  @Test func `names from outside cannot break a page`() throws {
    let plan = try Small.plan("a='<b>\"&','x'", "b=1,2")
    let result = try Small.sweep(plan) { _ in 1 }
    let svg = try #require(SweepPage(result).maps.first).text
    #expect(XMLParser(data: Data(svg.utf8)).parse())
    #expect(!SweepPage(result).text.contains("<b>"))
  }

  /// None of n: 1 − 0.05^(1/n), which is near 3/n. One of 10 and 2 of 100 as tables have them.
  @Test(arguments: [
    (0, 1, 0.95), (0, 50, 0.0582), (0, 200, 0.01487), (0, 300, 0.00994), (1, 10, 0.3942),
    (2, 100, 0.0616), (5, 5, 1),
  ])
  func `confidence is that of Clopper and Pearson`(failed: Int, runs: Int, expected: Double) {
    #expect(abs(Confidence.upper(failed: failed, of: runs) - expected) < 0.0002)
  }

  @Test func `a summary adds its runs up`() throws {
    let plan = try Small.plan("a=1,2", seeds: 4)
    let result = try Small.sweep(plan) { $0.variant == 0 ? Int($0.seed) - 1 : 0 }
    let first = result.summaries[0]
    #expect(first.runs == 4)
    #expect(first.runsThatLost == 3)
    #expect(first.failures == 6)
    #expect(first.mostFailures == 3)
    #expect(first.meanFailures == 1.5)
    #expect(result.best?.variant == 1)
  }
}

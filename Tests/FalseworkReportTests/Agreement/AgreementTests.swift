// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkReport

@Suite struct AgreementTests {
  private static let failures = ComparedFigure(.outcome, "failures", .count)
  private static let p99 = ComparedFigure(.latency, "p99 all", .time)

  private static func run(
    failures: Int64? = nil, p99: Int64? = nil, sequence: [String] = []
  ) -> ComparedFigures {
    var figures = ComparedFigures()
    if let failures { figures.set(Self.failures, failures) }
    if let p99 { figures.set(Self.p99, p99 * 1_000_000) }
    figures.sequence = sequence
    return figures
  }

  private static func verdicts(
    _ measured: [ComparedFigures], _ simulated: [ComparedFigures],
    _ options: Agreement.Options = .measured
  ) -> [String] {
    Agreement(name: "s", measured: measured, simulated: simulated, options: options)
      .rows.map(\.verdict.word)
  }

  /// 1,000 seeds, of which 99 in 100 have 8 to 10 failures.
  private static let seeds = (0..<1_000).map { run(failures: $0 < 4 ? 2 : 8 + Int64($0 % 3)) }

  @Test(arguments: [
    (Int64(8), "agrees"), (10, "agrees"), (7, "differs by −1"), (14, "differs by +4"),
  ])
  func `one run agrees if it is in the band of 99 percent`(failures: Int64, word: String) {
    #expect(Self.verdicts([Self.run(failures: failures)], Self.seeds) == [word])
  }

  @Test func `one of several outside is what chance can do, two of three are not`() {
    let runs = [8, 9, 14].map { Self.run(failures: $0) }
    #expect(
      Self.verdicts(runs, Self.seeds) == ["unknown: 1 of 3 outside, which chance can do"])
    #expect(Self.verdicts(runs + runs.suffix(1), Self.seeds) == ["differs by +4"])
  }

  @Test(arguments: [(1, 1, true), (1, 2, false), (2, 3, true), (2, 15, true), (2, 20, false)])
  func `so many outside are too many when a binomial of 1 percent says so`(
    outside: Int, runs: Int, significant: Bool
  ) {
    #expect(Agreement.isSignificant(outside, of: runs) == significant)
  }

  @Test func `the tail of the binomial`() {
    #expect(Agreement.tail(atLeast: 0, of: 4, p: 0.01) == 1)
    #expect(abs(Agreement.tail(atLeast: 2, of: 3, p: 0.01) - 0.000298) < 1e-9)
  }

  @Test func `few seeds have no band to be outside of`() {
    let few = Array(Self.seeds.prefix(99))
    #expect(
      Self.verdicts([Self.run(failures: 14)], few) == ["unknown: fewer than 100 seeds"])
    #expect(Self.verdicts([Self.run(failures: 9)], few) == ["agrees"])
  }

  @Test func `a count that a run does not have is none, a time is not known`() {
    let seeds = (0..<200).map { Self.run(failures: Int64($0 % 2), p99: 40) }
    var other = ComparedFigures()
    other.set(ComparedFigure(.outcome, "requests", .count), 3)
    let agreement = Agreement(
      name: "s", measured: [other], simulated: seeds, options: .measured)
    #expect(agreement.rows.map(\.figure.name) == ["requests"])
  }

  @Test(arguments: [
    (Int64(40), "agrees"), (44, "agrees"), (45, "differs by +5.00 ms"), (35, "differs by −5.00 ms"),
  ])
  func `times on sockets have a tenth of room`(p99: Int64, word: String) {
    let seeds = (0..<200).map { _ in Self.run(p99: 40) }
    #expect(Self.verdicts([Self.run(p99: p99)], seeds, .live) == [word])
  }

  @Test func `times say nothing when the load was late, counts do`() {
    var late = Self.run(failures: 20, p99: 90)
    late.isVoid = true
    let seeds = (0..<200).map { Self.run(failures: 8 + Int64($0 % 3), p99: 40) }
    #expect(
      Self.verdicts([late], seeds) == ["differs by +10", "unknown: the load was late"])
  }

  @Test(arguments: [
    (["stop", "proxy: a DOWN", "start"], "agrees"),
    (
      ["stop", "start", "proxy: a DOWN"],
      "unknown: no seed has this order of the proxy's checks among the steps"
    ),
    (
      ["start", "stop", "proxy: a DOWN"],
      "differs by steps that come in an order of which no seed is"
    ),
  ])
  func `the order of events must be that of a seed`(sequence: [String], word: String) {
    let seeds = [
      Self.run(sequence: ["stop", "proxy: a DOWN", "start"]),
      Self.run(sequence: ["stop", "start"]),
    ]
    let agreement = Agreement(
      name: "s", measured: [Self.run(sequence: sequence)], simulated: seeds, options: .live)
    #expect(agreement.order?.word == word)
  }

  @Test func `quantiles are values that occurred`() {
    let row = Agreement.Row(
      figure: Self.failures, measured: [], simulated: Array(1...200), verdict: .agrees)
    #expect(row.quantile(0.005) == 1)
    #expect(row.quantile(0.5) == 100)
    #expect(row.quantile(0.995) == 199)
  }

  @Test func `its text fits a terminal, and its table is one`() {
    let agreement = Agreement(
      name: "s", measured: [Self.run(failures: 14, p99: 1_234, sequence: ["a"])],
      simulated: (0..<200).map {
        Self.run(failures: 8 + Int64($0 % 3), p99: 400 + Int64($0), sequence: ["a"])
      }, options: .measured)
    let lines = agreement.text.split(separator: "\n")
    #expect(lines.filter { $0.count > 80 } == [])
    #expect(lines.last == "3 figures: 1 agree, 2 differ, 0 unknown.")
    #expect(
      agreement.markdown.contains("| failures | 14 | 9 | 8–10 | 8–10 | **differs by +4** |\n"))
    #expect(
      agreement.markdown.contains(
        "| p99 all | 1.23 s | 499 ms | 409–589 ms | 400–598 ms | **differs by +636 ms** |\n"))
  }
}

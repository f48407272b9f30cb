// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Histogram
import Testing

@testable import FalseworkReport

/// The vectors were written by hdrh 0.10.8, the implementation in Python.
struct HistogramCodeTests {
  private static func histogram(
    _ highest: UInt64, _ values: [(value: UInt64, count: UInt64)]
  ) -> Histogram<UInt64> {
    var histogram = Histogram<UInt64>(
      highestTrackableValue: highest, numberOfSignificantValueDigits: .three)
    for (value, count) in values { histogram.record(value, count: count) }
    return histogram
  }

  private static func counts(_ histogram: Histogram<UInt64>) -> [[UInt64]] {
    histogram.recordedValues().map { [$0.value, $0.count] }
  }

  private static let five = histogram(
    60_000_000, [(100, 1), (200, 2), (1_000, 1), (1_500_000, 1)])

  @Test func `counts are ZigZag numbers, runs of zeros one negative number`() {
    let payload: [UInt8] = [
      0xC7, 0x01, 0x02, 0xC5, 0x01, 0x04, 0xBD, 0x0C, 0x02, 0x9D, 0xA7, 0x01, 0x02,
    ]
    let bytes = HistogramCode.bytes(Self.five)
    #expect(Array(bytes[40...]) == payload)
    #expect(
      Array(bytes[..<40]) == [
        0x1C, 0x84, 0x93, 0x13, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0, 3,
        0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0x03, 0x93, 0x87, 0, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0,
      ])
  }

  @Test func `the text of five values is that of the other implementations`() throws {
    let text = "HISTFAAAACx4nJNpmSzMwMDAywABzFCaEcyZ3M5g/wEicJyR6Sgjy14eprnLGZkAktcHSg=="
    let read = try HistogramCode.histogram(text)
    #expect(Self.counts(read) == Self.counts(Self.five))
    #expect(read.valueAtPercentile(50) == 200)
    #expect(read.valueAtPercentile(99) == 1_500_159)
    // How well zlib compresses is up to its version; that text and reader agree is not.
    let again = try HistogramCode.histogram(HistogramCode.text(Self.five))
    #expect(Self.counts(again) == Self.counts(Self.five))
    #expect(HistogramCode.text(Self.five).hasPrefix("HISTFAAA"))
  }

  @Test func `an empty histogram is read and written`() throws {
    let read = try HistogramCode.histogram("HISTFAAAABx4nJNpmSzMgADMUJoRRFybvITB/gNEAABQ2gSH")
    #expect(read.totalCount == 0)
    #expect(read.highestTrackableValue == 3_600_000_000)
    let written = HistogramCode.text(Self.histogram(3_600_000_000, []))
    #expect(try HistogramCode.histogram(written).totalCount == 0)
  }

  @Test func `zero, the largest value and a count of forty bits survive`() throws {
    let text = "HISTFAAAACp4nJNpmSzMwMDAwwABzFCaEURcm7yEwf4DRICJvQEEHG6/YmICAKUfCSU="
    let read = try HistogramCode.histogram(text)
    let same = Self.histogram(3_600_000_000, [(0, 1), (5, 1 << 40), (3_600_000_000, 1)])
    #expect(Self.counts(read) == Self.counts(same))
    #expect(HistogramCode.bytes(read) == HistogramCode.bytes(same))
  }

  @Test func `units above one and two digits are read`() throws {
    let read = try HistogramCode.histogram(
      "HISTFAAAACV4nJNpmSzMwMDAzAABTBCK+QUQuxnsWMBg/wEiclWcDwBwcAYx")
    #expect(read.lowestDiscernibleValue == 1_000)
    #expect(read.valueAtPercentile(50) == 123_731_967)
    #expect(read.totalCount == 7)
  }

  @Test(arguments: 0..<20) func `random counts come back as they were`(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed), stream: "histograms")
    var histogram = Self.histogram(3_600_000_000, [])
    for _ in 0..<(seed * 40) {
      let magnitude = UInt64.random(in: 0...31, using: &random)
      histogram.record(
        UInt64.random(in: 0...(1 << magnitude), using: &random),
        count: UInt64.random(in: 1...1_000_000, using: &random))
    }
    let text = HistogramCode.text(histogram)
    let read = try HistogramCode.histogram(text, longest: histogram.maxRecorded)
    #expect(Self.counts(read) == Self.counts(histogram))
    #expect(read.totalCount == histogram.totalCount)
    for percent in [0.1, 50, 90, 99, 99.9, 100] {
      #expect(read.valueAtPercentile(percent) == histogram.valueAtPercentile(percent))
    }
  }

  @Test(arguments: [
    ("HISTFAAAACx4nJNpm$", HistogramCode.Problem.notBase64),
    ("HISTEAAAACx4nJNp", .otherEncoding),
    ("", .otherEncoding),
    ("HISTFAAAACx4nJNp", .cutShort),
    ("HISTFAAAAAMAAAAA", .badCompression),
  ])
  func `text that is none is refused with its reason`(
    text: String, problem: HistogramCode.Problem
  ) {
    #expect(throws: problem) { try HistogramCode.histogram(text) }
  }

  @Test func `a damaged inside is refused, wherever it is damaged`() {
    let whole = HistogramCode.bytes(Self.five)
    for length in whole.indices {
      #expect(throws: HistogramCode.Problem.self) {
        try HistogramCode.histogram(Array(whole[..<length]))
      }
    }
    var beyond = whole
    // 10,703 zeros become 30,000, so that the last count is outside of the range.
    beyond.replaceSubrange(49...51, with: [0xDF, 0xD4, 0x03])
    #expect(throws: HistogramCode.Problem.badCounts) { try HistogramCode.histogram(beyond) }
    var digits = whole
    digits[15] = 9
    #expect(throws: HistogramCode.Problem.badRange) { try HistogramCode.histogram(digits) }
  }

  @Test func `no damage of one octet crashes the reader`() {
    let whole = HistogramCode.bytes(Self.five)
    for place in whole.indices {
      for value in UInt8.min...UInt8.max {
        var bytes = whole
        bytes[place] = value
        do throws(HistogramCode.Problem) {
          _ = try HistogramCode.histogram(bytes)
        } catch {
          #expect(!error.text.isEmpty)
        }
      }
    }
  }
}

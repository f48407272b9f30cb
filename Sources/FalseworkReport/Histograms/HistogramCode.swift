// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto
package import Histogram

/// A histogram as the HdrHistogram libraries exchange it: encoding V2, compressed, in Base64.
///
/// Inside it are the counts of all values from 0 to the largest recorded, each as a number of
/// variable length, runs of zeros as one negative number; so a histogram of a run takes a few hundred
/// characters. The libraries of Java, C, Python and others read it.
///
/// Decoding gives the same counts. The exact extremes are not in the format: they come back as the
/// bounds of their buckets.
package enum HistogramCode {
  package enum Problem: Error, Equatable, Sendable {
    case notBase64
    /// It does not begin as a compressed histogram of encoding V2 does.
    case otherEncoding
    case badCompression
    case cutShort
    /// Its range or number of digits is none that a histogram can have, or more than is read here.
    case badRange
    case badCounts

    package var text: String {
      switch self {
      case .notBase64: "no Base64"
      case .otherEncoding: "no compressed histogram of encoding V2"
      case .badCompression: "its compressed part is damaged"
      case .cutShort: "it ends too soon"
      case .badRange: "its range is impossible or too large"
      case .badCounts: "its counts are not those of its range"
      }
    }
  }

  private static let cookie: UInt32 = 0x1C84_9313
  private static let compressedCookie: UInt32 = 0x1C84_9314
  private static let headerLength = 40
  /// Bytes of a histogram before it is compressed: that of 5 digits to an hour in nanoseconds has
  /// three million counts; those of this program have 23,552.
  private static let lengthLimit = 4_194_304
  /// Of all values together: what walks over a histogram adds them up. In microseconds it is 146,000
  /// years.
  private static let sumLimit: UInt64 = 1 << 62

  package static func text(_ histogram: Histogram<UInt64>) -> String {
    let stream = Zlib.compress(bytes(histogram))
    var outer: [UInt8] = []
    outer.append(bigEndian: compressedCookie)
    outer.append(bigEndian: UInt32(stream.count))
    return Base64.text(outer + stream)
  }

  /// - Parameter longest: the largest value that was recorded, where it is known: percentiles of the
  ///   top bucket then read as they did before.
  package static func histogram(
    _ text: String, longest: UInt64 = .max
  ) throws(Problem) -> Histogram<UInt64> {
    guard let outer = Base64.bytes(text) else { throw .notBase64 }
    var reader = BigEndianReader(outer)
    guard reader.next(UInt32.self) == compressedCookie else { throw .otherEncoding }
    guard let length = reader.next(UInt32.self), Int(length) <= reader.rest.count else {
      throw .cutShort
    }
    let stream = reader.rest.prefix(Int(length))
    guard let inner = Zlib.decompress(Array(stream), limit: lengthLimit) else {
      throw .badCompression
    }
    return try histogram(inner, longest: longest)
  }

  /// Before compression.
  static func bytes(_ histogram: Histogram<UInt64>) -> [UInt8] {
    let layout = HistogramLayout(histogram)
    var payload: [UInt8] = []
    /// The first place that is not written yet.
    var next = 0
    for value in histogram.recordedValues() {
      let index = layout.index(of: value.value)
      payload.appendZeros(index - next)
      payload.append(zigZag: Int64(clamping: value.count))
      next = index + 1
    }
    if next == 0 { payload.appendZeros(1) }
    var bytes: [UInt8] = []
    bytes.append(bigEndian: cookie)
    bytes.append(bigEndian: UInt32(payload.count))
    bytes.append(bigEndian: UInt32(0))
    bytes.append(bigEndian: UInt32(histogram.numberOfSignificantValueDigits.rawValue))
    bytes.append(bigEndian: histogram.lowestDiscernibleValue)
    bytes.append(bigEndian: histogram.highestTrackableValue)
    bytes.append(bigEndian: (1.0 as Double).bitPattern)
    return bytes + payload
  }

  static func histogram(
    _ bytes: [UInt8], longest: UInt64 = .max
  ) throws(Problem) -> Histogram<UInt64> {
    var reader = BigEndianReader(bytes)
    guard bytes.count >= headerLength, reader.next(UInt32.self) == cookie,
      let length = reader.next(UInt32.self), let offset = reader.next(UInt32.self),
      let digitCount = reader.next(UInt32.self), let lowest = reader.next(UInt64.self),
      let highest = reader.next(UInt64.self), reader.next(UInt64.self) != nil
    else { throw .otherEncoding }
    guard Int(length) <= reader.rest.count else { throw .cutShort }
    guard offset == 0, let digits = SignificantDigits(rawValue: Int8(clamping: digitCount)),
      lowest >= 1, lowest <= 1 << 40, highest >= 2 * lowest, highest <= 1 << 62
    else { throw .badRange }
    let layout = HistogramLayout(lowest: lowest, digits: digits)
    guard layout.index(of: highest) < lengthLimit else { throw .badRange }
    var histogram = Histogram<UInt64>(
      lowestDiscernibleValue: lowest, highestTrackableValue: highest,
      numberOfSignificantValueDigits: digits)
    var numbers = ZigZagReader(reader.rest.prefix(Int(length)))
    var index = 0
    var sum: UInt64 = 0
    while !numbers.isAtEnd {
      guard let number = numbers.next() else { throw .cutShort }
      guard number >= -Int64(lengthLimit) else { throw .badCounts }
      if number > 0 {
        let count = UInt64(number)
        let share = layout.lowestValue(at: index + 1).multipliedReportingOverflow(by: count)
        guard !share.overflow, share.partialValue <= sumLimit - sum else { throw .badCounts }
        sum += share.partialValue
        guard histogram.restore(count, at: index, layout, longest) else { throw .badCounts }
      }
      index += number < 0 ? Int(-number) : 1
      guard index <= lengthLimit else { throw .badCounts }
    }
    return histogram
  }
}

/// Which place in the array of counts a value has (the layout of HdrHistogram).
struct HistogramLayout {
  private let unitMagnitude: Int
  /// How many places one power of two has.
  private let half: Int
  private let halfMagnitude: Int

  init(lowest: UInt64, digits: SignificantDigits) {
    unitMagnitude = 63 - lowest.leadingZeroBitCount
    var needed = 2
    for _ in 0..<digits.rawValue { needed *= 10 }
    halfMagnitude = Int.bitWidth - (needed - 1).leadingZeroBitCount - 1
    half = 1 << halfMagnitude
  }

  init(_ histogram: Histogram<UInt64>) {
    self.init(
      lowest: histogram.lowestDiscernibleValue, digits: histogram.numberOfSignificantValueDigits)
  }

  func index(of value: UInt64) -> Int {
    let magnitude = 63 - (value | 1).leadingZeroBitCount
    let bucket = max(0, magnitude - unitMagnitude - halfMagnitude)
    let sub = Int(value >> UInt64(bucket + unitMagnitude))
    return (bucket + 1) * half + (sub - half)
  }

  /// The smallest value of this place.
  func lowestValue(at index: Int) -> UInt64 {
    let bucket = max(0, index / half - 1)
    let sub = index - bucket * half
    return UInt64(sub) << UInt64(bucket + unitMagnitude)
  }
}

extension Histogram where Count == UInt64 {
  /// False if the place is beyond the range.
  fileprivate mutating func restore(
    _ count: UInt64, at index: Int, _ layout: HistogramLayout, _ longest: UInt64
  ) -> Bool {
    let value = layout.lowestValue(at: index)
    guard record(value, count: count) else { return false }
    // The largest that may have been recorded.
    return record(Swift.max(value, Swift.min(longest, highestEquivalentForValue(value))), count: 0)
  }
}

// MARK: Octets

extension [UInt8] {
  mutating func append<Number: FixedWidthInteger>(bigEndian number: Number) {
    for shift in stride(from: Number.bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: number >> Number(shift)))
    }
  }

  /// Seven bits an octet, the lowest first, the top bit set in all but the last; a ninth octet has
  /// eight.
  mutating func append(zigZag number: Int64) {
    var rest = UInt64(bitPattern: number << 1 ^ number >> 63)
    for _ in 0..<8 {
      if rest < 0x80 { return append(UInt8(rest)) }
      append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  /// A single zero is written as itself.
  fileprivate mutating func appendZeros(_ count: Int) {
    if count > 0 { append(zigZag: count == 1 ? 0 : -Int64(count)) }
  }
}

struct BigEndianReader {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) {
    rest = bytes[...]
  }

  mutating func next<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
    let length = Number.bitWidth / 8
    guard rest.count >= length else { return nil }
    var number: Number = 0
    for byte in rest.prefix(length) { number = number << 8 | Number(truncatingIfNeeded: byte) }
    rest = rest.dropFirst(length)
    return number
  }
}

struct ZigZagReader {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) {
    rest = bytes
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// Octets that are no number; nil if there are not so many.
  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard rest.count >= count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  /// Nil if the number is cut short.
  mutating func next() -> Int64? {
    var number: UInt64 = 0
    for place in 0..<9 {
      guard let byte = rest.popFirst() else { return nil }
      if place == 8 {
        number |= UInt64(byte) << 56
      } else {
        number |= UInt64(byte & 0x7F) << UInt64(7 * place)
        if byte < 0x80 { break }
      }
    }
    return Int64(bitPattern: number >> 1) ^ -Int64(number & 1)
  }
}

// SPDX-License-Identifier: Apache-2.0

/// The part of MessagePack that token payloads are written in.
///
/// Two dialects exist in the field (Launchpad bug 1891244): msgpack-python before 1.0 wrote bytes
/// as the old *raw* family, which is now *str*; since 1.0 it writes *bin* and *str 8*. Reading
/// takes both; writing is told which.
package enum MessagePack {
  package enum Dialect: Equatable, Sendable {
    /// msgpack-python 1.0 and later.
    case bin
    /// Before 1.0: bytes and long texts as raw 8/16-bit lengths without `bin` and `str 8`.
    case raw
  }

  /// The msgpack-python that a node runs with: it says what is written, and what cannot be read.
  package enum Library: String, CaseIterable, Equatable, Sendable {
    case before1 = "msgpack < 1.0"
    case from1 = "msgpack >= 1.0"

    package var dialect: Dialect { self == .before1 ? .raw : .bin }
  }

  package enum Value: Equatable, Sendable {
    case `nil`
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    /// The *str* family: text, or bytes of the old dialect.
    case string([UInt8])
    case binary([UInt8])
    case array([Value])
  }

  /// Nesting that a payload may have; Keystone's have three levels.
  static let depthLimit = 8

  package static func encode(_ value: Value, dialect: Dialect, into output: inout [UInt8]) {
    switch value {
    case .nil: output.append(0xC0)
    case .bool(let flag): output.append(flag ? 0xC3 : 0xC2)
    case .integer(let number): encode(number, into: &output)
    case .double(let number):
      output.append(0xCB)
      append(number.bitPattern, bytes: 8, to: &output)
    case .string(let bytes): encode(raw: bytes, dialect, into: &output)
    case .binary(let bytes):
      guard dialect == .bin else { return encode(raw: bytes, dialect, into: &output) }
      precondition(bytes.count <= 0xFF, "payload field too long: \(bytes.count)")
      output.append(0xC4)
      output.append(UInt8(bytes.count))
      output.append(contentsOf: bytes)
    case .array(let elements):
      if elements.count < 16 {
        output.append(0x90 | UInt8(elements.count))
      } else {
        output.append(0xDC)
        append(UInt64(elements.count), bytes: 2, to: &output)
      }
      for element in elements { encode(element, dialect: dialect, into: &output) }
    }
  }

  private static func encode(raw bytes: [UInt8], _ dialect: Dialect, into output: inout [UInt8]) {
    if bytes.count < 32 {
      output.append(0xA0 | UInt8(bytes.count))
    } else if bytes.count <= 0xFF, dialect == .bin {
      output.append(0xD9)
      output.append(UInt8(bytes.count))
    } else {
      precondition(bytes.count <= 0xFFFF, "payload field too long: \(bytes.count)")
      output.append(0xDA)
      append(UInt64(bytes.count), bytes: 2, to: &output)
    }
    output.append(contentsOf: bytes)
  }

  private static func encode(_ number: Int64, into output: inout [UInt8]) {
    let bits = UInt64(bitPattern: number)
    switch number {
    case 0...127: output.append(UInt8(number))
    case -32 ... -1: output.append(UInt8(truncatingIfNeeded: number))
    case 128...255:
      output.append(0xCC)
      append(bits, bytes: 1, to: &output)
    case 256...0xFFFF:
      output.append(0xCD)
      append(bits, bytes: 2, to: &output)
    case 0x1_0000...0xFFFF_FFFF:
      output.append(0xCE)
      append(bits, bytes: 4, to: &output)
    case 0x1_0000_0000...Int64.max:
      output.append(0xCF)
      append(bits, bytes: 8, to: &output)
    default:
      output.append(0xD3)
      append(bits, bytes: 8, to: &output)
    }
  }

  private static func append(_ bits: UInt64, bytes: Int, to output: inout [UInt8]) {
    for index in (0..<bytes).reversed() {
      output.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * index)))
    }
  }

  /// The one value that the bytes are; nil if they are cut, no MessagePack of these kinds,
  /// nested too deeply, or followed by more.
  package static func decode(_ bytes: [UInt8]) -> Value? {
    var reader = Reader(bytes: bytes)
    guard let value = reader.value(depth: 0), reader.at == bytes.count else { return nil }
    return value
  }

  private struct Reader {
    let bytes: [UInt8]
    var at = 0

    mutating func byte() -> UInt8? {
      guard at < bytes.count else { return nil }
      defer { at += 1 }
      return bytes[at]
    }

    mutating func number(bytes count: Int) -> UInt64? {
      guard bytes.count - at >= count else { return nil }
      var result: UInt64 = 0
      for _ in 0..<count {
        result = result << 8 | UInt64(bytes[at])
        at += 1
      }
      return result
    }

    mutating func run(_ count: Int) -> [UInt8]? {
      guard count <= bytes.count - at else { return nil }
      defer { at += count }
      return Array(bytes[at..<at + count])
    }

    mutating func sized(_ lengthBytes: Int) -> [UInt8]? {
      number(bytes: lengthBytes).flatMap { run(Int(clamping: $0)) }
    }

    mutating func signed(_ count: Int) -> Value? {
      number(bytes: count).map {
        let shift = UInt64(64 - 8 * count)
        return .integer(Int64(bitPattern: $0 << shift) >> Int64(shift))
      }
    }

    mutating func array(_ count: Int, depth: Int) -> Value? {
      // Each element has at least one byte, so a length beyond that is a lie.
      guard depth < MessagePack.depthLimit, count <= bytes.count - at else { return nil }
      var elements: [Value] = []
      elements.reserveCapacity(count)
      for _ in 0..<count {
        guard let element = value(depth: depth + 1) else { return nil }
        elements.append(element)
      }
      return .array(elements)
    }

    mutating func value(depth: Int) -> Value? {
      guard let tag = byte() else { return nil }
      switch tag {
      case 0x00...0x7F: return .integer(Int64(tag))
      case 0xE0...0xFF: return .integer(Int64(Int8(bitPattern: tag)))
      case 0x90...0x9F: return array(Int(tag & 0x0F), depth: depth)
      case 0xA0...0xBF: return run(Int(tag & 0x1F)).map(Value.string)
      case 0xC0: return .nil
      case 0xC2: return .bool(false)
      case 0xC3: return .bool(true)
      case 0xC4: return sized(1).map(Value.binary)
      case 0xC5: return sized(2).map(Value.binary)
      case 0xC6: return sized(4).map(Value.binary)
      case 0xCA:
        return number(bytes: 4).map { .double(Double(Float(bitPattern: UInt32($0)))) }
      case 0xCB: return number(bytes: 8).map { .double(Double(bitPattern: $0)) }
      case 0xCC: return number(bytes: 1).map { .integer(Int64($0)) }
      case 0xCD: return number(bytes: 2).map { .integer(Int64($0)) }
      case 0xCE: return number(bytes: 4).map { .integer(Int64($0)) }
      case 0xCF: return number(bytes: 8).flatMap { Int64(exactly: $0).map(Value.integer) }
      case 0xD0: return signed(1)
      case 0xD1: return signed(2)
      case 0xD2: return signed(4)
      case 0xD3: return signed(8)
      case 0xD9: return sized(1).map(Value.string)
      case 0xDA: return sized(2).map(Value.string)
      case 0xDB: return sized(4).map(Value.string)
      case 0xDC: return number(bytes: 2).flatMap { array(Int($0), depth: depth) }
      case 0xDD: return number(bytes: 4).flatMap { array(Int($0), depth: depth) }
      default: return nil
      }
    }
  }
}

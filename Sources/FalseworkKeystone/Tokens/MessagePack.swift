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
    /// A whole number beyond `Int64`.
    case unsigned(UInt64)
    case double(Double)
    /// The *str* family: text, or bytes of the old dialect.
    case string([UInt8])
    case binary([UInt8])
    case array([Value])
    /// Keys and values one after the other. No payload has one; forged ones may.
    case map([Value])
    case ext(type: Int8, [UInt8])
  }

  /// Nesting that a payload may have; Keystone's have three levels.
  static let depthLimit = 8

  package static func encode(_ value: Value, dialect: Dialect, into output: inout [UInt8]) {
    switch value {
    case .nil: output.append(0xC0)
    case .bool(let flag): output.append(flag ? 0xC3 : 0xC2)
    case .integer(let number): encode(number, into: &output)
    case .unsigned(let number):
      output.append(0xCF)
      append(number, bytes: 8, to: &output)
    case .double(let number):
      output.append(0xCB)
      append(number.bitPattern, bytes: 8, to: &output)
    case .string(let bytes): encode(raw: bytes, dialect, into: &output)
    case .binary(let bytes):
      guard dialect == .bin else { return encode(raw: bytes, dialect, into: &output) }
      let width = bytes.count <= 0xFF ? 1 : bytes.count <= 0xFFFF ? 2 : 4
      output.append(width == 1 ? 0xC4 : width == 2 ? 0xC5 : 0xC6)
      append(UInt64(bytes.count), bytes: width, to: &output)
      output.append(contentsOf: bytes)
    case .array(let elements):
      encode(count: elements.count, few: 0x90, many: 0xDC, into: &output)
      for element in elements { encode(element, dialect: dialect, into: &output) }
    case .map(let members):
      encode(count: members.count / 2, few: 0x80, many: 0xDE, into: &output)
      for member in members { encode(member, dialect: dialect, into: &output) }
    case .ext(let type, let bytes):
      output.append(0xC9)
      append(UInt64(bytes.count), bytes: 4, to: &output)
      output.append(UInt8(bitPattern: type))
      output.append(contentsOf: bytes)
    }
  }

  private static func encode(count: Int, few: UInt8, many: UInt8, into output: inout [UInt8]) {
    if count < 16 {
      output.append(few | UInt8(count))
    } else if count <= 0xFFFF {
      output.append(many)
      append(UInt64(count), bytes: 2, to: &output)
    } else {
      output.append(many + 1)
      append(UInt64(count), bytes: 4, to: &output)
    }
  }

  private static func encode(raw bytes: [UInt8], _ dialect: Dialect, into output: inout [UInt8]) {
    if bytes.count < 32 {
      output.append(0xA0 | UInt8(bytes.count))
    } else if bytes.count <= 0xFF, dialect == .bin {
      output.append(0xD9)
      output.append(UInt8(bytes.count))
    } else {
      let width = bytes.count <= 0xFFFF ? 2 : 4
      output.append(width == 2 ? 0xDA : 0xDB)
      append(UInt64(bytes.count), bytes: width, to: &output)
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
}

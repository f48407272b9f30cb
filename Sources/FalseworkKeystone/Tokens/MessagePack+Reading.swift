// SPDX-License-Identifier: Apache-2.0

extension MessagePack {
  /// The one value that the bytes are; nil if they are cut, no MessagePack, nested too deeply, or
  /// followed by more.
  package static func decode(_ bytes: [UInt8]) -> Value? {
    read(bytes)?.value
  }

  /// The value, and whether all of its texts are UTF-8: msgpack-python from 1.0 on fails on one
  /// that is not, because it makes a `str` of each.
  package static func read(_ bytes: [UInt8]) -> (value: Value, isText: Bool)? {
    var reader = Reader(bytes: bytes)
    guard let value = reader.value(depth: 0), reader.at == bytes.count else { return nil }
    return (value, reader.isText)
  }

  private struct Reader {
    let bytes: [UInt8]
    var at = 0
    var isText = true

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

    mutating func text(_ count: Int) -> Value? {
      guard let bytes = run(count) else { return nil }
      if isText { isText = UTF8Text.isValid(bytes) }
      return .string(bytes)
    }

    mutating func text(sized lengthBytes: Int) -> Value? {
      number(bytes: lengthBytes).flatMap { text(Int(clamping: $0)) }
    }

    mutating func binary(sized lengthBytes: Int) -> Value? {
      number(bytes: lengthBytes).flatMap { run(Int(clamping: $0)) }.map(Value.binary)
    }

    mutating func signed(_ count: Int) -> Value? {
      number(bytes: count).map {
        let shift = UInt64(64 - 8 * count)
        return .integer(Int64(bitPattern: $0 << shift) >> Int64(shift))
      }
    }

    mutating func elements(_ count: Int, depth: Int) -> [Value]? {
      // Each element has at least one byte, so a length beyond that is a lie.
      guard depth < MessagePack.depthLimit, count <= bytes.count - at else { return nil }
      var elements: [Value] = []
      elements.reserveCapacity(count)
      for _ in 0..<count {
        guard let element = value(depth: depth + 1) else { return nil }
        elements.append(element)
      }
      return elements
    }

    mutating func array(sized lengthBytes: Int, depth: Int) -> Value? {
      number(bytes: lengthBytes).flatMap { elements(Int($0), depth: depth) }.map(Value.array)
    }

    mutating func map(_ count: Int, depth: Int) -> Value? {
      elements(2 * count, depth: depth).map(Value.map)
    }

    mutating func ext(_ count: Int) -> Value? {
      guard let type = byte(), let bytes = run(count) else { return nil }
      return .ext(type: Int8(bitPattern: type), bytes)
    }

    mutating func value(depth: Int) -> Value? {
      guard let tag = byte() else { return nil }
      switch tag {
      case 0x00...0x7F: return .integer(Int64(tag))
      case 0xE0...0xFF: return .integer(Int64(Int8(bitPattern: tag)))
      case 0x80...0x8F: return map(Int(tag & 0x0F), depth: depth)
      case 0x90...0x9F: return elements(Int(tag & 0x0F), depth: depth).map(Value.array)
      case 0xA0...0xBF: return text(Int(tag & 0x1F))
      case 0xC0: return .nil
      case 0xC2: return .bool(false)
      case 0xC3: return .bool(true)
      case 0xC4: return binary(sized: 1)
      case 0xC5: return binary(sized: 2)
      case 0xC6: return binary(sized: 4)
      case 0xC7: return number(bytes: 1).flatMap { ext(Int($0)) }
      case 0xC8: return number(bytes: 2).flatMap { ext(Int($0)) }
      case 0xC9: return number(bytes: 4).flatMap { ext(Int($0)) }
      case 0xCA:
        return number(bytes: 4).map { .double(Double(Float(bitPattern: UInt32($0)))) }
      case 0xCB: return number(bytes: 8).map { .double(Double(bitPattern: $0)) }
      case 0xCC: return number(bytes: 1).map { .integer(Int64($0)) }
      case 0xCD: return number(bytes: 2).map { .integer(Int64($0)) }
      case 0xCE: return number(bytes: 4).map { .integer(Int64($0)) }
      case 0xCF:
        return number(bytes: 8).map { Int64(exactly: $0).map(Value.integer) ?? .unsigned($0) }
      case 0xD0: return signed(1)
      case 0xD1: return signed(2)
      case 0xD2: return signed(4)
      case 0xD3: return signed(8)
      case 0xD4...0xD8: return ext(1 << Int(tag - 0xD4))
      case 0xD9: return text(sized: 1)
      case 0xDA: return text(sized: 2)
      case 0xDB: return text(sized: 4)
      case 0xDC: return array(sized: 2, depth: depth)
      case 0xDD: return array(sized: 4, depth: depth)
      case 0xDE: return number(bytes: 2).flatMap { map(Int($0), depth: depth) }
      case 0xDF: return number(bytes: 4).flatMap { map(Int($0), depth: depth) }
      default: return nil
      }
    }
  }
}

enum UTF8Text {
  /// Whether the bytes are UTF-8, strictly: no overlong forms, no surrogates.
  static func isValid(_ bytes: [UInt8]) -> Bool {
    // Nearly all texts are ASCII.
    if bytes.allSatisfy({ $0 < 0x80 }) { return true }
    return String(validating: bytes, as: UTF8.self) != nil
  }
}

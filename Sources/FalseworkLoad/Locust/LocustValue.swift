// SPDX-License-Identifier: Apache-2.0

/// A value of MessagePack, as Locust's master and workers exchange it.
///
/// Token payloads have a reader of their own, which knows what old releases of Keystone write; here it
/// is the format as msgpack.org describes it, with maps.
package indirect enum LocustValue: Equatable, Sendable {
  case `nil`
  case bool(Bool)
  case integer(Int64)
  case double(Double)
  case text(String)
  case list([LocustValue])
  case map([Member])

  package struct Member: Equatable, Sendable {
    package var key, value: LocustValue

    package init(_ key: LocustValue, _ value: LocustValue) {
      self.key = key
      self.value = value
    }
  }

  /// A map whose keys are texts.
  package static func object(_ members: KeyValuePairs<String, LocustValue>) -> LocustValue {
    .map(members.map { Member(.text($0.key), $0.value) })
  }

  /// Of a map; nil if it has no such member or this is no map.
  package subscript(_ name: String) -> LocustValue? {
    guard case .map(let members) = self else { return nil }
    return members.first { $0.key == .text(name) }?.value
  }

  package var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  /// Of a whole number as well.
  package var number: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .double(let number): number
    case .nil, .bool, .text, .list, .map: nil
    }
  }

  // MARK: Writing

  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return bytes
  }

  private func append(to output: inout [UInt8]) {
    switch self {
    case .nil: output.append(0xC0)
    case .bool(let flag): output.append(flag ? 0xC3 : 0xC2)
    case .integer(let number): Self.append(number, to: &output)
    case .double(let number):
      output.append(0xCB)
      Self.append(number.bitPattern, bytes: 8, to: &output)
    case .text(let text):
      let utf8 = Array(text.utf8)
      if utf8.count < 32 {
        output.append(0xA0 | UInt8(utf8.count))
      } else {
        Self.append(length: utf8.count, tags: (0xD9, 0xDA, 0xDB), to: &output)
      }
      output.append(contentsOf: utf8)
    case .list(let values):
      if values.count < 16 {
        output.append(0x90 | UInt8(values.count))
      } else {
        Self.append(length: values.count, tags: (nil, 0xDC, 0xDD), to: &output)
      }
      for value in values { value.append(to: &output) }
    case .map(let members):
      if members.count < 16 {
        output.append(0x80 | UInt8(members.count))
      } else {
        Self.append(length: members.count, tags: (nil, 0xDE, 0xDF), to: &output)
      }
      for member in members {
        member.key.append(to: &output)
        member.value.append(to: &output)
      }
    }
  }

  private static func append(_ number: Int64, to output: inout [UInt8]) {
    if (-32...127).contains(number) {
      output.append(UInt8(truncatingIfNeeded: number))
    } else {
      output.append(0xD3)
      append(UInt64(bitPattern: number), bytes: 8, to: &output)
    }
  }

  /// - Parameter tags: for lengths of one, two and four octets.
  private static func append(
    length: Int, tags: (UInt8?, UInt8, UInt8), to output: inout [UInt8]
  ) {
    if let tag = tags.0, length <= 0xFF {
      output.append(tag)
      append(UInt64(length), bytes: 1, to: &output)
    } else if length <= 0xFFFF {
      output.append(tags.1)
      append(UInt64(length), bytes: 2, to: &output)
    } else {
      output.append(tags.2)
      append(UInt64(length), bytes: 4, to: &output)
    }
  }

  private static func append(_ bits: UInt64, bytes: Int, to output: inout [UInt8]) {
    for index in (0..<bytes).reversed() {
      output.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * index)))
    }
  }
}

extension LocustValue {
  /// The one value that the bytes are; nil if they are cut, no MessagePack, nested too deeply, or
  /// followed by more.
  package init?(_ bytes: [UInt8]) {
    var reader = Reader(bytes: bytes)
    guard let value = reader.value(depth: 0), reader.at == bytes.count else { return nil }
    self = value
  }

  private struct Reader {
    let bytes: [UInt8]
    var at = 0
    /// Locust's messages have five levels.
    private static let depthLimit = 32

    mutating func number(_ count: Int) -> UInt64? {
      guard bytes.count - at >= count else { return nil }
      var result: UInt64 = 0
      for _ in 0..<count {
        result = result << 8 | UInt64(bytes[at])
        at += 1
      }
      return result
    }

    mutating func text(_ count: UInt64?) -> LocustValue? {
      guard let count, count <= UInt64(bytes.count - at) else { return nil }
      defer { at += Int(count) }
      return .text(String(decoding: bytes[at..<at + Int(count)], as: UTF8.self))
    }

    mutating func signed(_ count: Int) -> LocustValue? {
      number(count).map {
        let shift = UInt64(64 - 8 * count)
        return .integer(Int64(bitPattern: $0 << shift) >> Int64(shift))
      }
    }

    mutating func list(_ count: UInt64?, _ depth: Int) -> LocustValue? {
      // Each value has at least one octet, so a length beyond that is a lie.
      guard let count, count <= UInt64(bytes.count - at), depth < Self.depthLimit else {
        return nil
      }
      var values: [LocustValue] = []
      for _ in 0..<count {
        guard let value = value(depth: depth + 1) else { return nil }
        values.append(value)
      }
      return .list(values)
    }

    mutating func map(_ count: UInt64?, _ depth: Int) -> LocustValue? {
      guard let count, count <= UInt64(bytes.count - at), depth < Self.depthLimit else {
        return nil
      }
      var members: [Member] = []
      for _ in 0..<count {
        guard let key = value(depth: depth + 1), let value = value(depth: depth + 1) else {
          return nil
        }
        members.append(Member(key, value))
      }
      return .map(members)
    }

    mutating func value(depth: Int) -> LocustValue? {
      guard let tag = number(1).map({ UInt8($0) }) else { return nil }
      switch tag {
      case 0x00...0x7F: return .integer(Int64(tag))
      case 0xE0...0xFF: return .integer(Int64(Int8(bitPattern: tag)))
      case 0x80...0x8F: return map(UInt64(tag & 0x0F), depth)
      case 0x90...0x9F: return list(UInt64(tag & 0x0F), depth)
      case 0xA0...0xBF: return text(UInt64(tag & 0x1F))
      case 0xC0: return .nil
      case 0xC2, 0xC3: return .bool(tag == 0xC3)
      case 0xCA: return number(4).map { .double(Double(Float(bitPattern: UInt32($0)))) }
      case 0xCB: return number(8).map { .double(Double(bitPattern: $0)) }
      case 0xCC...0xCE: return number(1 << Int(tag - 0xCC)).map { .integer(Int64($0)) }
      case 0xCF: return number(8).flatMap { Int64(exactly: $0).map(LocustValue.integer) }
      case 0xD0...0xD3: return signed(1 << Int(tag - 0xD0))
      // Binary data is no part of the protocol; what a plugin sends in it is read as text.
      case 0xC4, 0xD9: return text(number(1))
      case 0xC5, 0xDA: return text(number(2))
      case 0xC6, 0xDB: return text(number(4))
      case 0xDC: return list(number(2), depth)
      case 0xDD: return list(number(4), depth)
      case 0xDE: return map(number(2), depth)
      case 0xDF: return map(number(4), depth)
      default: return nil
      }
    }
  }
}

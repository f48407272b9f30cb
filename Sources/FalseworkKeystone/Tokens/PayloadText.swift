// SPDX-License-Identifier: Apache-2.0

/// How Python writes a value that a payload holds, for Keystone's messages show it: `%s` of the
/// value, and `repr` of what is inside.
struct PayloadText {
  /// Texts of the payload are `str`; otherwise they are bytes.
  var isText: Bool
  var python3: Bool

  /// The type's name, as a TypeError tells it.
  func type(of value: MessagePack.Value) -> String {
    switch value {
    case .nil: "NoneType"
    case .bool: "bool"
    case .integer: "int"
    case .unsigned: python3 ? "int" : "long"
    case .double: "float"
    case .string: python3 && !isText ? "bytes" : "str"
    case .binary: python3 ? "bytes" : "str"
    case .array: "list"
    case .map: "dict"
    case .ext(type: -1, _): "Timestamp"
    case .ext: "ExtType"
    }
  }

  /// `str(value)`.
  func plain(_ value: MessagePack.Value) -> String {
    switch value {
    case .string(let bytes) where isText || !python3: String(decoding: bytes, as: UTF8.self)
    case .binary(let bytes) where !python3: String(decoding: bytes, as: UTF8.self)
    default: quoted(value)
    }
  }

  /// `repr(value)`.
  func quoted(_ value: MessagePack.Value) -> String {
    switch value {
    case .nil: return "None"
    case .bool(let flag): return flag ? "True" : "False"
    case .integer(let number): return "\(number)"
    case .unsigned(let number): return "\(number)\(python3 ? "" : "L")"
    case .double(let number):
      return number.isNaN ? "nan" : number.isInfinite ? (number < 0 ? "-inf" : "inf") : "\(number)"
    case .string(let bytes):
      if isText { return "'\(String(decoding: bytes, as: UTF8.self))'" }
      return literal(bytes)
    case .binary(let bytes): return literal(bytes)
    case .array(let elements):
      return "[" + elements.map(quoted).joined(separator: ", ") + "]"
    case .map(let members):
      let pairs = stride(from: 0, to: members.count - 1, by: 2).map {
        quoted(members[$0]) + ": " + quoted(members[$0 + 1])
      }
      return "{" + pairs.joined(separator: ", ") + "}"
    case .ext(let type, let bytes): return "ExtType(code=\(type), data=\(literal(bytes)))"
    }
  }

  private func literal(_ bytes: [UInt8]) -> String {
    var text = python3 ? "b'" : "'"
    for byte in bytes {
      switch byte {
      case 0x09: text += "\\t"
      case 0x0A: text += "\\n"
      case 0x0D: text += "\\r"
      case 0x27: text += "\\'"
      case 0x5C: text += "\\\\"
      case 0x20...0x7E: text.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16)
        text += "\\x" + (digits.utf8.count == 1 ? "0" : "") + digits
      }
    }
    return text + "'"
  }
}

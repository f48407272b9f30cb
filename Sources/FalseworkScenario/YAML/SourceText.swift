// SPDX-License-Identifier: Apache-2.0

/// The text of a file, once it is known to be one: UTF-8, of a bearable size, and without the
/// characters that YAML forbids (YAML 1.2, 5.1).
struct SourceText: Equatable, Sendable {
  let text: String

  /// A scenario for 1,000 servers is a tenth of this.
  static let limit = 1_048_576

  struct Fault: Error, Equatable {
    /// From 1; 0 where there is none.
    var line: Int
    var column: Int
    var found: String
    var expected: String
  }

  init(_ bytes: [UInt8]) throws(Fault) {
    guard bytes.count <= Self.limit else {
      throw Fault(
        line: 0, column: 0, found: "more than \(Self.limit) bytes",
        expected: "a file of at most \(Self.limit) bytes")
    }
    if let fault = Self.firstFault(in: bytes) { throw fault }
    text = String(decoding: bytes, as: UTF8.self)
  }

  private static func firstFault(in bytes: [UInt8]) -> Fault? {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var line = 1
    var column = 1
    while true {
      switch decoder.decode(&iterator) {
      case .emptyInput: return nil
      case .error:
        return Fault(
          line: line, column: column, found: "bytes that are not UTF-8", expected: "UTF-8 text")
      case .scalarValue("\n"):
        line += 1
        column = 1
      case .scalarValue(let scalar):
        guard isPrintable(scalar) else {
          return Fault(
            line: line, column: column,
            found: "the control character U+\(hexadecimal(scalar.value))",
            expected: "printable text")
        }
        column += 1
      }
    }
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFFFD, 0x1_0000...0x10_FFFF: true
    default: false
    }
  }

  private static func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}

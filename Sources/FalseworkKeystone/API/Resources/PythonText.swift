// SPDX-License-Identifier: Apache-2.0

/// JSON as Python prints it, for error texts that carry a piece of the request.
extension JSONValue {
  /// `repr(value)`.
  var pythonRepr: String {
    switch self {
    case .null: "None"
    case .bool(let flag): flag ? "True" : "False"
    case .number(let text): text
    case .string(let text): Self.quoted(text)
    case .array(let elements): "[" + elements.map(\.pythonRepr).joined(separator: ", ") + "]"
    case .object(let members):
      "{"
        + members.members.map { Self.quoted($0.name) + ": " + $0.value.pythonRepr }
        .joined(separator: ", ") + "}"
    }
  }

  /// `str(value)`.
  var pythonText: String {
    if case .string(let text) = self { text } else { pythonRepr }
  }

  /// Double quotation marks where the text has single ones and no double ones.
  static func quoted(_ text: String) -> String {
    let mark: Unicode.Scalar =
      text.unicodeScalars.contains("'") && !text.unicodeScalars.contains("\"") ? "\"" : "'"
    var result = String.UnicodeScalarView([mark])
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
      case "\n": result.append(contentsOf: "\\n".unicodeScalars)
      case "\r": result.append(contentsOf: "\\r".unicodeScalars)
      case "\t": result.append(contentsOf: "\\t".unicodeScalars)
      case mark where mark == "'": result.append(contentsOf: "\\'".unicodeScalars)
      default:
        if scalar.value < 0x20 || scalar.value == 0x7F {
          let digits = String(scalar.value, radix: 16)
          result.append(
            contentsOf: ("\\x" + (digits.count == 1 ? "0" : "") + digits).unicodeScalars)
        } else {
          result.append(scalar)
        }
      }
    }
    result.append(mark)
    return String(result)
  }

  /// Python's truth of a value.
  var isTruthy: Bool {
    switch self {
    case .null: false
    case .bool(let flag): flag
    case .number(let text): !text.allSatisfy { "0.-eE+".contains($0) }
    case .string(let text): !text.isEmpty
    case .array(let elements): !elements.isEmpty
    case .object(let members): !members.isEmpty
    }
  }

  /// As `attr_as_boolean` reads the value of a query: all but a few words is true.
  static func queryBool(_ text: String) -> Bool {
    !["0", "False", "FALSE", "false", "no", "n", "N", "NO", "off", "f"].contains(text)
  }
}

// SPDX-License-Identifier: Apache-2.0

/// `pprint.pformat(value, width=72, sort_dicts=False)`: how `jsonschema` shows a schema and what
/// does not fit it. Long texts are not broken, which Python does at their blanks.
struct PythonPrint {
  private static let width = 72
  private var text = ""

  static func format(_ value: JSONValue) -> String {
    var printer = PythonPrint()
    printer.write(value, indent: 0, allowance: 0)
    return printer.text
  }

  private mutating func write(_ value: JSONValue, indent: Int, allowance: Int) {
    let whole = value.pythonRepr
    guard whole.count > Self.width - indent - allowance else {
      text += whole
      return
    }
    switch value {
    case .object(let object):
      text += "{"
      let members = object.members
      for (position, member) in members.enumerated() {
        if position > 0 { newLine(indent + 1) }
        let name = JSONValue.quoted(member.name)
        text += name + ": "
        write(
          member.value, indent: indent + 1 + name.count + 2,
          allowance: position == members.count - 1 ? allowance + 1 : 1)
      }
      text += "}"
    case .array(let elements):
      text += "["
      for (position, element) in elements.enumerated() {
        if position > 0 { newLine(indent + 1) }
        write(
          element, indent: indent + 1,
          allowance: position == elements.count - 1 ? allowance + 1 : 1)
      }
      text += "]"
    case .string, .number, .bool, .null:
      text += whole
    }
  }

  private mutating func newLine(_ indent: Int) {
    text += ",\n" + String(repeating: " ", count: indent)
  }
}

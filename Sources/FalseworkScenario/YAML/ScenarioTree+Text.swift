// SPDX-License-Identifier: Apache-2.0

extension ScenarioTree {
  /// The scenario as YAML. Reading it gives the same scenario.
  package var text: String {
    var text = ""
    Self.write(root, indent: 0, into: &text)
    return text
  }

  private static func write(_ node: LocatedNode, indent: Int, into text: inout String) {
    guard case .mapping(let members) = node.content else { return }
    for member in members {
      text += String(repeating: " ", count: indent) + word(member.key, .plain) + ":"
      writeValue(member.value, indent: indent, into: &text)
    }
  }

  /// What comes after a colon or a dash, with the end of the line.
  private static func writeValue(_ node: LocatedNode, indent: Int, into text: inout String) {
    switch node.content {
    case .scalar(let value, .literal) where isBlock(value):
      let kept = value.hasSuffix("\n")
      text += kept ? " |\n" : " |-\n"
      for line in value.dropLast(kept ? 1 : 0).split(
        separator: "\n", omittingEmptySubsequences: false)
      {
        text += line.isEmpty ? "\n" : String(repeating: " ", count: indent + 2) + line + "\n"
      }
    case .scalar(let value, let style):
      text += node.isNull ? "\n" : " \(word(value, style))\n"
    case .mapping(let members):
      guard !members.isEmpty else {
        text += " {}\n"
        return
      }
      text += "\n"
      write(node, indent: indent + 2, into: &text)
    case .list(let list):
      if list.allSatisfy({
        if case .scalar(_, let style) = $0.content { style != .literal } else { false }
      }) {
        text += " [" + list.map { inline($0) }.joined(separator: ", ") + "]\n"
        return
      }
      text += "\n"
      for element in list { writeElement(element, indent: indent, into: &text) }
    }
  }

  private static func writeElement(_ node: LocatedNode, indent: Int, into text: inout String) {
    let lead = String(repeating: " ", count: indent) + "-"
    guard case .mapping(let members) = node.content, let first = members.first else {
      text += lead
      return writeValue(node, indent: indent + 2, into: &text)
    }
    text += lead + " " + word(first.key, .plain) + ":"
    writeValue(first.value, indent: indent + 2, into: &text)
    let rest = LocatedNode(content: .mapping(Array(members.dropFirst())), origin: node.origin)
    write(rest, indent: indent + 2, into: &text)
  }

  private static func inline(_ node: LocatedNode) -> String {
    guard case .scalar(let value, let style) = node.content else { return "" }
    return node.isNull ? "~" : word(value, style)
  }

  /// A block cannot begin with a blank, since that would be taken for its indentation.
  private static func isBlock(_ text: String) -> Bool {
    guard let first = text.first else { return false }
    return first != " " && first != "\n" && !text.hasSuffix("\n\n")
  }

  /// A word stays plain only where no reader of YAML could take it for anything else.
  private static func word(_ text: String, _ style: LocatedNode.Style) -> String {
    let safe = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "/"),
        UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "%"), UInt8(ascii: "+"),
        UInt8(ascii: " "):
        true
      default: false
      }
    }
    let bytes = Array(text.utf8.prefix(2))
    let begins =
      switch bytes.first {
      case nil, UInt8(ascii: "%"), UInt8(ascii: " "): false
      // A dash begins a list, unless it is the sign of a number.
      case UInt8(ascii: "-"): bytes.count > 1 && (0x30...0x39).contains(bytes[1])
      default: true
      }
    if style == .plain, safe, begins, text.last != " " { return text }
    return quoted(text)
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

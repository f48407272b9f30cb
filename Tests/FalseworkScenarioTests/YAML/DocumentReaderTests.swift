// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkScenario

@Suite struct DocumentReaderTests {
  private func problems(_ text: String) -> [String] {
    DocumentReader.read(text, file: "s").problems.map(\.description)
  }

  private func root(_ text: String) throws -> LocatedNode {
    let outcome = DocumentReader.read(text, file: "s")
    #expect(outcome.problems == [])
    return try #require(outcome.root)
  }

  @Test func `values know where they were written`() throws {
    let root = try root("a: 1\nb:\n  - x\n  - {c: \"d\"}\n")
    guard case .mapping(let members) = root.content else {
      Issue.record("no mapping")
      return
    }
    #expect(members.map(\.origin.line) == [1, 2])
    #expect(members[0].value.origin == Origin(file: "s", line: 1, column: 4))
    guard case .list(let list) = members[1].value.content,
      case .mapping(let inner) = list[1].content
    else {
      Issue.record("no list with a mapping")
      return
    }
    #expect(list[0].origin == Origin(file: "s", line: 3, column: 5))
    #expect(inner[0].origin == Origin(file: "s", line: 4, column: 6))
    #expect(inner[0].value.content == .scalar("d", .quoted))
  }

  @Test(arguments: ["", "# nothing\n", "---\n", "~\n"])
  func `an empty document is a null`(text: String) throws {
    #expect(try root(text).isNull)
  }

  @Test(arguments: [
    (
      "a: [1, 2\nb: 3",
      "s:2:2: found something else while parsing a flow sequence in line 1, expected ',' or ']'"
    ),
    (
      "a: 'x",
      "s:1:6: found unexpected end of stream while scanning a quoted scalar in line 1, expected YAML"
    ),
    (
      "a: 1\n\tb: 2",
      "s:2:1: found a tab character that violates indentation while scanning a plain scalar in line "
        + "1, expected YAML"
    ),
    ("a: *nobody", "s:1:4: found undefined alias, expected YAML"),
    ("a: 1\n---\nb: 2", "s:2:1: found another document, expected one document"),
    (
      "a: b: c",
      "s:1:5: found a mistake (mapping values are not allowed in this context), expected YAML"
    ),
  ])
  func `a mistake of syntax is located`(text: String, message: String) {
    #expect(problems(text) == [message])
  }

  @Test func `duplicate keys are all reported, and the rest is read`() throws {
    let outcome = DocumentReader.read(
      "a: 1\n\"b\": {x: 1, y: 2, x: 3}\na: 2\n'b': 4\na: 5\nc: !foo 6\n", file: "s")
    #expect(
      outcome.problems.map(\.description) == [
        "s:2:19: b.x: found 'x' again, expected each key once (the first is in line 2)",
        "s:4:1: b: found 'b' again, expected each key once (the first is in line 2)",
        "s:5:1: a: found 'a' again, expected each key once (the first is in line 1)",
        "s:6:4: c: found the tag !foo, expected a value without a tag",
      ])
    #expect(outcome.root != nil)
  }

  @Test func `a duplicate key that is not written as it reads is reported alone`() {
    #expect(
      problems("\"\\x61\": 1\na: 2\nc: !foo 3") == [
        "s:1:1: found a key more than once: a, expected each key once"
      ])
  }

  @Test func `an alias is what its anchor is`() throws {
    let root = try root("a: &x {y: 1}\nb: *x\n")
    guard case .mapping(let members) = root.content else {
      Issue.record("no mapping")
      return
    }
    #expect(members[0].value == members[1].value)
  }

  @Test func `a key that is a collection is reported`() {
    #expect(problems("? [a]\n: 1\nb: 2") == ["s:1:3: found a collection as a key, expected a word"])
  }

  /// Lines of `count` anchors, each of which names the one before it nine times.
  private func laughs(_ count: Int) -> String {
    var text = "l0: &l0 lol\n"
    for index in 1...count {
      let names = Array(repeating: "*l\(index - 1)", count: 9).joined(separator: ", ")
      text += "l\(index): &l\(index) [\(names)]\n"
    }
    return text
  }

  @Test func `aliases that multiply end at the limit`() {
    let messages = problems(laughs(40))
    #expect(messages.count == 1)
    #expect(messages[0].contains("found more than 200000 values, aliases counted"))
  }

  @Test(arguments: ["? *l40\n: 1", "*l40 : 1", "[a, *l40]: 1", "{x: *l40} : 1", "a: {? *l40 : 1}"])
  func `and as a key they are not unfolded at all`(line: String) {
    #expect(
      problems(laughs(40) + line).map { $0.split(separator: " ", maxSplits: 1)[1] } == [
        "found an alias in a key, expected a word as a key"
      ])
  }

  @Test(arguments: [
    String(repeating: "[", count: 100_000), String(repeating: "{a: ", count: 20_000),
    String(repeating: "- ", count: 100_000), String(repeating: "[", count: 900),
    (0..<700).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
    String(repeating: "[", count: 500) + String(repeating: "]", count: 500),
  ])
  func `depth ends at a limit`(text: String) {
    #expect(problems(text).count == 1)
  }

  @Test func `a wide document is read whole`() throws {
    let text = (0..<20_000).map { "k\($0): \($0)\n" }.joined()
    guard case .mapping(let members) = try root(text).content else {
      Issue.record("no mapping")
      return
    }
    #expect(members.count == 20_000)
  }
}

// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkLoad

@Suite struct TextTemplateTests {
  @Test(
    arguments: [
      ("plain", [.text("plain")]), ("", []), ("a $5 and $$", [.text("a $5 and $$")]),
      ("$${a}", [.text("${a}")]),
      ("/v3/users/${id}", [.text("/v3/users/"), .value(.captured("id"), .none)]),
      ("${token}${a.b-c_1:json}", [.value(.token, .none), .value(.captured("a.b-c_1"), .json)]),
      ("${user:url}!", [.value(.user, .url), .text("!")]),
    ] as [(String, [TextTemplate.Piece])])
  func `a name in braces is a value, the rest is text`(
    text: String, pieces: [TextTemplate.Piece]
  ) throws {
    #expect(try TextTemplate(parsing: text).pieces == pieces)
  }

  @Test(arguments: ["${", "a${b", "${}", "${a b}", "${1a}", "${a:xml}", "${a:}"])
  func `what is no name is a problem`(text: String) {
    #expect(throws: TextTemplate.Problem.self) { try TextTemplate(parsing: text) }
  }

  @Test(arguments: ["", "a", "${a}", "$${a}", "$$${{", "a $ { b"])
  func `quoted text reads as it is`(text: String) throws {
    #expect(try TextTemplate(parsing: TextTemplate.quoted(text)).verbatim == text)
  }

  @Test(arguments: JourneyValue.ready) func `what is there without capture has a name`(
    ready: (name: String, value: JourneyValue)
  ) throws {
    #expect(try TextTemplate(parsing: "${\(ready.name)}").values == [ready.value])
  }
}

// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct PythonTextTests {
  @Test(arguments: [
    ("null", "None"), ("true", "True"), ("1.50", "1.50"), (#""a""#, "'a'"),
    (#""it's""#, #""it's""#), (#""it's \"it\"""#, #"'it\'s "it"'"#), (#""\n\t\\""#, #"'\n\t\\'"#),
    (#""\u0001""#, #"'\x01'"#), (#"{"a": [1, {"b": null}]}"#, "{'a': [1, {'b': None}]}"),
  ]) func `values are printed as Python prints them`(json: String, expected: String) throws {
    let bytes = Array(json.utf8)
    let parsed = JSONValue(bytes.span)
    let value = try #require(parsed)
    #expect(value.pythonRepr == expected)
  }

  @Test(arguments: [("0", false), ("False", false), ("off", false), ("", true), ("1", true)])
  func `a word of a query is true unless it says otherwise`(text: String, expected: Bool) {
    #expect(JSONValue.queryBool(text) == expected)
  }
}

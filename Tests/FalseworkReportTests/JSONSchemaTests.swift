// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite struct JSONSchemaTests {
  private static let schema = """
    {"type": "object", "required": ["a"], "additionalProperties": false, "properties": {
      "a": {"type": "integer", "minimum": 1}, "b": {"anyOf": [{"$ref": "#/$defs/b"}, {"type": "null"}]},
      "c": {"type": "object", "additionalProperties": {"type": "boolean"}},
      "d": {"type": "array", "items": {"enum": ["x", null]}}, "e": {"const": 2},
      "f": {"type": ["string", "null"], "minLength": 2, "maxLength": 2}},
     "$defs": {"b": {"type": "object", "required": ["n"], "properties": {"n": {"type": "number"}}}}}
    """

  @Test(arguments: [
    (#"{"a": 1}"#, 0), (#"{"a": 0}"#, 1), (#"{"a": 1.5}"#, 1), (#"{"a": true}"#, 1),
    (#"{"a": "1"}"#, 1), (#"{}"#, 1), (#"{"a": 1, "z": 1}"#, 1), (#"{"a": 1, "b": null}"#, 0),
    (#"{"a": 1, "b": {"n": 0.5}}"#, 0), (#"{"a": 1, "b": {}}"#, 1),
    (#"{"a": 1, "b": {"n": "1"}}"#, 1),
    (#"{"a": 1, "c": {"q": true, "r": false}}"#, 0), (#"{"a": 1, "c": {"q": 1}}"#, 1),
    (#"{"a": 1, "d": ["x", null]}"#, 0), (#"{"a": 1, "d": ["x", "y", 1]}"#, 2),
    (#"{"a": 1, "e": 2}"#, 0), (#"{"a": 1, "e": 3}"#, 1), (#"{"a": 1, "f": "SH"}"#, 0),
    (#"{"a": 1, "f": "S"}"#, 1), (#"{"a": 1, "f": "SH-"}"#, 1), (#"{"a": 1, "f": null}"#, 0),
    (#"[]"#, 1),
  ]) func `the validator finds what is wrong and nothing else`(json: String, count: Int) throws {
    let schema = JSONSchema(root: try JSONValue(Array(Self.schema.utf8)))
    #expect(schema.problems(try JSONValue(Array(json.utf8))).count == count)
  }

  @Test func `a keyword that it does not know is an error`() throws {
    let schema = JSONSchema(root: try JSONValue(Array(#"{"pattern": "a"}"#.utf8)))
    #expect(schema.problems(.text("a")).count == 1)
  }
}

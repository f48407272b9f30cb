// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct SchemaTests {
  private static let schema = Schema.object(
    [
      ("name", .name), ("flag", .flag), ("tags", .tags), ("url", .url), ("uuid", .uuid),
      ("count", .number), ("options", .resourceOptions), ("roles", .roleReferences),
    ], required: ["name"], closed: true)

  @Test(arguments: [
    (#"{"name": "a"}"#, nil, ""),
    (#"{}"#, nil, "'name' is a required property"),
    (#"{"name": null}"#, "name", "None is not of type 'string'"),
    (#"{"name": "  "}"#, "name", #"'  ' does not match '[\\S]+'"#),
    (#"{"name": ["it's", 1.0, true]}"#, "name", #"["it's", 1.0, True] is not of type 'string'"#),
    (#"{"name": "a", "flag": 1}"#, "flag", "1 is not of type 'boolean', 'string', 'null'"),
    (#"{"name": "a", "tags": ["x", "x"]}"#, "tags", "['x', 'x'] has non-unique elements"),
    (#"{"name": "a", "tags": ["x", 1]}"#, "1", "1 is not of type 'string'"),
    (#"{"name": "a", "url": "x"}"#, "url", "'x' does not match '^[a-zA-Z0-9+.-]+:.+'"),
    (#"{"name": "a", "uuid": "x"}"#, "uuid", "'x' is not a 'uuid'"),
    (#"{"name": "a", "count": -2}"#, "count", "-2 is less than the minimum of -1"),
    (
      #"{"name": "a", "count": 2147483648}"#, "count",
      "2147483648 is greater than the maximum of 2147483647"
    ),
    (#"{"name": "a", "options": {"immutable": "x"}}"#, "immutable", "'x' is not of type"),
    (#"{"name": "a", "roles": [{}]}"#, "0", "{} should be non-empty"),
    (#"{"name": "a", "roles": [{"id": "a", "name": "b"}]}"#, "0", "has too many properties"),
    (
      #"{"name": "a", "x": 1, "y": 2}"#, nil,
      "Additional properties are not allowed ('x', 'y' were unexpected)"
    ),
    (#"[]"#, nil, "[] is not of type 'object'"),
  ]) func `the first complaint is told in the words of jsonschema`(
    body: String, field: String?, message: String
  ) throws {
    let bytes = Array(body.utf8)
    let parsed = JSONValue(bytes.span)
    let value = try #require(parsed)
    let complaint = Self.schema.firstComplaint(value)
    #expect(
      (complaint?.message ?? "").hasPrefix(message) || complaint?.message.hasSuffix(message) == true
    )
    #expect(complaint?.field == field)
    #expect((complaint == nil) == message.isEmpty)
  }

  @Test func `lengths count characters`() {
    let long = String(repeating: "é", count: 256)
    #expect(Schema.name.firstComplaint(.string(String(long.dropLast()))) == nil)
    #expect(Schema.name.firstComplaint(.string(long))?.message == "'\(long)' is too long")
  }
}

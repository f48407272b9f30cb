// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import FalseworkKeystone

@Suite struct JSONObjectTests {
  @Test(arguments: [3, 16, 17, 100])
  func `members keep their order, narrow or wide`(count: Int) {
    var object = JSONObject()
    for number in 0..<count { object["m\(number)"] = JSONValue(number) }
    object["m1"] = .null
    object["m0"] = nil
    #expect(object.keys == (1..<count).map { "m\($0)" })
    #expect(object["m1"] == .null && object["m0"] == nil && object["m2"] == JSONValue(2))
    object["m0"] = .bool(true)
    #expect(object.keys.last == "m0" && object.count == count)
  }

  @Test func `it is written with spaces, in ASCII alone, and read back`() throws {
    let text = #"{"b": "\u00e9\n\ud83d\ude00\u0001", "a": [1.50, true, null, {}]}"#
    let bytes = Array(text.utf8)
    let parsed = JSONValue(bytes.span)
    let value = try #require(parsed)
    #expect(value.text == text)
    let object = try #require(value.object)
    let stored = try JSONEncoder().encode(["x": object])
    #expect(try JSONDecoder().decode([String: JSONObject].self, from: stored) == ["x": object])
  }
}

// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

struct PolicyTargetTests {
  @Test func `null is there and absent is not`() {
    var target: PolicyTarget = ["a": nil, "b": "x"]
    #expect(target.text("a") == "None")
    #expect(target.text("b") == "x")
    #expect(target.text("c") == nil)
    target.set("b", "y")
    #expect(target.text("b") == "y")
  }

  @Test func `order does not count`() {
    #expect((["a": "1", "b": nil] as PolicyTarget) == ["b": nil, "a": "1"])
    #expect((["a": "1"] as PolicyTarget) != ["a": "2"])
  }
}

// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkScenario

@Suite struct AliasInKeyTests {
  @Test(arguments: [
    ("a: &a x\n*a : 1", 2, 1), ("a: &a x\n*a: 1", 2, 1), ("a: &a x\nb:\n  *a : 1", 3, 3),
    ("a: &a x\n? *a\n: 1", 2, 1), ("a: &a x\n?\n  - *a\n: 1", 2, 1),
    ("a: &a x\n- ? *a", 2, 3), ("a: &a x\nb: {c: 1, ? *a : 2}", 2, 11),
    ("a: &a x\n[1, *a]: 1", 2, 5), ("a: &a x\n{b: [*a]} : 1", 2, 6),
    ("a: &a x\nb: {*a : 1}", 2, 5),
  ])
  func `an alias in a key is found`(text: String, line: Int, column: Int) {
    #expect(AliasInKey.first(in: text) == .init(line: line, column: column))
  }

  @Test(arguments: [
    "a: &a x\nb: *a\nc: [*a, *a]\nd: {e: *a, f: *a}", "a: &a x\nb: 'is it? yes'\n", "? a\n: 1",
    "a: *b: c", "bind *:5000\na: &a x\nb: *a", "a: &a x\nb: \"why ? *\"\nc: *a\n",
    "a: 1 * 2\nb: &a c\n",
  ])
  func `values and other text are let through`(text: String) {
    #expect(AliasInKey.first(in: text) == nil)
  }
}

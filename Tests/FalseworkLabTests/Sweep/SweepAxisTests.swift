// SPDX-License-Identifier: Apache-2.0
import FalseworkLab
import Testing

@Suite struct SweepAxisTests {
  @Test(arguments: [
    ("a.b=1s,2s,12s", ["1s", "2s", "12s"]),
    ("a=0s...2s/500ms", ["0s", "500ms", "1s", "1500ms", "2s"]),
    ("a=0s...5s/2s", ["0s", "2s", "4s"]),
    ("a=1...3", ["1", "2", "3"]),
    ("a=1...9/4", ["1", "5", "9"]),
    ("a=10%...30%/10%,100%", ["10%", "20%", "30%", "100%"]),
    ("a=50/s...150/s/50/s", ["50/s", "100/s", "150/s"]),
    ("a=kill, drain", ["kill", "drain"]),
    ("a='until idle, at most 30s',5s", ["until idle, at most 30s", "5s"]),
    ("a=[1,100%],2", ["[1,100%]", "2"]),
    ("a=3s", ["3s"]),
  ])
  func `values are a list, and a range stands for those in it`(text: String, values: [String])
    throws
  {
    let axis = try SweepAxis(parsing: text)
    #expect(axis.values == values)
    #expect(try SweepAxis(parsing: axis.text) == axis)
  }

  @Test(arguments: [
    ("abc", "--vary takes PATH=VALUES such as rotation.drain=0s...30s/1s, not 'abc'"),
    ("=1s", "--vary takes PATH=VALUES"),
    ("a=", "--vary a: a value is missing in ''"),
    ("a=1s,,2s", "a value is missing in '1s,,2s'"),
    ("a=1s,2s,1s", "--vary a: the value '1s' comes twice"),
    ("a=0s...2s", "'0s...2s' needs a step, such as 0s...2s/1s"),
    ("a=0s...2/1s", "found '0s...2/1s', expected a range"),
    ("a=0s...2s/0s", "the step of '0s...2s/0s' is 0"),
    ("a=3...1", "'3...1' ends before it begins"),
    ("a=x...y", "found 'x...y', expected a range"),
    ("a=0us...1h/1us", "has more than 10000 values"),
    ("a='1s", "a quote or a bracket is not closed"),
    ("a=[1,2", "a quote or a bracket is not closed"),
  ])
  func `a mistake is told with the key and what was found`(text: String, message: String) {
    #expect {
      _ = try SweepAxis(parsing: text)
    } throws: { error in
      "\(error)".contains(message)
    }
  }

  @Test func `values of one kind have a scale, and words have none`() throws {
    #expect(
      try SweepAxis(parsing: "a=1s,500ms").quantities?.map(\.amount) == [
        1_000_000_000, 500_000_000,
      ])
    #expect(try SweepAxis(parsing: "a=1,2%").quantities == nil)
    #expect(try SweepAxis(parsing: "a=kill,1s").quantities == nil)
  }
}

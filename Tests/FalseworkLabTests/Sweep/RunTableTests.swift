// SPDX-License-Identifier: Apache-2.0
import FalseworkLab
import Testing

@Suite struct RunTableTests {
  private func table() throws -> RunTable {
    try Small.sweep(try Small.plan("a=1s,'b, \"c\"'", seeds: 3)) { Int($0.seed) }.table
  }

  @Test func `it reads back what it wrote, in any order of its lines`() throws {
    let whole = try table()
    #expect(whole.isComplete)
    let lines = whole.text.split(separator: "\n").map { $0 + "\n" }
    let shuffled = lines[0] + lines.dropFirst().reversed().joined()
    var read = RunTable(whole.plan)
    #expect(try read.read(Array(shuffled.utf8), file: "runs.csv") == shuffled.utf8.count)
    #expect(read == whole)
    #expect(read.text == whole.text)
  }

  @Test func `a half line is as if it had not been begun`() throws {
    let whole = try table()
    let bytes = Array(whole.text.utf8)
    for cut in 1..<bytes.count {
      var read = RunTable(whole.plan)
      let kept = try read.read(Array(bytes[..<cut]), file: "runs.csv")
      #expect(kept <= cut)
      #expect(kept == 0 || bytes[kept - 1] == 0x0A)
      #expect(!bytes[kept..<cut].contains(0x0A))
      #expect(read.runs.count == max(0, bytes[..<kept].count { $0 == 0x0A } - 1))
    }
  }

  @Test(arguments: [
    ("x,seed\n", "other columns"),
    ("HEADER3s,1,completed\n", "no run of this sweep"),
    ("HEADER1s,1,completed,1\n", "expected a run"),
    (
      "HEADER1s,9,completed,1,0,0,0,2,,,,,,0.000000,0.000000,1.000000\n",
      "found the seed 9; this sweep has 1...3"
    ),
  ])
  func `a line of another sweep is refused`(text: String, message: String) throws {
    var read = RunTable(try table().plan)
    let text = text.replacing("HEADER", with: read.header)
    #expect {
      _ = try read.read(Array(text.utf8), file: "runs.csv")
    } throws: { error in
      "\(error)".contains(message)
    }
  }

  @Test func `times that a run does not have are empty cells`() throws {
    var read = RunTable(try table().plan)
    let text = read.header + "1s,2,rotation aborted,1,0,0,0,2,,,,,,0.000000,0.000000,1.000000\n"
    _ = try read.read(Array(text.utf8), file: "runs.csv")
    let figures = try #require(read.runs(of: 0).first)
    #expect(figures.p99 == nil)
    #expect(figures.rotation == nil)
    #expect(!figures.isComplete)
    #expect(read.text == text)
  }
}

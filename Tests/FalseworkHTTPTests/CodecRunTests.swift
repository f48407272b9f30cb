// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import Foundation
import Testing

@Suite struct CodecRunTests {
  private static let streams: [(HTTPParser.Kind, String)] =
    ParserOracleTests.agreed.map { ($0.kind, $0.text) }
    + ParserOracleTests.disagreements.filter { $0.text.utf8.count < 1_000 }
    .map { ($0.kind, $0.text) }

  @Test func `a stream that is cut anywhere, even after every byte, reads as the whole`() {
    for (kind, text) in Self.streams {
      let bytes = text.unicodeScalars.map { UInt8($0.value) }
      let whole = CodecRun(bytes, kind)
      #expect(whole.violation == nil, "\(text)")
      for cut in bytes.indices {
        #expect(CodecRun(bytes, kind, cuts: [cut]) == whole, "\(text) cut at \(cut)")
      }
      #expect(CodecRun(bytes, kind, cuts: Array(bytes.indices)) == whole, "\(text)")
    }
  }

  @Test(arguments: 1...80)
  func `a cut stream reaches the limits where the whole reaches them`(headBytes: Int) {
    let limits = HTTPParser.Limits(headBytes: headBytes, fields: 2, targetBytes: 9)
    for text in [
      "GET /v3/auth HTTP/1.1\r\nHost: k\r\nA: b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: k\r\nA: b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: k\r\nA: b\r\nC: d\r\n\r\n", "GET / HTTP/1.1\r\nHost: k\r\rA: b\r\n",
      "\r\n\r\nGET / HTTP/1.0\r\nA: b\r\n\r\n",
    ] {
      let bytes = Array(text.utf8)
      let whole = CodecRun(bytes, .request, limits: limits)
      #expect(whole.violation == nil)
      for cut in bytes.indices {
        #expect(CodecRun(bytes, .request, cuts: [cut], limits: limits) == whole, "cut at \(cut)")
      }
    }
  }

  @Test func `the fuzzer's corpus holds what the fuzzer checks`() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Fuzz/corpus")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(files.count >= 18)
    for file in files {
      let input = Array(try Data(contentsOf: folder.appending(path: file)))
      let bytes = Array(input[2...])
      for kind in [HTTPParser.Kind.request, .response] {
        let whole = CodecRun(bytes, kind)
        #expect(whole.violation == nil, "\(file)")
        #expect(CodecRun(bytes, kind, cuts: Array(bytes.indices)) == whole, "\(file)")
      }
    }
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func `mutants hold what the fuzzer checks`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed, stream: "cut mutants")
    for _ in 0..<500 {
      let mutant = Mutant(using: &generator)
      let whole = CodecRun(mutant.bytes, mutant.kind, requestMethod: mutant.requestMethod)
      #expect(whole.violation == nil, "\(mutant.bytes)")
      let size = Int(generator.below(9)) + 1
      let cuts = Array(stride(from: size, to: max(size + 1, mutant.bytes.count), by: size))
        .filter { $0 < mutant.bytes.count }
      let split = CodecRun(
        mutant.bytes, mutant.kind, cuts: cuts, requestMethod: mutant.requestMethod)
      #expect(split == whole, "\(mutant.bytes) in pieces of \(size)")
    }
  }
}

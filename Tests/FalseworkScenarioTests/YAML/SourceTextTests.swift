// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkScenario

@Suite struct SourceTextTests {
  private func fault(_ bytes: [UInt8]) -> SourceText.Fault? {
    do {
      _ = try SourceText(bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: ["", "a: 1\r\nb: é\n", "\u{FEFF}a: 1", "a: \u{1F600}\u{85}\t"])
  func `text is text`(text: String) throws {
    #expect(try SourceText(Array(text.utf8)).text == text)
  }

  @Test(
    arguments: [
      ([0x61, 0x0A, 0xC3, 0xA9, 0xFF], 2, 2, "bytes that are not UTF-8"),
      ([0xFF, 0xFE, 0x61, 0x00], 1, 1, "bytes that are not UTF-8"),
      ([0x61, 0xC3], 1, 2, "bytes that are not UTF-8"),
      ([0xED, 0xA0, 0x80], 1, 1, "bytes that are not UTF-8"),
      ([0x61, 0x0A, 0x62, 0x00], 2, 2, "the control character U+0000"),
      ([0x1B], 1, 1, "the control character U+001B"),
      ([0xEF, 0xBF, 0xBF], 1, 1, "the control character U+FFFF"),
    ] as [([UInt8], Int, Int, String)])
  func `what is no text is located`(bytes: [UInt8], line: Int, column: Int, found: String) {
    let fault = fault(bytes)
    #expect(fault?.line == line && fault?.column == column && fault?.found == found)
  }

  @Test func `a file may be as large as the limit and no larger`() {
    #expect(fault([UInt8](repeating: 0x61, count: SourceText.limit)) == nil)
    #expect(
      fault([UInt8](repeating: 0x61, count: SourceText.limit + 1))?.found
        == "more than 1048576 bytes")
  }
}

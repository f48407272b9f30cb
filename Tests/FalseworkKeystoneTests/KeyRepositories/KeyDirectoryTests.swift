// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct KeyDirectoryTests {
  @Test func `steps change the files, and what is only said changes nothing`() {
    var directory = KeyDirectory.missing("/keys/")
    directory.apply([
      .say(KeystoneLogLine(.info, "m", "text")), .makeDirectory,
      .write(name: "0.tmp", contents: "a"), .rename(from: "0.tmp", to: "0"),
      .write(name: "1", contents: "b"), .write(name: "1", contents: "c"),
      .rename(from: "9", to: "8"), .fail("ValueError"), .remove(name: "7"),
    ])
    #expect(directory.access == .granted(writable: true, worldReadable: false))
    #expect(directory.files.map(\.name) == ["0", "1"])
    #expect(directory.contents(of: "0") == "a")
    #expect(directory.contents(of: "1") == "c")
    directory.apply(.rename(from: "0", to: "1"))
    #expect(directory.files == [.init(name: "1", contents: "a")])
  }

  @Test func `a file's path is joined as Python joins it`() {
    #expect(KeyDirectory.missing("/keys/").path(of: "0") == "/keys/0")
    #expect(KeyDirectory.missing("/keys").path(of: "0") == "/keys/0")
  }

  /// As `int` of Python 3.11 takes them.
  @Test(
    arguments: [
      ("0", 0), ("12", 12), ("007", 7), ("-1", -1), ("+3", 3), (" 4", 4), ("1_0", 10),
      ("0.tmp", nil), ("", nil), ("_1", nil), ("1_", nil), ("1__0", nil), ("-", nil), ("1a", nil),
      ("0x1", nil), ("99999999999999999999", nil),
    ] as [(String, Int?)]) func `a name is the number that Python reads`(name: String, number: Int?)
  {
    #expect(KeyDirectory.number(name) == number)
  }
}

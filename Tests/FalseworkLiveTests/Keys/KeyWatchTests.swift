// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import FalseworkLive
import Glibc
import Testing

@Suite struct KeyWatchTests {
  private static func key(_ byte: UInt8) -> String {
    FernetKey(bytes: [UInt8](repeating: byte, count: 32)).text
  }

  @Test func `every change is seen at the next use, however soon it comes`() throws {
    let place = KeyPlace()
    let path = place.path + "/keys"
    let writer = KeyDirectoryWriter(path: path, owner: nil)
    var watch = KeyWatch(path)
    #expect(watch.directory == .missing(path))
    let steps: [KeyFileStep] = [
      .makeDirectory, .write(name: "0", contents: Self.key(1)),
      .write(name: "1", contents: Self.key(2)), .write(name: "1", contents: Self.key(3)),
      .rename(from: "0", to: "2"), .write(name: "1", contents: ""), .remove(name: "1"),
    ]
    for step in steps {
      try writer.perform(step)
      let seen = watch.refresh()
      let again = watch.refresh()
      #expect(seen && !again)
      #expect(watch.directory == KeyDirectory.read(path))
    }
    // The same size, within one tick of the clock: only what it holds tells the difference.
    for byte: UInt8 in 10..<60 {
      try writer.perform(.write(name: "2", contents: Self.key(byte)))
      let seen = watch.refresh()
      #expect(seen)
      #expect(watch.directory.contents(of: "2") == Self.key(byte))
    }
    chmod(path, 0o755)
    let seen = watch.refresh()
    #expect(seen)
    #expect(watch.directory.access == .granted(writable: true, worldReadable: true))
  }
}

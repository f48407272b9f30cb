// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import FalseworkLive
import Glibc
import Testing

/// A directory of its own, gone with the test.
struct KeyPlace: ~Copyable {
  let path: String

  init() {
    var template = Array("/tmp/falsework-keys-XXXXXX".utf8CString)
    path = String(cString: mkdtemp(&template))
  }

  deinit {
    // Keys lie two levels deep at most.
    for name in ["/keys", ""] {
      for file in KeyDirectory.read(path + name).files { unlink("\(path)\(name)/\(file.name)") }
      rmdir(path + name)
    }
  }

  func mode(_ name: String) -> mode_t {
    var status = stat()
    return stat(path + name, &status) == 0 ? status.st_mode & 0o777 : 0
  }
}

@Suite struct KeyDirectoryDiskTests {
  static let rules = KeyRepositoryRules(group: .tokens, release: .newest, maxActiveKeys: 3)

  static func key(_ byte: UInt8) -> FernetKey {
    FernetKey(bytes: [UInt8](repeating: byte, count: 32))
  }

  @Test func `a set-up on disk is what it is in memory, with closed modes`() throws {
    let place = KeyPlace()
    let path = place.path + "/keys"
    let writer = KeyDirectoryWriter(path: path, owner: nil)
    var memory = KeyDirectory.read(path)
    #expect(memory == .missing(path))
    var steps = Self.rules.preparation(memory, owner: .ofTheCaller)
    memory.apply(steps)
    steps += Self.rules.setup(
      memory, owner: .ofTheCaller, first: Self.key(1), second: Self.key(2))
    memory = .missing(path)
    for step in steps {
      try writer.perform(step)
      memory.apply(step)
      #expect(KeyDirectory.read(path) == memory)
    }
    #expect(place.mode("/keys") == 0o700)
    #expect(place.mode("/keys/0") == 0o600)
    #expect(place.mode("/keys/1") == 0o600)
  }

  @Test func `what the system refuses is told as Python tells it`() {
    let place = KeyPlace()
    let writer = KeyDirectoryWriter(path: place.path + "/none", owner: nil)
    #expect(
      throws: KeyDirectoryWriter.Failure(
        text: "FileNotFoundError: [Errno 2] No such file or directory: '\(place.path)/none/0.tmp'")
    ) { try writer.perform(.write(name: "0.tmp", contents: "")) }
    #expect(throws: KeyDirectoryWriter.Failure(text: "ValueError: x")) {
      try writer.perform(.fail("ValueError: x"))
    }
  }

  @Test func `a directory that others may enter is known as such, and what is no file is left out`()
    throws
  {
    let place = KeyPlace()
    chmod(place.path, 0o755)
    mkdir(place.path + "/keys", 0o700)
    let directory = KeyDirectory.read(place.path)
    #expect(directory.access == .granted(writable: true, worldReadable: true))
    #expect(directory.files.isEmpty)
  }
}

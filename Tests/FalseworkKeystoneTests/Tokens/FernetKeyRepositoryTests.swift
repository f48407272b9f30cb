// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import Testing

@Suite struct FernetKeyRepositoryTests {
  private static func key(_ byte: UInt8) -> FernetKey {
    FernetKey(bytes: [UInt8](repeating: byte, count: 32))
  }

  private static func numbers(_ repository: FernetKeyRepository) -> [Int] {
    repository.entries.map(\.number)
  }

  @Test func `a key file holds 44 characters of 32 bytes, signing half first`() throws {
    let key = try #require(FernetKey(text: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="))
    #expect(key.signing == Array(0...15))
    #expect(key.encryption == Array(16...31))
    #expect(key.text == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    #expect(FernetKey(text: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==") == nil)
    #expect(FernetKey(text: "no key") == nil)
  }

  @Test func `setup leaves a staged and a primary key`() {
    var generator = SeededGenerator(seed: 1, stream: "keys")
    let repository = FernetKeyRepository.setup(using: &generator)
    #expect(Self.numbers(repository) == [0, 1])
    #expect(repository.primary == repository.entries[1].key)
    #expect(repository.entries[0].key != repository.entries[1].key)
  }

  @Test func `the primary is the highest, and reading begins there and ends with the staged`() {
    let repository = FernetKeyRepository([3: Self.key(3), 0: Self.key(0), 12: Self.key(12)])
    #expect(repository.primary == Self.key(12))
    #expect(repository.readingOrder.map(\.number) == [12, 3, 0])
  }

  @Test
  func `rotation makes the staged key the next primary and drops the lowest beyond the limit`() {
    var repository = FernetKeyRepository([0: Self.key(0), 1: Self.key(1)])
    repository.rotate(staging: Self.key(2), maxActiveKeys: 3)
    #expect(Self.numbers(repository) == [0, 1, 2])
    #expect(repository.primary == Self.key(0))
    #expect(repository.entries[0].key == Self.key(2))
    repository.rotate(staging: Self.key(3), maxActiveKeys: 3)
    #expect(Self.numbers(repository) == [0, 2, 3])
    #expect(repository.primary == Self.key(2))
    repository.rotate(staging: Self.key(4), maxActiveKeys: 5)
    #expect(Self.numbers(repository) == [0, 2, 3, 4])
    repository.rotate(staging: Self.key(5), maxActiveKeys: 1)
    #expect(Self.numbers(repository) == [0, 5])
    #expect(repository.primary == Self.key(4))
  }

  @Test func `a node one rotation behind reads what the others make, two behind does not`() throws {
    var ahead = FernetKeyRepository([0: Self.key(0), 1: Self.key(1)])
    let behind = ahead
    let iv = [UInt8](repeating: 7, count: 16)
    ahead.rotate(staging: Self.key(2), maxActiveKeys: 3)
    let one = FernetEnvelope.seal([1, 2, 3], key: ahead.primary, seconds: 5, iv: iv)
    let opened = try FernetEnvelope.open(one, repository: behind)
    #expect(opened.payload == [1, 2, 3] && opened.seconds == 5)
    ahead.rotate(staging: Self.key(3), maxActiveKeys: 3)
    let two = FernetEnvelope.seal([1, 2, 3], key: ahead.primary, seconds: 5, iv: iv)
    #expect(throws: TokenDefect.unrecognized) {
      try FernetEnvelope.open(two, repository: behind)
    }
    let theirs = FernetEnvelope.seal([9], key: behind.primary, seconds: 5, iv: iv)
    #expect(throws: TokenDefect.unrecognized) {
      try FernetEnvelope.open(theirs, repository: ahead)
    }
  }
}

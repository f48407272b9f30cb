// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Testing

@Suite struct CredentialKeyRepositoryTests {
  private static let iv = [UInt8](repeating: 5, count: 16)

  private static func repository(_ keys: [Int: UInt8], suffix: String = "")
    -> CredentialKeyRepository
  {
    var lines: [KeystoneLogLine] = []
    return CredentialKeyRepository(
      KeyDirectory(
        path: "/c", access: .granted(writable: true, worldReadable: false),
        files: keys.map {
          .init(
            name: "\($0.key)",
            contents: FernetKey(bytes: [UInt8](repeating: $0.value, count: 32)).text + suffix)
        }), release: .newest, into: &lines)
  }

  @Test func `the null key's hash is what Keystone writes for it`() {
    // hashlib.sha1(NULL_KEY).hexdigest()
    #expect(
      CredentialKeyRepository.null.primaryKeyHash == "c5bdc272b97a0d521ef878dc26fb73e4075544dc")
    #expect(CredentialKeyRepository.null.usesNullKey)
  }

  @Test func `a secret comes back, its text is padded, and the hash is of the key's file`() throws {
    let repository = Self.repository([0: 1, 1: 2])
    #expect(!repository.usesNullKey)
    for length in 0..<40 {
      let blob = String(repeating: "s", count: length)
      let row = try repository.encrypt(blob, seconds: 1, iv: Self.iv)
      #expect(row.text.utf8.count % 4 == 0)
      #expect(row.keyHash == repository.primaryKeyHash)
      #expect(try repository.decrypt(row.text) == blob)
    }
    // Keystone digests the file as it is, a line feed among it.
    #expect(
      Self.repository([0: 1, 1: 2], suffix: "\n").primaryKeyHash != repository.primaryKeyHash)
  }

  @Test func `a node without keys reads null-key rows and no others, one with keys reads both`()
    throws
  {
    let null = CredentialKeyRepository.null
    let keyed = Self.repository([0: 1, 1: 2])
    let published = try null.encrypt("a", seconds: 1, iv: Self.iv)
    let secret = try keyed.encrypt("b", seconds: 1, iv: Self.iv)
    #expect(try keyed.decrypt(published.text) == "a")
    #expect(throws: CredentialKeyRepository.Defect.undecipherable) {
      try null.decrypt(secret.text)
    }
  }

  @Test func `migration brings a row to the primary key, and only then may it rotate`() throws {
    let old = try CredentialKeyRepository.null.encrypt("a", seconds: 1, iv: Self.iv)
    let repository = Self.repository([0: 1, 1: 2])
    #expect(repository.refusalToRotate(keyHashes: [old.keyHash]) != nil)
    #expect(repository.refusalToRotate(keyHashes: []) == nil)
    let new = try #require(try repository.migrated(old, seconds: 2, iv: Self.iv))
    #expect(try repository.decrypt(new.text) == "a")
    #expect(repository.refusalToRotate(keyHashes: [new.keyHash]) == nil)
    #expect(try repository.migrated(new, seconds: 3, iv: Self.iv) == nil)
  }

  @Test func `a bad key file makes every credential undecipherable`() throws {
    var lines: [KeystoneLogLine] = []
    let repository = CredentialKeyRepository(
      KeyDirectory(
        path: "/c", access: .granted(writable: true, worldReadable: false),
        files: [.init(name: "0", contents: "half")]), release: .newest, into: &lines)
    #expect(throws: CredentialKeyRepository.Defect.unusableKeys) {
      try repository.encrypt("a", seconds: 1, iv: Self.iv)
    }
    #expect(throws: CredentialKeyRepository.Defect.unusableKeys) { try repository.decrypt("x") }
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Testing

@Suite struct JWSKeyRepositoryTests {
  private static func directory(_ path: String, _ files: [String: String]) -> KeyDirectory {
    KeyDirectory(
      path: path, access: .granted(writable: true, worldReadable: false),
      files: files.map { .init(name: $0.key, contents: $0.value) })
  }

  @Test func `private pem signs, and every file of the public directory is tried`() {
    let keys = JWSKeyRepository(
      privateDirectory: Self.directory("/p", ["private.pem": "P", "old.pem": "O"]),
      publicDirectory: Self.directory("/q", ["b.pem": "B", "a": "A", ".hidden": "H"]))
    #expect(keys.privateKey == "P")
    #expect(keys.publicKeys == ["H", "A", "B"])
    #expect(keys.refusalToStart == nil)
  }

  /// The texts of keystone/token/providers/jws/core.py, Stein to 2026.2.
  @Test func `a node without its keys does not start, and says which are missing`() {
    let privateKeys = Self.directory("/p", ["private.pem": "P"])
    var keys = JWSKeyRepository(
      privateDirectory: .missing("/p"), publicDirectory: .missing("/q"))
    #expect(
      keys.refusalToStart
        == "/p/private.pem does not exist. You can generate a key pair using `keystone-manage "
        + "create_jws_keypair`.")
    keys.privateDirectory = privateKeys
    #expect(
      keys.refusalToStart
        == "/q does not exist. Please make sure the directory exists and is readable by the "
        + "process running keystone.")
    keys.publicDirectory = .empty("/q")
    #expect(
      keys.refusalToStart
        == "/q must contain at least one public key but it is empty. You can generate a key pair "
        + "using `keystone-manage create_jws_keypair`.")
  }
}

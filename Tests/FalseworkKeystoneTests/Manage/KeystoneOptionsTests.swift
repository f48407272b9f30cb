// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Testing

@Suite struct KeystoneOptionsTests {
  private static func options(_ text: String, _ name: String) throws -> KeystoneOptions {
    var configuration = KeystoneConfiguration(environment: [:])
    #expect(configuration.read(text, file: "k") == [])
    return try KeystoneOptions(configuration, release: try #require(Release(named: name)))
  }

  @Test func `without a word in a file there are Keystone's defaults`() throws {
    let options = try Self.options("", "2026.1")
    #expect(options.tokens == .init(path: "/etc/keystone/fernet-keys/", maxActiveKeys: 3))
    #expect(options.receipts == options.tokens)
    #expect(options.credentialPath == "/etc/keystone/credential-keys/")
    #expect(options.tokenProvider == "fernet")
    #expect(options.maxTokenSize == 255)
    #expect(try Self.options("", "newton").tokenProvider == "uuid")
    #expect(try Self.options("", "newton").maxTokenSize == 8_192)
  }

  @Test func `the repository of receipts does not follow that of the tokens`() throws {
    let options = try Self.options("[fernet_tokens]\nkey_repository = /k", "2026.1")
    #expect(options.tokens.path == "/k")
    #expect(options.receipts.path == "/etc/keystone/fernet-keys/")
  }

  @Test func `a limit below one is refused from Newton on`() throws {
    let text = "[fernet_tokens]\nmax_active_keys = 0"
    #expect(try Self.options(text, "mitaka").tokens.maxActiveKeys == 0)
    #expect(throws: KeystoneConfiguration.Problem.self) { try Self.options(text, "newton") }
  }

  @Test func `the algorithm of key pairs is a choice from 2026-2 on`() throws {
    let text = "[jwt_tokens]\njws_algorithm = EdDSA"
    #expect(try Self.options(text, "2026.1").jwsAlgorithm == "ES256")
    #expect(try Self.options(text, "2026.2").jwsAlgorithm == "EdDSA")
  }
}

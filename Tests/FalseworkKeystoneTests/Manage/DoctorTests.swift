// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Testing

@Suite struct DoctorTests {
  private static let keys = KeyDirectory(
    path: "/k", keys: FernetKeyRepository([0: .null, 1: .null]))

  private static func symptoms(
    _ text: String, release: String = "2026.1", tokenKeys: KeyDirectory = keys,
    credentialKeys: KeyDirectory = keys
  ) throws -> [Doctor.Symptom] {
    var configuration = KeystoneConfiguration(environment: [:])
    #expect(configuration.read(text, file: "k") == [])
    let release = try #require(Release(named: release))
    let doctor = Doctor(
      release: release, configuration: configuration,
      options: try KeystoneOptions(configuration, release: release), tokenKeys: tokenKeys,
      credentialKeys: credentialKeys)
    var lines: [KeystoneLogLine] = []
    return try doctor.symptoms(into: &lines)
  }

  private static let healthy = "[cache]\nenabled = true\nbackend = dogpile.cache.memcached\n"

  @Test(
    arguments: [
      ("", []), ("[DEFAULT]\ndebug = true", [.debugMode]),
      ("[database]\nconnection = sqlite:///k.db", [.databaseIsSQLite]),
      ("[DEFAULT]\nmax_token_size = 256", [.maxTokenSize]),
      ("[credential]\nkey_repository = /etc/keystone/fernet-keys/", [.sharedRepository]),
      ("[saml]\ncertfile = a,b\nkeyfile = c,d", [.commaInPrivateKeyPath, .commaInCertificatePath]),
      ("[ldap]\ngroup_objectclass = posixGroup", [.groupMembersAreNoIDs]),
      ("[ldap]\ngroup_objectclass = posixGroup\ngroup_members_are_ids = true", []),
      ("[ldap]\nuser_enabled_emulation_dn = x", [.emulationNameIgnored]),
      (
        "[ldap]\nuser_enabled_emulation_use_group_config = true\nuser_enabled_emulation_dn = x",
        [.emulationNameIgnored, .emulationGroupIgnored]
      ),
      ("[ldap]\nuser_enabled_emulation_dn = x\nuser_enabled_emulation = true", []),
      ("[security_compliance]\npassword_regex = ^.{8,}$", [.patternNotDescribed]),
      (
        "[security_compliance]\npassword_regex = (\npassword_regex_description = x",
        [.badPasswordPattern]
      ),
      (
        "[security_compliance]\nminimum_password_age = 7\npassword_expires_days = 7",
        [.passwordsTooYoung]
      ),
      ("[security_compliance]\nminimum_password_age = 7", []),
    ] as [(String, [Doctor.Symptom])])
  func `each symptom is found where it is, and no other`(
    text: String, symptoms: [Doctor.Symptom]
  ) throws {
    #expect(try Self.symptoms(Self.healthy + text) == symptoms)
  }

  @Test func `caching is asked for, and then a backend that keeps something`() throws {
    #expect(try Self.symptoms("") == [.cachingDisabled])
    #expect(try Self.symptoms("[cache]\nenabled = true") == [.cachingWithoutBackend])
  }

  @Test func `repositories are to be there and to hold keys, if they are used`() throws {
    #expect(
      try Self.symptoms(Self.healthy, tokenKeys: .missing("/k"), credentialKeys: .empty("/c"))
        == [.noCredentialKeys, .noTokenKeys, .tokenRepository])
    let others = "[token]\nprovider = jws\n[credential]\nprovider = other"
    #expect(
      try Self.symptoms(
        Self.healthy + others, tokenKeys: .missing("/k"), credentialKeys: .missing("/c")) == [])
  }

  @Test func `Newton does not mind its debug mode, and its UUID tokens are 32 characters long`()
    throws
  {
    let text = Self.healthy + "[DEFAULT]\ndebug = true"
    #expect(try Self.symptoms(text, release: "newton") == [.maxTokenSize])
    #expect(try Self.symptoms(text, release: "ocata") == [.debugMode])
  }

  @Test func `every symptom has a headline and says more`() {
    for symptom in Doctor.Symptom.allCases {
      #expect(symptom.text.split(separator: "\n").count >= 2)
    }
  }
}

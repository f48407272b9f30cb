// SPDX-License-Identifier: Apache-2.0

/// `keystone-manage doctor`: what is wrong with a deployment, as far as its configuration and its
/// key repositories tell (`keystone/cmd/doctor/`, Newton and later).
///
/// Two of Keystone's symptoms are not looked for: files of LDAP domains, and whether memcached
/// answers.
package struct Doctor: Sendable {
  package enum Symptom: String, CaseIterable, Equatable, Sendable {
    // In the order in which Keystone asks.
    case cachingDisabled = "caching_disabled"
    case cachingWithoutBackend = "caching_enabled_without_a_backend"
    case noCredentialKeys = "keys_in_credential_fernet_key_repository"
    case sharedRepository = "unique_key_repositories"
    case credentialRepository = "usability_of_credential_fernet_key_repository"
    case databaseIsSQLite = "database_connection_is_not_SQLite"
    case debugMode = "debug_mode_is_enabled"
    case commaInPrivateKeyPath = "comma_in_SAML_private_key_file_path"
    case commaInCertificatePath = "comma_in_SAML_public_certificate_path"
    case groupMembersAreNoIDs = "LDAP_group_members_are_ids_disabled"
    case emulationNameIgnored = "LDAP_user_enabled_emulation_dn_ignored"
    case emulationGroupIgnored = "LDAP_user_enabled_emulation_use_group_config_ignored"
    case badPasswordPattern = "invalid_password_regular_expression"
    case passwordsTooYoung = "minimum_password_age_greater_than_expires_days"
    case patternNotDescribed = "password_regular_expression_description_not_set"
    case maxTokenSize = "unreasonable_max_token_size"
    case noTokenKeys = "keys_in_Fernet_key_repository"
    case tokenRepository = "usability_of_Fernet_key_repository"

    /// Keystone's headline, and what to do in words of our own.
    package var text: String {
      switch self {
      case .cachingDisabled:
        "`keystone.conf [cache] enabled` is not enabled.\n"
          + "Every validation then reads the database anew."
      case .cachingWithoutBackend:
        "Caching is not completely configured.\n"
          + "[cache] enabled is set, but [cache] backend still is dogpile.cache.null, which keeps\n"
          + "nothing. Name a real one, such as dogpile.cache.memcached."
      case .noCredentialKeys:
        "Credential key repository is empty.\n"
          + "Fill it with `keystone-manage credential_setup`; until then the null key is used."
      case .sharedRepository:
        "Key repositories for encryption should be unique.\n"
          + "[credential] key_repository and [fernet_tokens] key_repository are the same: a rotation\n"
          + "for tokens can delete a key that a credential still needs."
      case .credentialRepository:
        "Credential key repository is not setup correctly.\n"
          + "It must be readable by the user who runs keystone, and by nobody else."
      case .databaseIsSQLite:
        "SQLite is not recommended for production deployments.\n"
          + "Its support for migrations is limited. See [database] connection."
      case .debugMode:
        "Debug mode should be set to False.\n"
          + "The log tells more than it should. See [DEFAULT] debug."
      case .commaInPrivateKeyPath:
        "`[saml] certfile` should not contain a comma (`,`).\n"
          + "So it is said of [saml] keyfile, too: xmlsec1 takes the comma for a separator."
      case .commaInCertificatePath:
        "`[saml] certfile` should not contain a comma (`,`).\n"
          + "xmlsec1 takes the comma for a separator."
      case .groupMembersAreNoIDs:
        "`[ldap] group_members_are_ids` is not enabled.\n"
          + "Groups of the class posixGroup hold ids where others hold names."
      case .emulationNameIgnored:
        "`[ldap] user_enabled_emulation_dn` is being ignored.\n"
          + "It counts only with [ldap] user_enabled_emulation."
      case .emulationGroupIgnored:
        "`[ldap] user_enabled_emulation_use_group_config` is being ignored.\n"
          + "It counts only with [ldap] user_enabled_emulation."
      case .badPasswordPattern:
        "Invalid password regular expression.\n"
          + "Nobody can change a password until [security_compliance] password_regex is one."
      case .passwordsTooYoung:
        "Minimum password age should be less than the password expires days.\n"
          + "A password would expire before it may be changed; see [security_compliance]."
      case .patternNotDescribed:
        "Password regular expression description is not set.\n"
          + "A user whose password is refused is not told why. Set [security_compliance]\n"
          + "password_regex_description."
      case .maxTokenSize:
        "`keystone.conf [DEFAULT] max_token_size` should be adjusted.\n"
          + "A Fernet token has 255 characters at most, unless ids are not UUIDs."
      case .noTokenKeys:
        "Fernet key repository is empty.\n"
          + "Fill it with `keystone-manage fernet_setup`."
      case .tokenRepository:
        "Fernet key repository is not setup correctly.\n"
          + "It must be readable by the user who runs keystone, and by nobody else."
      }
    }
  }

  package let release: Release
  package let configuration: KeystoneConfiguration
  package let options: KeystoneOptions
  /// As they are on disk.
  package let tokenKeys: KeyDirectory
  package let credentialKeys: KeyDirectory

  package init(
    release: Release, configuration: KeystoneConfiguration, options: KeystoneOptions,
    tokenKeys: KeyDirectory, credentialKeys: KeyDirectory
  ) {
    self.release = release
    self.configuration = configuration
    self.options = options
    self.tokenKeys = tokenKeys
    self.credentialKeys = credentialKeys
  }

  /// The symptoms that are there, in Keystone's order.
  ///
  /// - Parameter lines: what its log says of the repositories meanwhile.
  package func symptoms(
    into lines: inout [KeystoneLogLine]
  ) throws(KeystoneConfiguration.Problem) -> [Symptom] {
    var found: [Symptom] = []
    for symptom in Symptom.allCases {
      // Newton knew neither.
      if symptom == .debugMode, release.number < 11 { continue }
      if try isThere(symptom, &lines) { found.append(symptom) }
    }
    return found
  }

  private func isThere(
    _ symptom: Symptom, _ lines: inout [KeystoneLogLine]
  ) throws(KeystoneConfiguration.Problem) -> Bool {
    switch symptom {
    case .cachingDisabled: !options.isCacheEnabled
    case .cachingWithoutBackend:
      options.isCacheEnabled && options.cacheBackend == "dogpile.cache.null"
    case .sharedRepository: options.credentialPath == options.tokens.path
    case .noCredentialKeys, .credentialRepository:
      options.credentialProvider.contains("fernet")
        && isUnusable(
          credentialKeys, .credentials, asksForKeys: symptom == .noCredentialKeys, &lines)
    case .noTokenKeys, .tokenRepository:
      options.tokenProvider.contains("fernet")
        && isUnusable(tokenKeys, .tokens, asksForKeys: symptom == .noTokenKeys, &lines)
    case .databaseIsSQLite: options.connection?.contains("sqlite") ?? false
    case .debugMode: options.isDebug
    case .maxTokenSize:
      options.tokenProvider.contains("fernet") && options.maxTokenSize > 255
        || options.tokenProvider.contains("uuid") && options.maxTokenSize != 32
    case .commaInPrivateKeyPath: configuration.text("saml", "keyfile")?.contains(",") ?? false
    case .commaInCertificatePath: configuration.text("saml", "certfile")?.contains(",") ?? false
    case .groupMembersAreNoIDs:
      try isTrue("ldap", "group_members_are_ids")
        ? false : configuration.text("ldap", "group_objectclass") == "posixGroup"
    case .emulationNameIgnored:
      try isTrue("ldap", "user_enabled_emulation")
        ? false : configuration.text("ldap", "user_enabled_emulation_dn") != nil
    case .emulationGroupIgnored:
      try isTrue("ldap", "user_enabled_emulation")
        ? false : isTrue("ldap", "user_enabled_emulation_use_group_config")
    case .badPasswordPattern: !passwordPattern.isEmpty && !Self.isExpression(passwordPattern)
    case .passwordsTooYoung: try arePasswordsTooYoung()
    case .patternNotDescribed:
      !passwordPattern.isEmpty
        && (configuration.text("security_compliance", "password_regex_description") ?? "").isEmpty
    }
  }

  private func isUnusable(
    _ directory: KeyDirectory, _ group: KeyRepositoryGroup, asksForKeys: Bool,
    _ lines: inout [KeystoneLogLine]
  ) -> Bool {
    let rules = KeyRepositoryRules(
      group: group, release: release, maxActiveKeys: options.tokens.maxActiveKeys)
    guard rules.isValid(directory, forWriting: false, into: &lines) else { return true }
    return asksForKeys && directory.numbered(release, into: &lines).isEmpty
  }

  private func isTrue(
    _ group: String, _ option: String
  ) throws(KeystoneConfiguration.Problem) -> Bool {
    try configuration.isTrue(group, option, default: false)
  }

  private var passwordPattern: String {
    configuration.text("security_compliance", "password_regex") ?? ""
  }

  /// Swift's expressions and Python's agree on what such a pattern has in it.
  private static func isExpression(_ pattern: String) -> Bool {
    do {
      _ = try Regex(pattern)
      return true
    } catch {
      return false
    }
  }

  private func arePasswordsTooYoung() throws(KeystoneConfiguration.Problem) -> Bool {
    let group = "security_compliance"
    let age = try configuration.number(group, "minimum_password_age", default: 0)
    let days = try configuration.number(group, "password_expires_days", default: 0)
    return age > 0 && days > 0 && age >= days
  }
}

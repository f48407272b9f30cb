// SPDX-License-Identifier: Apache-2.0

/// The options of `keystone.conf` that keys, the database and `doctor` depend on, with the defaults
/// of `keystone/conf/`.
package struct KeystoneOptions: Equatable, Sendable {
  package struct Repository: Equatable, Sendable {
    package var path: String
    package var maxActiveKeys: Int

    package init(path: String, maxActiveKeys: Int) {
      self.path = path
      self.maxActiveKeys = maxActiveKeys
    }
  }

  package var tokens: Repository
  package var receipts: Repository
  package var credentialPath: String
  package var credentialProvider: String
  package var tokenProvider: String
  package var jwsPrivatePath: String
  package var jwsPublicPath: String
  /// `[jwt_tokens] jws_algorithm`, 2026.2 and later.
  package var jwsAlgorithm: String
  /// `[database] connection`.
  package var connection: String?
  package var defaultDomainID: String
  package var isDebug: Bool
  package var maxTokenSize: Int
  package var isCacheEnabled: Bool
  package var cacheBackend: String

  package init(
    _ configuration: KeystoneConfiguration, release: Release
  ) throws(KeystoneConfiguration.Problem) {
    func repository(
      _ group: KeyRepositoryGroup
    ) throws(KeystoneConfiguration.Problem) -> Repository {
      Repository(
        path: configuration.text(group.rawValue, "key_repository") ?? group.defaultPath,
        maxActiveKeys: try configuration.number(
          group.rawValue, "max_active_keys", default: KeyRepositoryRules.defaultMaxActiveKeys,
          // Older releases mend it when they rotate.
          atLeast: release.number >= 10 ? 1 : .min))
    }
    tokens = try repository(.tokens)
    receipts = try repository(.receipts)
    credentialPath =
      configuration.text("credential", "key_repository")
      ?? KeyRepositoryGroup.credentials.defaultPath
    credentialProvider = configuration.text("credential", "provider") ?? "fernet"
    tokenProvider =
      configuration.text("token", "provider") ?? release.defaultProvider.rawValue
    jwsPrivatePath =
      configuration.text("jwt_tokens", "jws_private_key_repository")
      ?? JWSKeyRepository.defaultPrivatePath
    jwsPublicPath =
      configuration.text("jwt_tokens", "jws_public_key_repository")
      ?? JWSKeyRepository.defaultPublicPath
    jwsAlgorithm =
      release.number >= 30 ? configuration.text("jwt_tokens", "jws_algorithm") ?? "ES256" : "ES256"
    connection = configuration.text("database", "connection")
    defaultDomainID = configuration.text("identity", "default_domain_id") ?? "default"
    isDebug = try configuration.isTrue("DEFAULT", "debug", default: false)
    maxTokenSize = try configuration.number(
      "DEFAULT", "max_token_size", default: release.number >= 11 ? 255 : 8_192)
    // The server's default is true; `keystone-manage` never gets to hear of that.
    isCacheEnabled = try configuration.isTrue("cache", "enabled", default: false)
    cacheBackend = configuration.text("cache", "backend") ?? "dogpile.cache.null"
  }
}

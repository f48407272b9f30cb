// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkCore
import FalseworkKeystone
import FalseworkLive
import FalseworkStorage
import Glibc

/// The database that a command works on.
struct DatabaseOptions: ParsableArguments {
  @Option(help: "The file of SQLite, whatever [database] connection says.")
  var database: String?

  /// `sqlite:///a.db` is a path from here, `sqlite:////a.db` one from the root.
  func path(_ settings: KeystoneOptions) throws -> String {
    if let database { return database }
    let prefix = "sqlite:///"
    if let connection = settings.connection, connection.hasPrefix(prefix) {
      return String(connection.dropFirst(prefix.count).prefix { $0 != "?" })
    }
    TextFile.complain(
      "which database? give --database FILE, or [database] connection = sqlite:///FILE")
    throw ExitCode(1)
  }

  func open(
    _ settings: KeystoneOptions, keys: CredentialKeyRepository = .null
  ) throws -> DatabaseFile {
    let path = try path(settings)
    return try reported { try DatabaseFile(path: path, credentialKeys: keys) }
  }
}

/// Says what is wrong with a database, and ends with 1.
private func reported<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let failure as DatabaseFile.Failure {
    TextFile.complain("\(failure)")
    throw ExitCode(1)
  }
}

struct DbSyncCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "db_sync",
    abstract: "Bring the database's schema to a release, in phases (from Newton on) or at once.",
    discussion: """
        falsework keystone-manage db_sync --expand --database keystone.db
        falsework keystone-manage db_sync --check --database keystone.db

      --check (from Pike on) ends with 0 if all is done, 1 if the phases were run out
      of order, 2, 3 or 4 if --expand, --migrate or --contract is next. It can be asked
      of a real Keystone's SQLite file as well.
      """)
  @OptionGroup var options: KeystoneManageOptions
  @OptionGroup var place: DatabaseOptions

  @Flag(help: "Add what the release reads.") var expand = false
  @Flag(help: "Copy the data.") var migrate = false
  @Flag(help: "Remove what only older releases read.") var contract = false
  @Flag(help: "Say what is to be done next.") var check = false

  @Argument(help: "A version; no release takes one any more.") var version: String?

  func validate() throws {
    guard [expand, migrate, contract, check].filter({ $0 }).count <= 1 else {
      throw ValidationError("--expand, --migrate, --contract and --check exclude each other")
    }
  }

  func run() throws {
    let (release, _, settings) = try options.read(for: .dbSync)
    if check {
      guard release.number >= 12 else {
        TextFile.complain("keystone-manage db_sync: error: unrecognized arguments: --check")
        throw ExitCode(2)
      }
      throw ExitCode(Int32(try status(release, settings)))
    }
    if version != nil {
      KeystoneLog.writeUnhandled("Exception: Specifying a version is no longer supported")
      throw ExitCode(1)
    }
    let file = try place.open(settings)
    try reported {
      if try file.isForeign { throw DatabaseFile.Failure.foreign(path: file.path) }
      var schema = try file.schema() ?? SchemaState(of: Release.all[0])
      try change(&schema, release)
      if try file.load() == nil {
        var store = IdentityStore()
        store.schema = schema
        try file.save(store)
      } else {
        try file.write(schema)
      }
    }
  }

  private func change(_ schema: inout SchemaState, _ release: Release) throws {
    do throws(SchemaState.Refusal) {
      if expand {
        try schema.run(.expand, as: release)
      } else if migrate {
        if release.usesAlembic {
          Terminal.write(
            "Data migrations are no longer supported with alembic. This is now a no-op.\n",
            to: .output)
        }
        try schema.run(.migrate, as: release)
      } else if contract {
        try schema.run(.contract, as: release)
      } else {
        schema.sync(as: release)
      }
    } catch {
      switch error {
      case .noPhases:
        TextFile.complain("keystone-manage db_sync: error: \(error.message)")
        throw ExitCode(2)
      case .ahead:
        // The branches of Alembic have no `_repo` in their names.
        let text = release.usesAlembic ? error.message.replacing("_repo", with: "") : error.message
        KeystoneLog.writeUnhandled("oslo_db.exception.DBMigrationError: \(text)")
        throw ExitCode(1)
      }
    }
  }

  private func status(_ release: Release, _ settings: KeystoneOptions) throws -> Int {
    let path = try place.path(settings)
    let schema =
      TextFile.exists(path)
      ? try reported { try place.open(settings).schema() } : nil
    guard let schema else {
      if release.usesAlembic {
        say(Self.text(.needsExpand, release))
        say(
          "Current repository versions:\nExpand: None (head: \(release.schemaHeads.expand))\n"
            + "Contract: None (head: \(release.schemaHeads.contract))")
        return 2
      }
      say(
        "Your database is not currently under version control or the database is already "
          + "controlled. Your first step is to run `keystone-manage db_sync --expand`.")
      return 2
    }
    let status = schema.status(for: release)
    say(Self.text(status, release))
    let heads = (schema.expanded.schemaHeads.expand, schema.contracted.schemaHeads.contract)
    say(
      "Current repository versions:\nExpand: \(heads.0) (head: \(release.schemaHeads.expand))\n"
        + "Contract: \(schema.contracted.hasSchemaPhases ? heads.1 : "None") "
        + "(head: \(release.schemaHeads.contract))")
    return status.rawValue
  }

  private static func text(_ status: SchemaState.Status, _ release: Release) -> String {
    switch status {
    case .upToDate: "All db_sync commands are upgraded to the same version and up-to-date."
    case .outOfSync:
      "Your database is out of sync. For more information refer to "
        + "https://docs.openstack.org/keystone/latest/admin/identity-upgrading.html"
    case .needsExpand:
      "Your database is not up to date. Your first step is to run `keystone-manage db_sync "
        + "--expand`."
    case .needsMigrate:
      "Expand version is ahead of migrate. Your next step is to run `keystone-manage db_sync "
        + "--migrate`."
    case .needsContract:
      "\(release.usesAlembic ? "Expand" : "Migrate") version is ahead of contract. Your next step is "
        + "to run `keystone-manage db_sync --contract`."
    }
  }

  private func say(_ text: String) {
    KeystoneLog.write(KeystoneLogLine(.info, "keystone.cmd.cli", text))
  }
}

struct DbVersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "db_version", abstract: "Print the version of the database's schema.")
  @OptionGroup var options: KeystoneManageOptions
  @OptionGroup var place: DatabaseOptions

  func run() throws {
    let (release, _, settings) = try options.read(for: .dbVersion)
    let path = try place.path(settings)
    let schema =
      TextFile.exists(path)
      ? try reported { try place.open(settings).schema() } : nil
    guard let schema else {
      return Terminal.write(release.usesAlembic ? "None\n" : "0\n", to: .output)
    }
    let version =
      schema.expanded.usesAlembic || !schema.expanded.hasSchemaPhases
      ? schema.expanded.schemaHeads.expand
      // The repository of before the phases, which stands still since Newton.
      : "109"
    Terminal.write("\(Int(version).map { "\($0)" } ?? version)\n", to: .output)
  }
}

struct TokenFlushCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token_flush", abstract: "Remove tokens that are over (up to Rocky).")
  @OptionGroup var options: KeystoneManageOptions
  @OptionGroup var place: DatabaseOptions

  func run() throws {
    let (release, _, settings) = try options.read(for: .tokenFlush)
    let file = try place.open(settings)
    if release.number == 14 {
      KeystoneLog.write(
        KeystoneLogLine(
          .warning, "keystone.cmd.cli",
          "The token_flush command is deprecated and will be removed in Stein."))
    }
    // From Ocata on a token that is over can still be asked for.
    let kept: Interval = release.hasAllowExpired ? .seconds(172_800) : .zero
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let end = UTCTime(seconds: Int64(now.tv_sec) - kept.nanoseconds / 1_000_000_000)
    let count = try reported { try file.flushTokens(endedBefore: end) }
    KeystoneLog.write(
      KeystoneLogLine(
        .info, "keystone.token.persistence.backends.sql", "Total expired tokens removed: \(count)"))
  }
}

struct BootstrapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bootstrap",
    abstract: "Make the first user, project and roles, and the identity endpoints.",
    discussion: """
        falsework keystone-manage bootstrap --database keystone.db \\
          --bootstrap-password secret --bootstrap-region-id RegionOne \\
          --bootstrap-public-url http://127.0.0.1:5000/v3

      Variables such as OS_BOOTSTRAP_PASSWORD go before options. Can be run again: it
      makes what is missing, and sets the password anew.
      """)
  @OptionGroup var options: KeystoneManageOptions
  @OptionGroup var place: DatabaseOptions

  @Option var bootstrapUsername = "admin"
  @Option var bootstrapPassword: String?
  @Option var bootstrapProjectName = "admin"
  @Option var bootstrapRoleName = "admin"
  @Option var bootstrapServiceName = "keystone"
  @Option var bootstrapAdminURL: String?
  @Option var bootstrapPublicURL: String?
  @Option var bootstrapInternalURL: String?
  @Option var bootstrapRegionID: String?
  @Flag(help: "As without it: roles are immutable (from Ussuri on).") var immutableRoles = false
  @Flag(help: "Make roles that can be changed.") var noImmutableRoles = false

  func run() throws {
    let (release, _, settings) = try options.read(for: .bootstrap)
    func value(_ name: String, _ option: String?) -> String? {
      let text = TextFile.environment("OS_BOOTSTRAP_" + name) ?? ""
      return text.isEmpty ? option : text
    }
    guard let password = value("PASSWORD", bootstrapPassword) else {
      Terminal.write(
        "ERROR: Either --bootstrap-password argument or OS_BOOTSTRAP_PASSWORD must be set.\n",
        to: .output)
      throw ExitCode(1)
    }
    var bootstrap = Bootstrap(release: release, password: password)
    bootstrap.username = value("USERNAME", bootstrapUsername) ?? ""
    bootstrap.projectName = value("PROJECT_NAME", bootstrapProjectName) ?? ""
    bootstrap.roleName = value("ROLE_NAME", bootstrapRoleName) ?? ""
    bootstrap.serviceName = value("SERVICE_NAME", bootstrapServiceName) ?? ""
    bootstrap.adminURL = value("ADMIN_URL", bootstrapAdminURL)
    bootstrap.publicURL = value("PUBLIC_URL", bootstrapPublicURL)
    bootstrap.internalURL = value("INTERNAL_URL", bootstrapInternalURL)
    bootstrap.regionID = value("REGION_ID", bootstrapRegionID)
    bootstrap.defaultDomainID = settings.defaultDomainID
    bootstrap.makesImmutableRoles = !noImmutableRoles
    let file = try place.open(settings)
    try reported {
      guard var store = try file.load() else {
        KeystoneLog.writeUnhandled(
          "sqlalchemy.exc.OperationalError: no such table: project (run db_sync first)")
        throw ExitCode(1)
      }
      store.keepJournal()
      for line in bootstrap.run(on: &store, newID: Self.newID) { KeystoneLog.write(line) }
      try file.write(store.takeChanges(), of: store)
    }
  }

  private static func newID() -> String {
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
    return UUIDText.text(of: UUIDText.version4(bytes))
  }
}

struct CredentialMigrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "credential_migrate",
    abstract: "Encrypt credentials with the primary key (from Newton on).")
  @OptionGroup var options: KeystoneManageOptions
  @OptionGroup var owner: KeyOwnerOptions
  @OptionGroup var place: DatabaseOptions

  func run() throws {
    let (release, _, settings) = try options.read(for: .credentialMigrate)
    _ = try owner.owner(for: .credentialMigrate)
    let keys = CredentialWork.keys(release, settings)
    let file = try place.open(settings, keys: keys)
    try reported {
      var migrated: [(id: String, secret: CredentialKeyRepository.Encrypted)] = []
      for (id, secret) in try file.encryptedCredentials() {
        do throws(CredentialKeyRepository.Defect) {
          var generator = SystemRandomNumberGenerator()
          var now = timespec()
          clock_gettime(CLOCK_REALTIME, &now)
          let iv = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
          if let new = try keys.migrated(secret, seconds: Int64(now.tv_sec), iv: iv) {
            migrated.append((id, new))
          }
        } catch {
          KeystoneLog.writeUnhandled(
            "keystone.exception.CredentialEncryptionError: Credential could not be decrypted. "
              + "Please contact the administrator")
          throw ExitCode(1)
        }
      }
      try file.write(migrated)
    }
  }
}

struct CredentialRotateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "credential_rotate",
    abstract: "Rotate the keys of credentials (from Newton on).",
    discussion: """
        falsework keystone-manage credential_rotate --database keystone.db \\
          --keystone-user keystone --keystone-group keystone

      Refused as long as a credential is encrypted with another key than the primary:
      credential_migrate mends that.
      """)
  @OptionGroup var options: KeystoneManageOptions
  @OptionGroup var owner: KeyOwnerOptions
  @OptionGroup var place: DatabaseOptions

  func run() throws {
    let (release, _, settings) = try options.read(for: .credentialRotate)
    let work = KeyWork(
      CredentialWork.rules(release), path: settings.credentialPath,
      try owner.owner(for: .credentialRotate))
    guard work.isValid(.read(settings.credentialPath)) else { return }
    let keys = CredentialWork.keys(release, settings)
    let file = try place.open(settings, keys: keys)
    let hashes = try reported { try file.encryptedCredentials().map(\.secret.keyHash) }
    if let text = keys.refusalToRotate(keyHashes: hashes) {
      TextFile.complain(text)
      throw ExitCode(1)
    }
    try work.rotate()
  }
}

private enum CredentialWork {
  static func rules(_ release: Release) -> KeyRepositoryRules {
    KeyRepositoryRules(
      group: .credentials, release: release,
      maxActiveKeys: KeyRepositoryRules.defaultMaxActiveKeys)
  }

  /// What its reading says goes to the log.
  static func keys(_ release: Release, _ settings: KeystoneOptions) -> CredentialKeyRepository {
    var lines: [KeystoneLogLine] = []
    let keys = CredentialKeyRepository(
      .read(settings.credentialPath), release: release, into: &lines)
    for line in lines { KeystoneLog.write(line) }
    return keys
  }
}

// SPDX-License-Identifier: Apache-2.0

/// How far the migrations of the shared database have been run.
///
/// From Newton on `keystone-manage db_sync` has three phases, each of which brings the database to
/// the release that runs it:
///
///     --expand     adds what the release reads; the release before it does not mind
///     --migrate    copies data (nothing to do from Zed on)
///     --contract   removes what only older releases read
///
/// `db_sync` without a phase runs all three at once. What a release cannot find in the database is
/// in `missing`; whatever touches it is answered with 500.
package struct SchemaState: Equatable, Sendable {
  package enum Phase: String, CaseIterable, Equatable, Sendable {
    case expand, migrate, contract
  }

  /// What `keystone-manage db_sync --check` finds; the raw value is its exit code.
  package enum Status: Int, CaseIterable, Equatable, Sendable {
    case upToDate = 0
    case outOfSync = 1
    case needsExpand = 2
    case needsMigrate = 3
    case needsContract = 4
  }

  /// Why a command was refused.
  package enum Refusal: Error, Equatable, Sendable {
    /// The release is older than Newton, whose `db_sync` takes no phase.
    case noPhases(Release)
    /// From Pike on: the phase before it has not been run so far.
    case ahead(Phase, of: Phase)

    /// As the command prints it.
    package var message: String {
      switch self {
      case .noPhases(let release):
        "db_sync of \(release.name) has no phases: it is run offline, without any"
      case .ahead(let phase, let other):
        "You are attempting to upgrade \(phase.repository) ahead of \(other.repository). Please "
          + "refer to https://docs.openstack.org/keystone/latest/admin/identity-upgrading.html to "
          + "see the proper steps for rolling upgrades."
      }
    }
  }

  package private(set) var expanded: Release
  package private(set) var migrated: Release
  package private(set) var contracted: Release

  /// The database as `db_sync` of this release leaves it.
  package init(of release: Release) {
    expanded = release
    migrated = release
    contracted = release
  }

  /// As it was found in a database, in whatever order the phases were run.
  package init(expanded: Release, migrated: Release, contracted: Release) {
    self.expanded = expanded
    self.migrated = migrated
    self.contracted = contracted
  }

  // MARK: Commands

  /// `keystone-manage db_sync --expand`, `--migrate` or `--contract` of this release. A database
  /// that is further already is left as it is.
  package mutating func run(_ phase: Phase, as release: Release) throws(Refusal) {
    guard release.hasSchemaPhases else { throw .noPhases(release) }
    if release.ordersSchemaPhases {
      switch phase {
      case .expand: break
      case .migrate:
        guard release.usesAlembic || expanded >= release else {
          throw .ahead(.migrate, of: .expand)
        }
      case .contract:
        if release.usesAlembic {
          guard expanded >= release else { throw .ahead(.contract, of: .expand) }
        } else {
          guard migrated >= release else { throw .ahead(.contract, of: .migrate) }
        }
      }
    }
    switch phase {
    case .expand: expanded = max(expanded, release)
    case .migrate: migrated = max(migrated, release)
    case .contract:
      contracted = max(contracted, release)
      // Alembic has no third branch to leave behind.
      if release.usesAlembic { migrated = max(migrated, release) }
    }
  }

  /// `keystone-manage db_sync` without a phase: all of them.
  package mutating func sync(as release: Release) {
    expanded = max(expanded, release)
    migrated = max(migrated, release)
    contracted = max(contracted, release)
  }

  // MARK: Questions

  /// `keystone-manage db_sync --check` of this release (from Pike on).
  ///
  /// Releases without migrations of their own are up to date with the schema of the one before.
  package func status(for release: Release) -> Status {
    let head = release.schemaLevel
    let levels = (expanded.schemaLevel, migrated.schemaLevel, contracted.schemaLevel)
    if release.usesAlembic {
      if levels.0 < head { return .needsExpand }
      return levels.2 < release.contractLevel ? .needsContract : .upToDate
    }
    if levels.2 > levels.1 || levels.1 > levels.0 { return .outOfSync }
    if head > levels.0 { return .needsExpand }
    if levels.0 > levels.1 { return .needsMigrate }
    if levels.1 > levels.2 { return .needsContract }
    return .upToDate
  }

  package func has(_ part: SchemaPart) -> Bool {
    part.exists(expanded: expanded, contracted: contracted)
  }

  /// What a release would read of this area and does not find.
  package func missing(in area: SchemaPart.Area, for release: Release) -> SchemaPart? {
    guard expanded.number < release.number || contracted.number > release.number else {
      return nil
    }
    for part in SchemaPart.allCases
    where part.area == area && part.isUsed(by: release) && !has(part) {
      return part
    }
    return nil
  }

  /// Whether a trigger refuses to write to an area: from the expansion that installs it until the
  /// contraction that drops it. Newton guards credentials so, Ocata identity providers.
  package func isReadOnly(_ area: SchemaPart.Area) -> Bool {
    let guarding: Int
    switch area {
    case .credentials: guarding = 10
    case .identityProviders: guarding = 11
    case .users, .projects, .systemAssignments, .trusts, .limits, .applicationCredentials,
      .accessRules, .roles, .protocols, .groups, .mappings:
      return false
    }
    return expanded.number >= guarding && contracted.number < guarding
  }
}

extension SchemaState.Phase {
  /// What the messages of `keystone-manage` call it up to Yoga.
  var repository: String {
    switch self {
    case .expand: "expand_repo"
    case .migrate: "data_migration_repo"
    case .contract: "contract_repo"
    }
  }
}

/// What the releases' migrations are.
extension Release {
  /// `db_sync --expand`, `--migrate` and `--contract` came with Newton.
  package var hasSchemaPhases: Bool { number >= 10 }
  /// From Pike on a phase that is ahead of the one before it is refused.
  package var ordersSchemaPhases: Bool { number >= 12 }
  /// Two branches in place of three repositories.
  package var usesAlembic: Bool { number >= 22 }

  /// The heads of the release's migrations, as its code names them. Before Newton there is one
  /// repository, and from Zed on none for data. Placeholders count: they are versions too.
  package var schemaHeads: (expand: String, migrate: String?, contract: String) {
    switch number {
    case ...7: ("067", nil, "067")
    case 8: ("075", nil, "075")
    case 9: ("096", nil, "096")
    case 10: ("004", "004", "004")
    case 11: ("016", "016", "016")
    case 12: ("024", "024", "024")
    case 13: ("044", "044", "044")
    case 14: ("052", "052", "052")
    case 15: ("061", "061", "061")
    case 16: ("071", "071", "071")
    case 17...19: ("078", "078", "078")
    case 20, 21: ("079", "079", "079")
    case 22, 23: ("29e87d24a316", nil, "e25ffa003242")
    case 24: ("11c3b243b4cb", nil, "c88cdce8f248")
    case 25...27: ("47147121", nil, "c88cdce8f248")
    case 28: ("e8725d6fa226", nil, "c88cdce8f248")
    default: ("742c857f1dfb", nil, "c88cdce8f248")
    }
  }

  /// Grows with each release that has migrations of its own.
  fileprivate var schemaLevel: Int {
    switch number {
    case ...17: number
    case 18, 19: 17
    case 20, 21: 20
    case 22, 23: 22
    case 24: 24
    case 25...27: 25
    case 28: 28
    default: 29
    }
  }

  /// The same for what it contracts, from Zed on.
  fileprivate var contractLevel: Int { number >= 24 ? 24 : 22 }
}

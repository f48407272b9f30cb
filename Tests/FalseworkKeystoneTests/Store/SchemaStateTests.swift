// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Testing

private func release(_ name: String) -> Release { Release(named: name)! }

private func refusal(
  of phase: SchemaState.Phase, as release: Release, _ state: inout SchemaState
) -> SchemaState.Refusal? {
  do throws(SchemaState.Refusal) {
    try state.run(phase, as: release)
    return nil
  } catch {
    return error
  }
}

@Suite struct SchemaStateTests {
  @Test(arguments: Release.all)
  func `a release finds all that it reads in the database that it synced`(release: Release) {
    let state = SchemaState(of: release)
    for area in SchemaPart.Area.allCases {
      #expect(state.missing(in: area, for: release) == nil)
    }
    #expect(state.status(for: release) == .upToDate)
  }

  /// The promise of the phases: from Newton on, expand and migrate of the next release take nothing
  /// from this one, and give the next all that it reads.
  @Test(arguments: zip(Release.all, Release.all.dropFirst()).filter { $0.0.hasSchemaPhases })
  func `between expand and contract both releases work`(old: Release, new: Release) throws {
    var state = SchemaState(of: old)
    for phase in [SchemaState.Phase.expand, .migrate] {
      try state.run(phase, as: new)
      for area in SchemaPart.Area.allCases {
        #expect(state.missing(in: area, for: old) == nil, "\(old.name) after \(phase)")
        #expect(state.missing(in: area, for: new) == nil, "\(new.name) after \(phase)")
      }
    }
    try state.run(.contract, as: new)
    #expect(state == SchemaState(of: new))
  }

  @Test(arguments: [
    ("rocky", "stein", SchemaPart.Area.users, SchemaPart.passwordText),
    ("stein", "train", .limits, .limitKeys),
    ("liberty", "mitaka", .users, .userName),
  ])
  func `contracted too early, the old release misses what was removed`(
    old: String, new: String, area: SchemaPart.Area, part: SchemaPart
  ) {
    var state = SchemaState(of: release(old))
    state.sync(as: release(new))
    #expect(state.missing(in: area, for: release(old)) == part)
    #expect(state.missing(in: area, for: release(new)) == nil)
  }

  @Test(arguments: zip(Release.all, Release.all.dropFirst()).filter { $0.0.number >= 16 })
  func `since Ussuri a contraction takes nothing that the release before it reads`(
    old: Release, new: Release
  ) {
    var state = SchemaState(of: old)
    state.sync(as: new)
    for area in SchemaPart.Area.allCases { #expect(state.missing(in: area, for: old) == nil) }
  }

  @Test(arguments: [
    ("newton", "ocata", SchemaPart.Area.users, SchemaPart.userDomain),
    ("ocata", "pike", .users, .passwordHash), ("pike", "queens", .projects, .projectTag),
    ("stein", "train", .roles, .roleOption), ("train", "ussuri", .groups, .expiringMembership),
    ("2023.2", "2024.1", .mappings, .mappingVersion),
  ])
  func `new code before expand misses what would have been added`(
    old: String, new: String, area: SchemaPart.Area, part: SchemaPart
  ) {
    let state = SchemaState(of: release(old))
    #expect(state.missing(in: area, for: release(new)) == part)
    #expect(state.status(for: release(new)) == .needsExpand)
  }

  @Test func `check follows the phases`() throws {
    let pike = release("pike")
    var state = SchemaState(of: release("ocata"))
    var found = [state.status(for: pike)]
    for phase in SchemaState.Phase.allCases {
      try state.run(phase, as: pike)
      found.append(state.status(for: pike))
    }
    #expect(found == [.needsExpand, .needsMigrate, .needsContract, .upToDate])
  }

  @Test func `with Alembic check knows no migration of data`() throws {
    let bobcat = release("2023.2")
    var state = SchemaState(of: release("2023.1"))
    #expect(state.status(for: bobcat) == .needsExpand)
    try state.run(.expand, as: bobcat)
    #expect(state.status(for: bobcat) == .needsContract)
    try state.run(.contract, as: bobcat)
    #expect(state.status(for: bobcat) == .upToDate)
  }

  @Test(arguments: ["victoria", "wallaby", "yoga", "2023.1", "2025.1", "2026.2"])
  func `a release without migrations of its own has nothing to do`(name: String) throws {
    let new = release(name)
    let old = try #require(Release.all.last { $0 < new })
    #expect(SchemaState(of: old).status(for: new) == .upToDate)
  }

  @Test func `from Pike on a phase that is ahead is refused, before it runs and says nothing`() {
    let ahead = SchemaState.Refusal.ahead(.contract, of: .migrate)
    var state = SchemaState(of: release("ocata"))
    #expect(refusal(of: .contract, as: release("pike"), &state) == ahead)
    #expect(ahead.message.hasPrefix("You are attempting to upgrade contract_repo ahead of data_"))
    var newton = SchemaState(of: release("newton"))
    #expect(refusal(of: .contract, as: release("ocata"), &newton) == nil)
    #expect(newton.status(for: release("ocata")) == .outOfSync)
  }

  @Test func `before Newton there are no phases`() {
    var state = SchemaState(of: release("liberty"))
    let mitaka = release("mitaka")
    #expect(refusal(of: .expand, as: mitaka, &state) == .noPhases(mitaka))
  }

  @Test func `identity providers cannot be made while Ocata's trigger stands`() throws {
    let ocata = release("ocata")
    var state = SchemaState(of: release("newton"))
    #expect(!state.isReadOnly(.identityProviders))
    try state.run(.expand, as: ocata)
    #expect(state.isReadOnly(.identityProviders) && !state.isReadOnly(.users))
    try state.run(.migrate, as: ocata)
    try state.run(.contract, as: ocata)
    #expect(!state.isReadOnly(.identityProviders))
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import Glibc

/// What a full database weighs: memory that is resident after it was filled, less what was before.
enum MemoryLoop {
  /// Users of the default domain, each with a role on a project.
  static func users(_ count: Int) {
    let before = residentKilobytes
    let store = filled(users: count)
    report("users", count, since: before)
    keep(store)
  }

  /// UUID tokens, as many for each of 1,000 users.
  static func tokens(_ count: Int) {
    var generator = SeededGenerator(seed: 1, stream: "ids")
    var store = filled(users: 1_000)
    let users = store.users.map(\.id)
    let now = UTCTime(seconds: 1_790_000_000)
    let before = residentKilobytes
    for number in 0..<count {
      var token = TokenPayload(
        userID: users[number % users.count], methods: ["password"],
        expiresAt: now + .seconds(3_600), issuedAt: now,
        auditIDs: [Base64URL.encode(generator.bytes(16))])
      token.projectID = IdentitySeed.id("project", "Default", "demo")
      store.keep(token, as: UUIDText.text(of: UUIDText.version4(generator.bytes(16))))
    }
    report("tokens", count, since: before)
    keep(store)
  }

  /// Logins by name, each of another user of 100,000.
  static func logins(_ count: Int) {
    let store = filled(users: 100_000)
    var found = 0
    for number in 0..<count
    where store.user(named: "u\(number % 100_000)", domainID: "default") != nil {
      found += 1
    }
    precondition(found == count, "\(found) of \(count)")
  }

  private static func filled(users count: Int) -> IdentityStore {
    var generator = SeededGenerator(seed: 1, stream: "users")
    var store = IdentityStore(.standard)
    let role = IdentitySeed.id("role", "member")
    let project = IdentitySeed.id("project", "Default", "demo")
    for number in 0..<count {
      let id = UUIDText.text(of: UUIDText.version4(generator.bytes(16)))
      store.put(
        IdentityStore.User(id: id, name: "u\(number)", domainID: "default", password: "secret"))
      store.put(
        IdentityStore.Grant(actor: .user(id), roleID: role, target: .project(project)))
    }
    return store
  }

  private static func report(_ what: String, _ count: Int, since before: Int) {
    let grown = residentKilobytes - before
    print("\(count) \(what): \(grown / 1_024) MiB, \(grown * 1_024 / count) bytes each")
  }

  private static var residentKilobytes: Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, 128, file) != nil else { return 0 }
    let bytes = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    guard words.count > 1, let pages = Int(words[1]) else { return 0 }
    return pages * sysconf(Int32(_SC_PAGESIZE)) / 1_024
  }
}

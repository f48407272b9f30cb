// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone

/// The cluster, but for its data.
extension ScenarioParser {
  /// The names of the nodes and where each was written.
  struct NodeNames {
    var names: [String]
    /// One for each name, or one for all.
    var fields: [Field]
    /// What the scenario says of each, if it says anything.
    var settings: [Scenario.NodeSettings] = []

    func field(of index: Int) -> Field { fields.count == names.count ? fields[index] : fields[0] }
  }

  /// As many nodes as a scenario may have.
  static let mostNodes = 1_000

  /// Everything but the names of the nodes, which may come from the proxy.
  mutating func cluster(_ section: Section?) -> Scenario.Cluster {
    let (release, target) = releases(section)
    let token = section.flatMap { self.section("token", of: $0) }
    let provider = self.provider(token, release, target)
    let database = section.flatMap { field("database", of: $0) }.flatMap { self.release($0) }
    let lifetime = token.flatMap { self.lifetime($0) }
    let keys = token.flatMap { self.keys($0) }
    let service = section.flatMap { self.service($0) }
    let lifecycle = section.flatMap { self.lifecycle($0) }
    let isolation: Scenario.Isolation? = section.flatMap { choice("isolation", of: $0) }
    let data = section.flatMap { self.section("data", of: $0) }.map { seedData($0) }
    var cluster = Scenario.Cluster(
      nodes: [], release: release, target: target, provider: provider,
      tokenLifetime: lifetime ?? .seconds(3_600), keys: keys, data: data ?? .standard,
      service: service ?? .instant, lifecycle: lifecycle ?? .instant, isolation: isolation ?? .none)
    cluster.cores = section.flatMap { count("cores", of: $0, in: 1...1_024) }
    cluster.others = section.flatMap { count("others", of: $0, in: 0...999) } ?? 0
    cluster.second = section.flatMap { distribution("second", of: $0) } ?? cluster.second
    cluster.database = database
    cluster.maxActiveKeys =
      token.flatMap { count("max-active-keys", of: $0, in: 1...999_999) } ?? cluster.maxActiveKeys
    cluster.allowExpiredWindow =
      token.flatMap { interval("allow-expired-window", of: $0) } ?? cluster.allowExpiredWindow
    if let passwords = section.flatMap({ self.section("passwords", of: $0) }) {
      cluster.passwords.mode = choice("mode", of: passwords) ?? .modelled
      cluster.passwords.algorithm = choice("algorithm", of: passwords)
      cluster.passwords.rounds = count("rounds", of: passwords, in: 1...1_000_000)
      cluster.passwords.writesBoth = flag("both", of: passwords) ?? false
      cluster.seedHash = choice("seeded", of: passwords)
    }
    if let cache = section.flatMap({ self.section("cache", of: $0) }) {
      cluster.cache = choice("backend", of: cache) ?? .none
      cluster.cacheTime = interval("expiration", of: cache, from: .seconds(1)) ?? .seconds(600)
    }
    return cluster
  }

  /// `2` or `[blue, green]`; nil if the scenario leaves it to the proxy.
  mutating func nodeNames(_ section: Section?) -> NodeNames? {
    guard let section, let field = field("nodes", of: section) else { return nil }
    guard case .list = field.node.content else {
      guard let count = count(field, in: 1...Self.mostNodes, other: ", or a list of names") else {
        return nil
      }
      return NodeNames(names: (1...count).map { "keystone\($0)" }, fields: [field])
    }
    guard let fields = list(field, of: "names") else { return nil }
    guard (1...Self.mostNodes).contains(fields.count) else {
      report(field, found: "\(fields.count) names", expected: "1 to \(Self.mostNodes) names")
      return nil
    }
    var nodes = NodeNames(names: [], fields: [])
    var seen: Set<String> = []
    for field in fields {
      guard let (field, settings) = node(field), let name = name(field) else { continue }
      guard seen.insert(name).inserted else {
        report(field, found: "'\(name)' again", expected: "each name once")
        continue
      }
      if !Self.isServerName(name) {
        report(field, expected: "a name of letters, digits and - _ . : as HAProxy takes it")
      }
      nodes.names.append(name)
      nodes.fields.append(field)
      nodes.settings.append(settings)
    }
    return nodes
  }

  private static func isServerName(_ name: String) -> Bool {
    name.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) || "-_.:".utf8.contains($0)
    }
  }

  // MARK: How nodes differ

  /// An element of the list: a name, or a mapping with one.
  private mutating func node(_ field: Field) -> (name: Field, Scenario.NodeSettings)? {
    guard case .mapping = field.node.content else { return (field, Scenario.NodeSettings()) }
    guard let section = section("cluster.nodes[]", field) else { return nil }
    let settings = settings(section)
    return require("name", of: section).map { ($0, settings) }
  }

  private mutating func settings(_ node: Section) -> Scenario.NodeSettings {
    var settings = Scenario.NodeSettings()
    settings.release = field("release", of: node).flatMap { release($0) }
    settings.provider = field("provider", of: node).flatMap {
      provider($0, releases: settings.release.map { [$0] } ?? [])
    }
    settings.methods = names("methods", of: node)?.map(\.name)
    settings.defaultDomainID = name("default-domain", of: node)
    settings.dialect = choice(
      "msgpack", of: node, [("old", MessagePack.Dialect.raw), ("new", .bin)])
    settings.cache = choice("cache", of: node)
    settings.passwordHash = choice("password-hash", of: node)
    settings.clock = field("clock", of: node).flatMap { offset($0) } ?? .zero
    if let field = field("keys", of: node) {
      if case .mapping = field.node.content {
        settings.keys = keys(field).map { .given($0) } ?? .shared
      } else {
        settings.keys =
          choice(
            field, [("shared", .shared), ("own", .own), ("none", .given(FernetKeyRepository([:])))])
          ?? .shared
      }
    }
    return settings
  }

  /// `+5s` or `-5s`.
  private mutating func offset(_ field: Field) -> Interval? {
    let kind = "a sign and a duration, such as +5s or -500ms"
    guard let text = word(field, kind) else { return nil }
    guard let sign = text.first, sign == "+" || sign == "-" else {
      report(field, expected: kind)
      return nil
    }
    return interval(field, String(text.dropFirst()), from: .zero, expected: kind).map {
      sign == "-" ? .zero - $0 : $0
    }
  }

  // MARK: Releases and tokens

  private mutating func releases(_ cluster: Section?) -> (Release, Release) {
    guard let cluster, let section = section("release", of: cluster) else {
      return (.newest, .newest)
    }
    let from = require("from", of: section).flatMap { release($0) }
    let toField = field("to", of: section)
    let to = toField.flatMap { release($0) }
    if let from, let to, let toField, to < from {
      report(toField, expected: "a release that is not older than '\(from.name)'")
    }
    let first = from ?? to ?? .newest
    return (first, to ?? first)
  }

  mutating func release(_ field: Field) -> Release? {
    let kind = "a release such as newton, 2024.1 or 30"
    guard let text = word(field, kind) else { return nil }
    if let release = Release(named: text) { return release }
    let names = Release.all.map(\.name) + Release.all.map(\.series)
    report(field, expected: kind, nearest: nearestWord(to: text.lowercased(), among: names))
    return nil
  }

  private mutating func provider(
    _ token: Section?, _ release: Release, _ target: Release
  ) -> Scenario.Provider {
    let field = token.flatMap { self.field("provider", of: $0) }
    let given = field.flatMap { provider($0, releases: [release, target]) }
    let standard = release.defaultProvider
    return given ?? .always(target.providers.contains(standard) ? standard : .fernet)
  }

  private mutating func provider(_ field: Field, releases: [Release]) -> Scenario.Provider? {
    let given = choice(
      field,
      TokenProvider.allCases.map { ($0.rawValue, Scenario.Provider.always($0)) }
        + [("shipped", .shipped)])
    if case .always(let provider)? = given {
      for release in releases where !release.providers.contains(provider) {
        let provided = release.providers.map(\.rawValue)
        report(field, expected: "\(Self.choice(provided)), which '\(release.name)' has")
        break
      }
    }
    return given
  }

  private mutating func lifetime(_ token: Section) -> Interval? {
    guard let field = field("expiration", of: token),
      let interval = interval(field, from: .seconds(1))
    else { return nil }
    guard interval.nanoseconds % 1_000_000_000 == 0 else {
      report(field, expected: "whole seconds")
      return nil
    }
    return interval
  }

  private mutating func keys(_ token: Section) -> FernetKeyRepository? {
    field("keys", of: token).flatMap { keys($0) }
  }

  private mutating func keys(_ field: Field) -> FernetKeyRepository? {
    let kind = "a mapping of numbers to Fernet keys, one at least"
    guard case .mapping(let members) = field.node.content, !members.isEmpty else {
      report(field, expected: kind)
      return nil
    }
    var keys: [Int: FernetKey] = [:]
    for member in members {
      let path = join(field.path, member.key)
      guard let number = Int(member.key), (0...999_999).contains(number), keys[number] == nil else {
        report(
          path, member.origin, found: "the key '\(member.key)'",
          expected: "a number from 0 to 999999, each once")
        continue
      }
      let field = Field(path: path, node: member.value)
      let kind = "a Fernet key: 44 characters of base64url"
      guard let text = word(field, kind) else { continue }
      guard let key = FernetKey(text: text) else {
        report(field, expected: kind)
        continue
      }
      keys[number] = key
    }
    return keys.isEmpty ? nil : FernetKeyRepository(keys)
  }

  // MARK: Times

  private mutating func service(_ cluster: Section) -> ServiceModel? {
    guard let section = section("service", of: cluster) else { return nil }
    let presets = [("measured", ServiceModel.measured), ("instant", .instant)]
    var model = choice("like", of: section, presets) ?? .measured
    model.workers = count("workers", of: section, in: 0...100_000) ?? model.workers
    model.backlog = count("backlog", of: section, in: 0...1_000_000) ?? model.backlog
    model.authenticate = distribution("authenticate", of: section) ?? model.authenticate
    model.validate = distribution("validate", of: section) ?? model.validate
    model.uncached = distribution("uncached", of: section) ?? model.uncached
    model.other = distribution("other", of: section) ?? model.other
    model.discovery = distribution("discovery", of: section) ?? model.discovery
    return model
  }

  /// `3` or `1.5`, in percent.
  private mutating func factor(_ field: Field) -> Int? {
    let kind = "how many times as long, such as 3 or 1.5, from 1 to 1000"
    guard let text = word(field, kind) else { return nil }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let isNumber = parts.allSatisfy { part in
      !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
    guard isNumber, parts.count <= 2, parts[0].count <= 4, parts.count == 1 || parts[1].count <= 2,
      let whole = Int(parts[0]),
      let rest = Int(parts.count == 1 ? "0" : parts[1].count == 1 ? parts[1] + "0" : parts[1]),
      (100...100_000).contains(whole * 100 + rest)
    else {
      report(field, expected: kind)
      return nil
    }
    return whole * 100 + rest
  }

  private mutating func lifecycle(_ cluster: Section) -> NodeTimes? {
    guard let section = section("lifecycle", of: cluster) else { return nil }
    var times =
      choice(
        "like", of: section,
        [("uwsgi", NodeTimes.uwsgi), ("measured", .measured), ("instant", .instant)])
      ?? .uwsgi
    times.listens = distribution("listens", of: section) ?? times.listens
    times.loads = distribution("loads", of: section) ?? times.loads
    times.cut = distribution("cut", of: section) ?? times.cut
    times.zombie = distribution("zombie", of: section) ?? times.zombie
    times.finishing = distribution("finishing", of: section) ?? times.finishing
    times.gone = distribution("gone", of: section) ?? times.gone
    times.killed = distribution("killed", of: section) ?? times.killed
    times.idle = distribution("idle", of: section) ?? times.idle
    times.dies = distribution("dies", of: section) ?? times.dies
    times.first = distribution("first", of: section) ?? times.first
    times.warmUp = distribution("warm-up", of: section) ?? times.warmUp
    if let field = field("cold", of: section) {
      times.cold = factor(field) ?? times.cold
    } else if let field = field("warm-up", of: section) {
      report(field, found: "'warm-up' alone", expected: "'cold' beside it, such as 'cold: 3'")
    }
    return times
  }
}

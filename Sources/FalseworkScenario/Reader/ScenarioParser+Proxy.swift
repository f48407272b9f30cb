// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkProxy

/// The proxy's configuration, and how it and the cluster fit together.
extension ScenarioParser {
  /// What a file of the scenario holds.
  typealias Load = (_ path: String) throws(UnreadableFile) -> [UInt8]

  mutating func proxy(
    _ section: Section, load: Load, environment: @escaping (String) -> String?
  ) -> Scenario.ProxySource? {
    guard let field = require("config", of: section),
      let text = word(field, "the path of a haproxy.cfg, or its text after '|'"),
      let source = configuration(field, text, load: load)
    else { return nil }
    guard
      var reading = configuration(
        source.text, source, field, environment: environment)
    else { return nil }
    let lines = reading.configuration.servers.map(\.line)
    var edited = source.text
    for (key, edit) in edits(section) {
      edited = edit.applied(to: edited)
      guard let next = configuration(edited, source, key, environment: environment) else {
        return nil
      }
      reading = next
    }
    // Lines that were added must not move a message about a server.
    for (index, line) in lines.enumerated() { reading.configuration.servers[index].line = line }
    return Scenario.ProxySource(
      configuration: reading.configuration.moved(by: source.line), file: source.file, text: edited,
      warnings: reading.warnings)
  }

  /// A configuration as it is read; nil after what is wrong with it was reported.
  private mutating func configuration(
    _ text: String, _ source: (text: String, file: String, line: Int), _ field: Field,
    environment: @escaping (String) -> String?
  ) -> (configuration: ProxyConfiguration, warnings: [ConfigurationProblem])? {
    let reading = ProxyConfiguration.read(
      text, file: source.file, executes: !proxyIsThere, environment: environment)
    for problem in reading.problems where problem.severity == .alert {
      report(
        field.path,
        Origin(
          file: problem.file, line: problem.line > 0 ? problem.line + source.line : 0, column: 0),
        found: problem.message, expected: "")
    }
    let warnings = reading.problems.filter { $0.severity == .warning }.map { problem in
      var problem = problem
      if problem.line > 0 { problem.line += source.line }
      return problem
    }
    return reading.configuration.map { ($0, warnings) }
  }

  // MARK: Settings over the configuration

  /// What the scenario lays over its `haproxy.cfg`, in the order of the table of keys.
  private mutating func edits(_ section: Section) -> [(Field, ConfigurationEdit)] {
    var edits: [(Field, ConfigurationEdit)] = []
    func add(
      _ key: String, _ target: ConfigurationEdit.Target, _ keyword: String, _ value: String?
    ) {
      guard let value, let field = field(key, of: section) else { return }
      edits.append((field, ConfigurationEdit(target, keyword, value)))
    }
    for key in ["inter", "fastinter", "downinter"] {
      add(
        key, .servers, key, interval(key, of: section, from: .milliseconds(1)).map { "\($0)" })
    }
    for key in ["rise", "fall"] {
      add(key, .servers, key, count(key, of: section, in: 1...1_000).map { "\($0)" })
    }
    add("slowstart", .servers, "slowstart", interval("slowstart", of: section).map { "\($0)" })
    add(
      "maxconn", .servers, "maxconn",
      count("maxconn", of: section, in: 0...1_000_000).map { "\($0)" })
    add("retries", .sections, "retries", count("retries", of: section, in: 0...100).map { "\($0)" })
    add(
      "redispatch", .sections, "option redispatch", flag("redispatch", of: section).map { "\($0)" })
    add("balance", .sections, "balance", name("balance", of: section))
    for key in ["connect", "server", "queue", "check"] {
      add(
        "timeout-\(key)", .sections, "timeout \(key)",
        interval("timeout-\(key)", of: section, from: .milliseconds(1)).map { "\($0)" })
    }
    return edits
  }

  /// The text of the configuration, the file that it is in, and how many lines of that stand
  /// before it.
  private mutating func configuration(
    _ field: Field, _ text: String, load: Load
  ) -> (text: String, file: String, line: Int)? {
    let origin = field.node.origin
    if text.contains(where: \.isNewline) {
      guard case .scalar(_, .literal) = field.node.content else {
        report(
          field, found: "several lines that are not after '|'",
          expected: "a path, or a text after '|', whose lines stay as they are")
        return nil
      }
      return (text, origin.file, origin.line)
    }
    guard !text.isEmpty else {
      report(field, expected: "the path of a haproxy.cfg, or its text after '|'")
      return nil
    }
    let path = Self.path(text, from: origin.line > 0 ? origin.file : file)
    let bytes: [UInt8]
    do {
      bytes = try load(path)
    } catch {
      report(field, found: "'\(path)': \(error.reason)", expected: "a haproxy.cfg")
      return nil
    }
    do {
      return (try SourceText(bytes).text, path, 0)
    } catch {
      report(
        field.path, Origin(file: path, line: error.line, column: error.column), found: error.found,
        expected: error.expected)
      return nil
    }
  }

  /// A path as the file that names it sees it.
  static func path(_ text: String, from file: String) -> String {
    guard text.first != "/", let slash = file.lastIndex(of: "/") else { return text }
    return String(file[...slash]) + text
  }

  // MARK: Servers and nodes

  /// The nodes of a scenario that names none: one for each name of a server.
  func nodeNames(of configuration: ProxyConfiguration, _ field: Field) -> NodeNames {
    var names: [String] = []
    var seen: Set<String> = []
    for server in configuration.servers where seen.insert(server.name).inserted {
      names.append(server.name)
    }
    return NodeNames(names: names, fields: [field])
  }

  /// Every server stands for a node and every node has a server.
  mutating func match(_ nodes: NodeNames, _ proxy: Scenario.ProxySource, _ section: Section) {
    let configuration = proxy.configuration
    let path = join(section.path, "config")
    let known = KnownNames(nodes.names)
    let servers = KnownNames(configuration.servers.map(\.name))
    // What is right is not suggested for what is wrong.
    let lonely = KnownNames(nodes.names.filter { !servers.contains($0) })
    let strangers = KnownNames(servers.list.filter { !known.contains($0) })
    for server in configuration.servers where !known.contains(server.name) {
      let names = nodes.names.count > 8 ? "one of \(nodes.names.count)" : Self.choice(nodes.names)
      report(
        path, Origin(file: proxy.file, line: server.line, column: 0),
        found: "the server '\(server.name)' without a node of its name",
        expected: "a node: \(names)", nearest: lonely.nearest(to: server.name))
    }
    for (index, name) in nodes.names.enumerated() where !servers.contains(name) {
      report(
        nodes.field(of: index), found: "the node '\(name)' without a server of its name",
        expected: "a server of '\(proxy.file)'", nearest: strangers.nearest(to: name))
    }
    let leads = configuration.frontends.contains { frontend in
      guard let backend = frontend.defaultBackend else { return false }
      return configuration.backends[backend.index].servers.contains { index in
        known.contains(configuration.servers[index].name)
      }
    }
    if !leads {
      report(
        path, section.origin, found: "no frontend that leads to a node",
        expected: "a frontend whose default_backend has servers")
    }
  }
}

extension ProxyConfiguration {
  /// The same with its lines counted from the first of the file that it stands in.
  func moved(by lines: Int) -> ProxyConfiguration {
    guard lines > 0 else { return self }
    var copy = self
    for index in copy.servers.indices { copy.servers[index].line += lines }
    for index in copy.frontends.indices {
      for bind in copy.frontends[index].binds.indices {
        copy.frontends[index].binds[bind].line += lines
      }
    }
    for index in copy.global.sockets.indices { copy.global.sockets[index].line += lines }
    return copy
  }
}

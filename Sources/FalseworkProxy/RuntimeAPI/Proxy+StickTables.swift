// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// `show table`, `set table` and `clear table`.
extension Proxy {
  private enum Filter {
    case none
    case key(StickKey)
    case figures([(StickFigure, comparison: String, Int)])
  }

  func showTable(_ call: RuntimeCall) throws(RuntimeReply) -> RuntimeReply {
    guard let name = call.arguments.first else {
      // HAProxy lists the last that it read first.
      let heads = backends.indices.reversed().compactMap { tableHead(BackendID($0), call.now) }
      return .table(heads.joined())
    }
    let (id, table) = try stickTable(name)
    let words = Array(call.arguments.dropFirst())
    let filter = try filter(
      words, table,
      orElse: "Optional argument only supports \"data.<store_data_type>\" <operator> <value> and "
        + "key <key>")
    let entries = entries(table, filter, call.now)
    if case .key = filter, entries.isEmpty { return .success }
    let lines = entries.map { line($0.key, $0.entry, table, call.now) }
    return .table((tableHead(id, call.now) ?? "") + lines.joined())
  }

  private func entries(
    _ table: StickEntries, _ filter: Filter, _ now: Instant
  ) -> [(key: StickKey, entry: StickEntries.Entry)] {
    table.sorted(now: now).filter { key, _ in
      switch filter {
      case .none: true
      case .key(let wanted): key == wanted
      case .figures(let all):
        all.allSatisfy { figure, comparison, limit in
          let value = table.value(figure, of: key, now: now) ?? 0
          return switch comparison {
          case "eq": value == limit
          case "ne": value != limit
          case "le": value <= limit
          case "ge": value >= limit
          case "lt": value < limit
          default: value > limit
          }
        }
      }
    }
  }

  private func filter(
    _ words: [String], _ table: StickEntries, orElse usage: String
  ) throws(RuntimeReply) -> Filter {
    guard let first = words.first else { return .none }
    if first == "key" {
      guard words.count > 1 else { throw .error("Key value expected") }
      // What is no key of this table is in no entry.
      return try key(words[1], table).map { .key($0) } ?? .key(.text([]))
    }
    guard first.hasPrefix("data.") else { throw .error(usage) }
    var all: [(StickFigure, comparison: String, Int)] = []
    for (number, start) in stride(from: 0, to: words.count, by: 3).enumerated() {
      let place = "Filter entry #\(number + 1): "
      guard words[start].hasPrefix("data."),
        let figure = StickFigure(rawValue: String(words[start].dropFirst(5)))
      else { throw .error(place + "Unknown data type") }
      guard table.table.figures.contains(where: { $0.figure == figure }) else {
        throw .error(place + "Data type not stored in this table")
      }
      guard start + 1 < words.count,
        ["eq", "ne", "le", "ge", "lt", "gt"].contains(words[start + 1])
      else {
        throw .error(
          place + "Require and operator among \"eq\", \"ne\", \"le\", \"ge\", \"lt\", \"gt\"")
      }
      guard start + 2 < words.count, let value = Int(words[start + 2]) else {
        throw .error(place + "Require a valid integer value to compare against")
      }
      all.append((figure, words[start + 1], value))
    }
    return .figures(all)
  }

  private func key(_ text: String, _ table: StickEntries) throws(RuntimeReply) -> StickKey? {
    guard table.table.kind == .address(isIPv6: true) else {
      return table.key(.text(Array(text.utf8)))
    }
    guard text.hasPrefix("::ffff:"),
      let address = ConfigurationValues.address(text.dropFirst("::ffff:".count))
    else { throw .error("Invalid key") }
    return .address(address)
  }

  private func stickTable(_ name: String) throws(RuntimeReply) -> (BackendID, StickEntries) {
    guard let index = configuration.backends.firstIndex(where: { $0.name == name }),
      let table = backends[index].stickTable
    else { throw .error("No such table") }
    return (BackendID(index), table)
  }

  private func tableHead(_ id: BackendID, _ now: Instant) -> String? {
    backends[id.index].stickTable.map {
      let kind =
        switch $0.table.kind {
        case .address(let isIPv6): isIPv6 ? "ipv6" : "ip"
        case .number: "integer"
        case .text: "string"
        }
      return "# table: \(backend(id).name), type: \(kind), size:\($0.table.size), "
        + "used:\($0.count(now: now))\n"
    }
  }

  private func line(
    _ key: StickKey, _ entry: StickEntries.Entry, _ entries: StickEntries, _ now: Instant
  ) -> String {
    let table = entries.table
    let left = entry.expires == .never ? 0 : (entry.expires - now).milliseconds
    var words = ["0x\(place(of: key)):", "key=\(text(key, table))", "use=0", "exp=\(left)"]
    let server = entry.server.map { configuration.servers[$0.index] }
    if table.keepsServers { words.append("server_id=\(server?.sid ?? 0)") }
    for (index, figure) in table.figures.enumerated() {
      let period = figure.period.map { "(\($0.milliseconds))" } ?? ""
      let value = entry.figures[index].value(period: figure.period, now: now)
      words.append("\(figure.figure.rawValue)\(period)=\(value)")
    }
    if table.keepsServers { words.append("server_key=\(server?.name ?? "-")") }
    return words.joined(separator: " ") + "\n"
  }

  /// HAProxy prints where the entry is in memory; this prints a number that is the key's own.
  private func place(of key: StickKey) -> String {
    switch key {
    case .address(let number), .number(let number): String(number, radix: 16)
    case .text(let bytes):
      String(
        bytes.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }, radix: 16)
    }
  }

  private func text(_ key: StickKey, _ table: ProxyConfiguration.StickTable) -> String {
    switch key {
    case .address(let ip):
      (table.kind == .address(isIPv6: true) ? "::ffff:" : "") + ClientAddress(ip: ip, port: 0).host
    case .number(let number): "\(number)"
    case .text(let bytes): String(decoding: bytes, as: UTF8.self)
    }
  }

  // MARK: Changes

  mutating func clearTable(_ call: RuntimeCall) throws(RuntimeReply) -> RuntimeReply {
    let usage =
      "Required arguments: <table> \"data.<store_data_type>\" <operator> <value> or <table> key "
      + "<key>"
    guard let name = call.arguments.first else { throw .error(usage) }
    let (id, table) = try stickTable(name)
    guard call.arguments.count > 1 else {
      clearStickTable(id)
      return .success
    }
    let filter = try filter(Array(call.arguments.dropFirst()), table, orElse: usage)
    for (key, _) in entries(table, filter, call.now) { backends[id.index].stickTable?.remove(key) }
    return .success
  }

  /// `set table <table> key <key> data.<figure> <value> …`.
  mutating func setTable(_ call: RuntimeCall) throws(RuntimeReply) -> RuntimeReply {
    guard let name = call.arguments.first else {
      throw .error("\"data.<store_data_type>\" followed by a value expected")
    }
    let (id, table) = try stickTable(name)
    guard call.arguments.count > 1 else { return .success }
    guard call.arguments[1] == "key", call.arguments.count > 2,
      let key = try key(call.arguments[2], table)
    else { throw .error("Key value expected") }
    var rest = call.arguments.dropFirst(3)
    backends[id.index].stickTable?.change(key, now: call.now) { _ in }
    while let word = rest.popFirst() {
      guard word.hasPrefix("data.") else {
        throw .error("\"data.<store_data_type>\" followed by a value expected")
      }
      guard let figure = StickFigure(rawValue: String(word.dropFirst(5))) else {
        throw .error("Unknown data type")
      }
      guard table.table.figures.contains(where: { $0.figure == figure }) else {
        throw .error("Data type not stored in this table")
      }
      guard let value = rest.popFirst().flatMap({ Int($0) }) else {
        throw .error("Require a valid integer value to store")
      }
      backends[id.index].stickTable?.set(key, figure, to: value, now: call.now)
    }
    return .success
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// What samples find, and whether conditions hold, for the request of a client.
extension Proxy {
  func holds(_ condition: Condition?, _ index: Int, now: Instant) -> Bool {
    guard let condition else { return true }
    let result = condition.alternatives.contains { terms in
      terms.allSatisfy { term in
        term.tests.contains { $0.match.holds(for: values($0.sample, index, now: now)) }
          != term.isNegated
      }
    }
    return result != condition.isNegated
  }

  /// A text with its samples in it; one that finds nothing is empty.
  func text(_ format: FormatText, _ index: Int, now: Instant) -> [UInt8] {
    var result: [UInt8] = []
    for part in format.parts {
      switch part {
      case .bytes(let bytes): result += bytes
      case .sample(let sample): result += value(sample, index, now: now)?.bytes ?? []
      }
    }
    return result
  }

  func value(_ sample: Sample, _ index: Int, now: Instant) -> Sample.Value? {
    values(sample, index, now: now).last
  }

  func values(_ sample: Sample, _ index: Int, now: Instant) -> [Sample.Value] {
    var values = found(sample.fetch, index, now: now)
    for converter in sample.converters {
      values = values.compactMap { $0.converted(converter) }
    }
    return values
  }

  private func found(_ fetch: Sample.Fetch, _ index: Int, now: Instant) -> [Sample.Value] {
    guard let exchange = exchanges[index] else { return [] }
    let request = exchange.request
    switch fetch {
    case .constant(let value): return [value]
    case .path: return [.text(Array(request.path))]
    case .pathQuery: return [.text(Array(request.pathAndQuery))]
    case .url: return [.text(request.target)]
    case .query: return [.text(Array(request.query))]
    case .method: return [.text(request.method)]
    case .version: return [.text(Array((request.isHTTP10 ? "1.0" : "1.1").utf8))]
    case .base: return [.text((request.firstValue(of: Self.host) ?? []) + request.path)]
    case .host: return request.firstValue(of: Self.host).map { [.text($0)] } ?? []
    case .header, .wholeHeader, .headerCount, .cookie:
      return headers(fetch, exchange)
    case .parameter(let name): return request.parameter(name).map { [.text(Array($0))] } ?? []
    case .status: return exchange.response.map { [.number($0.status)] } ?? []
    case .variable(let name): return exchange.variables[name].map { [$0] } ?? []
    case .captured(let slot, let ofResponse):
      let all = ofResponse ? exchange.captured.response : exchange.captured.request
      return slot < all.count ? all[slot].map { [.text($0)] } ?? [] : []
    case .tracked, .ofSource: return figures(fetch, index, now: now)
    case .source, .sourcePort, .destination, .destinationPort, .secure, .frontendName, .backendName,
      .serverName, .frontendConnections, .backendConnections, .usableServers, .queued, .isUp:
      return surroundings(fetch, index, request).map { [$0] } ?? []
    }
  }

  static let host = Array("host".utf8)

  private func headers(_ fetch: Sample.Fetch, _ exchange: Exchange) -> [Sample.Value] {
    func fields(_ ofResponse: Bool) -> [RequestMessage.Field] {
      ofResponse ? exchange.response?.fields ?? [] : exchange.request.fields
    }
    switch fetch {
    case .header(let name, let occurrence, let ofResponse):
      let all = HeaderValues.values(of: name, in: fields(ofResponse))
      guard let occurrence, occurrence != 0 else { return all.map { .text($0) } }
      let place = occurrence > 0 ? occurrence - 1 : all.count + occurrence
      return all.indices.contains(place) ? [.text(all[place])] : []
    case .wholeHeader(let name, let ofResponse):
      return fields(ofResponse).filter { $0.name == name }.map { .text($0.value) }
    case .headerCount(let name, let ofResponse):
      let count =
        name.isEmpty
        ? fields(ofResponse).count : HeaderValues.values(of: name, in: fields(ofResponse)).count
      return [.number(count)]
    case .cookie(let name, let ofResponse):
      return HeaderValues.cookie(name, in: fields(ofResponse), ofResponse: ofResponse)
        .map { .text($0) }
    default: return []
    }
  }

  private func surroundings(
    _ fetch: Sample.Fetch, _ index: Int, _ request: RequestMessage
  ) -> Sample.Value? {
    let client = clients[index]
    func text(_ text: String?) -> Sample.Value? { text.map { .text(Array($0.utf8)) } }
    func named(_ name: String?) -> BackendID? {
      guard let name else { return client.backend }
      return configuration.backends.firstIndex { $0.name == name }.map(BackendID.init)
    }
    switch fetch {
    case .source: return .address(client.address.ip)
    case .sourcePort: return .number(Int(client.address.port))
    case .destination: return .address(request.destination.ip)
    case .destinationPort: return .number(Int(request.destination.port))
    case .secure: return .truth(request.isSecure)
    case .frontendName: return text(frontend(client.frontend).name)
    case .backendName: return text(client.backend.map { backend($0).name })
    case .serverName: return text(client.server.map { configuration.servers[$0.index].name })
    case .frontendConnections(let name):
      let id = name.flatMap { name in configuration.frontends.firstIndex { $0.name == name } }
      return .number(frontends[id ?? client.frontend.index].current)
    case .backendConnections(let name):
      return named(name).map { .number(backends[$0.index].traffic.current) }
    case .usableServers(let name): return named(name).map { .number(backends[$0.index].usable) }
    case .queued(let name):
      return named(name).map { id in
        .number(
          backends[id.index].queue.count
            + backend(id).servers.reduce(0) { $0 + servers[$1].waiting })
      }
    case .isUp(let back, let name):
      return named(back).flatMap { id in
        backend(id).servers.first { configuration.servers[$0].name == name }
      }.map { .truth(servers[$0].operational != .stopped) }
    default: return nil
    }
  }
}

/// Values of fields as HAProxy looks at them.
enum HeaderValues {
  /// Between commas, white space around them left out; quotes keep a comma.
  static func values(of name: [UInt8], in fields: [RequestMessage.Field]) -> [[UInt8]] {
    fields.filter { $0.name == name }.flatMap { ranges($0.value).map { [UInt8]($0) } }
  }

  /// The values of one line.
  static func ranges(_ value: [UInt8]) -> [ArraySlice<UInt8>] {
    var result: [ArraySlice<UInt8>] = []
    var start = 0
    var quoted = false
    for (place, byte) in value.enumerated() {
      if byte == UInt8(ascii: "\"") { quoted.toggle() }
      if byte == UInt8(ascii: ","), !quoted {
        result.append(trimmed(value[start..<place]))
        start = place + 1
      }
    }
    result.append(trimmed(value[start...]))
    return result
  }

  static func trimmed(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var rest = value
    while let first = rest.first, first.isBlank { rest = rest.dropFirst() }
    while let last = rest.last, last.isBlank { rest = rest.dropLast() }
    return rest
  }

  static func cookie(
    _ name: [UInt8], in fields: [RequestMessage.Field], ofResponse: Bool
  ) -> [[UInt8]] {
    let field = Array((ofResponse ? "set-cookie" : "cookie").utf8)
    return fields.filter { $0.name == field }.flatMap { line in
      let parts = line.value.split(separator: UInt8(ascii: ";"))
      return (ofResponse ? parts.prefix(1) : parts[...]).compactMap { part -> [UInt8]? in
        let bare = trimmed(part)
        guard let mark = bare.firstIndex(of: UInt8(ascii: "=")),
          trimmed(bare[..<mark]).elementsEqual(name)
        else { return nil }
        return Array(trimmed(bare[(mark + 1)...]))
      }
    }
  }
}

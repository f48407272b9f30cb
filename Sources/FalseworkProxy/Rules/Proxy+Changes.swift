// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP

/// What rules change of a request or an answer.
extension Proxy {
  mutating func change(_ action: RuleSet.Action, _ index: Int, now: Instant) {
    switch action {
    case .setMethod(let method):
      exchanges[index]!.request.method = text(method, index, now: now).filter { $0 > 0x20 }
      exchanges[index]!.requestChanged = true
    case .setPath, .setPathAndQuery, .setQuery, .setURI, .replacePath, .replaceURI:
      changeTarget(action, index, now: now)
    case .setVariable(let name, let value):
      exchanges[index]!.variables[name] = variable(value, index, now: now)
    case .unsetVariable(let name): exchanges[index]!.variables[name] = nil
    case .capture(let sample, let slot, let length):
      guard let value = value(sample, index, now: now) else { return }
      CapturedValues.set(
        &exchanges[index]!.captured.request, slot, value.bytes, length: length)
    case .setLogLevel(let isSilent): exchanges[index]!.isSilent = isSilent
    case .track(let slot, let sample, let table):
      track(index, slot, sample, table, now: now)
    default:
      var fields = exchanges[index]!.request.fields
      guard changeFields(action, &fields, index, now: now) else { return }
      exchanges[index]!.request.fields = fields
      exchanges[index]!.requestChanged = true
    }
  }

  /// A format that is one sample keeps its type.
  private func variable(_ format: FormatText, _ index: Int, now: Instant) -> Sample.Value? {
    if format.parts.count == 1, case .sample(let sample) = format.parts[0] {
      return value(sample, index, now: now)
    }
    return .text(text(format, index, now: now))
  }

  /// A line break in a field's value would be another field.
  private func fieldText(_ format: FormatText, _ index: Int, now: Instant) -> [UInt8] {
    text(format, index, now: now).filter { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
  }

  /// False if the action is not about fields.
  private func changeFields(
    _ action: RuleSet.Action, _ fields: inout [RequestMessage.Field], _ index: Int, now: Instant
  ) -> Bool {
    switch action {
    case .setField(let name, let value):
      let value = fieldText(value, index, now: now)
      fields.removeAll { $0.name == name }
      fields.append(.init(name: name, value: value))
    case .addField(let name, let value):
      fields.append(.init(name: name, value: fieldText(value, index, now: now)))
    case .removeField(let position, let name):
      fields.removeAll { position.matches($0.name, name) }
    case .removeFields(let pattern): fields.removeAll { pattern.firstMatch(in: $0.name) != nil }
    case .replaceInField(let name, let pattern, let replacement, let eachValue):
      let replacement = fieldText(replacement, index, now: now)
      for place in fields.indices where fields[place].name == name {
        if eachValue {
          // From the last, so that the places of those before stay true.
          for range in HeaderValues.ranges(fields[place].value).reversed() {
            guard let new = pattern.replacing(Array(range), with: replacement) else { continue }
            // HAProxy leaves out the space in front as well.
            var start = range.startIndex
            while start > 0, fields[place].value[start - 1].isBlank { start -= 1 }
            fields[place].value.replaceSubrange(start..<range.endIndex, with: new)
          }
        } else if let new = pattern.replacing(fields[place].value, with: replacement) {
          fields[place].value = new
        }
      }
    default: return false
    }
    return true
  }

  private mutating func changeTarget(_ action: RuleSet.Action, _ index: Int, now: Instant) {
    var request = exchanges[index]!.request
    let path = Array(request.path)
    let query = Array(request.pathAndQuery.dropFirst(path.count))
    let authority = Array(request.target.prefix(request.target.count - path.count - query.count))
    switch action {
    case .setPath(let new): request.target = authority + text(new, index, now: now) + query
    case .setPathAndQuery(let new): request.target = authority + text(new, index, now: now)
    case .setQuery(let new):
      request.target = authority + path + [UInt8(ascii: "?")] + text(new, index, now: now)
    case .setURI(let new): request.target = text(new, index, now: now)
    case .replacePath(let pattern, let replacement, let withQuery):
      let replacement = text(replacement, index, now: now)
      guard
        let new = pattern.replacing(withQuery ? path + query : path, with: replacement)
      else { return }
      request.target = authority + new + (withQuery ? [] : query)
    case .replaceURI(let pattern, let replacement):
      guard
        let new = pattern.replacing(request.target, with: text(replacement, index, now: now))
      else { return }
      request.target = new
    default: return
    }
    // A space or a control character would be another request line.
    request.target.removeAll { $0 <= 0x20 || $0 == 0x7F }
    exchanges[index]!.request = request
    exchanges[index]!.requestChanged = true
  }

  // MARK: Answers

  /// What rules make of a server's answer. False if the request is over.
  mutating func ruleResponse(
    _ connection: ServerConnectionID, _ index: Int, _ message: ResponseMessage, now: Instant,
    into effects: inout [Effect]
  ) -> Bool {
    guard index < exchanges.count, exchanges[index] != nil else { return true }
    exchanges[index]!.response = message
    let id = clients[index].frontend
    let front = configuration.frontendRules[id.index]
    let backend = clients[index].backend!
    let back = configuration.backendRules[backend.index]
    captureResponse(index, front.responseCaptures)
    let isListen = self.backend(backend).iid == frontend(id).iid
    guard
      let rulesChanged = follow(
        isListen ? [back.response] : [back.response, front.response], index, now: now,
        into: &effects)
    else { return false }
    let cookieChanged = setCookie(index, now: now)
    stickResponse(index, now: now)
    let after = isListen ? [back.afterResponse] : [back.afterResponse, front.afterResponse]
    guard let laterChanged = follow(after, index, now: now, into: &effects) else { return false }
    if rulesChanged || cookieChanged || laterChanged, let response = exchanges[index]!.response {
      clients[index].status = Int32(response.status)
      effects.append(.rewriteResponse(connection, response.bytes))
    }
    return true
  }

  /// Whether they changed the answer; nil if the request is over.
  private mutating func follow(
    _ all: [[RuleSet.Rule]], _ index: Int, now: Instant, into effects: inout [Effect]
  ) -> Bool? {
    var changed = false
    for rules in all {
      lists: for rule in rules where holds(rule.condition, index, now: now) {
        switch rule.action {
        case .allow: break lists
        case .deny(let reply):
          deny(index, reply, now: now, into: &effects)
          return nil
        default: changed = changeResponse(rule.action, index, now: now) || changed
        }
      }
    }
    return changed
  }

  private mutating func captureResponse(_ index: Int, _ captures: [RuleSet.Capture]) {
    for (slot, capture) in captures.enumerated() {
      guard let field = capture.field,
        let value = exchanges[index]!.response?.fields.last(where: { $0.name == field })?.value
      else { continue }
      CapturedValues.set(
        &exchanges[index]!.captured.response, slot, value, length: capture.length)
    }
  }

  /// `http-response deny`: the client gets a 502, or what the rule says.
  private mutating func deny(
    _ index: Int, _ reply: RuleSet.Reply, now: Instant, into effects: inout [Effect]
  ) {
    if let backend = clients[index].backend {
      backends[backend.index].traffic.deniedResponses += 1
    }
    if let server = clients[index].server {
      servers[server.index].traffic.deniedResponses += 1
      // The server's row keeps what the server said.
      servers[server.index].traffic.statuses.count(Int(clients[index].status))
    }
    frontends[clients[index].frontend.index].deniedResponses += 1
    clients[index].respondedAt = .never
    let page = reply.page ?? .badGateway
    fail(
      index, page, Termination("PH"),
      loggedBytes: clients[index].bytes
        + page.loggedBytes(head: clients[index].head.method == .head),
      now: now, into: &effects)
  }

  private mutating func changeResponse(
    _ action: RuleSet.Action, _ index: Int, now: Instant
  ) -> Bool {
    switch action {
    case .setStatus(let status, let reason):
      exchanges[index]!.response!.status = status
      exchanges[index]!.response!.reason = reason ?? ProxyAnswer.reason(status)
      return true
    case .setVariable, .unsetVariable, .setLogLevel:
      change(action, index, now: now)
      return false
    case .capture(let sample, let slot, let length):
      guard let value = value(sample, index, now: now) else { return false }
      CapturedValues.set(
        &exchanges[index]!.captured.response, slot, value.bytes, length: length)
      return false
    default:
      var fields = exchanges[index]!.response!.fields
      guard changeFields(action, &fields, index, now: now) else { return false }
      exchanges[index]!.response!.fields = fields
      return true
    }
  }

  /// `http-after-response` on an answer of the proxy's own.
  func changeOwn(_ index: Int, _ answer: inout ProxyAnswer, now: Instant) {
    guard index < exchanges.count, exchanges[index] != nil else { return }
    let client = clients[index]
    var rules = configuration.frontendRules[client.frontend.index].afterResponse
    if let backend = client.backend, self.backend(backend).iid != frontend(client.frontend).iid {
      rules = configuration.backendRules[backend.index].afterResponse + rules
    }
    for rule in rules where holds(rule.condition, index, now: now) {
      if case .setStatus(let status, let reason) = rule.action {
        answer.status = status
        answer.reason = reason ?? ProxyAnswer.reason(status)
      } else {
        _ = changeFields(rule.action, &answer.fields, index, now: now)
      }
    }
  }
}

extension BytePattern {
  /// The value with what the first match found replaced; nil if there is none. `\1` is a group.
  func replacing(_ value: [UInt8], with replacement: [UInt8]) -> [UInt8]? {
    guard let groups = firstMatch(in: value), let whole = groups[0] else { return nil }
    var new = Array(value[..<whole.lowerBound])
    var rest = replacement[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() else {
        new.append(byte)
        continue
      }
      if (0x30...0x39).contains(escaped) {
        let number = Int(escaped - 0x30)
        if number < groups.count, let range = groups[number] { new += value[range] }
      } else {
        new.append(escaped)
      }
    }
    return new + value[whole.upperBound...]
  }
}

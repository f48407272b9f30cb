// SPDX-License-Identifier: Apache-2.0

/// Writing a head anew on its way through a proxy, as HAProxy 2.6 was seen to do it: field names
/// in lower case both ways, the fields of one hop left out, the rest in their order.
package enum HTTPRewrite {
  /// What the connection is to say of itself.
  package enum Connection: Equatable, Sendable {
    /// Nothing: HTTP/1.1 keeps a connection alive by itself.
    case implied
    case keepAlive
    case close
  }

  /// The request as the server is to see it, in the version that the client spoke. HTTP/1.0 has to be
  /// told to keep a connection, and closes it by itself.
  ///
  /// - Parameter forwardedFor: the client's address for `x-forwarded-for`, a field of its own
  ///   after the others (HAProxy manual, `option forwardfor`).
  package static func appendRequest(
    _ head: HTTPHead, _ bytes: Span<UInt8>, connection: Connection, forwardedFor: [UInt8]?,
    to output: inout [UInt8]
  ) {
    output.append(bytes, head.methodRange)
    output.append(0x20)
    output.append(bytes, head.target)
    output.append(head.version == .http10 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n")
    let upgrades = appendFields(head, bytes, to: &output)
    if let forwardedFor {
      output.append("x-forwarded-for: ")
      output.append(contentsOf: forwardedFor)
      output.append("\r\n")
    }
    switch (head.version, connection) {
    case _ where upgrades: output.append("connection: upgrade\r\n")
    case (.http10, .implied): append(.keepAlive, to: &output)
    case (.http10, .close): break
    default: append(connection, to: &output)
    }
    output.append("\r\n")
  }

  /// The response as the client is to see it.
  package static func appendResponse(
    _ head: HTTPHead, _ bytes: Span<UInt8>, connection: Connection, to output: inout [UInt8]
  ) {
    output.append("HTTP/1.1 ")
    output.append(decimal: head.status)
    output.append(0x20)
    output.append(bytes, head.reason)
    output.append("\r\n")
    let upgrades = appendFields(head, bytes, to: &output)
    upgrades ? output.append("connection: upgrade\r\n") : append(connection, to: &output)
    output.append("\r\n")
  }

  private static func append(_ connection: Connection, to output: inout [UInt8]) {
    switch connection {
    case .implied: break
    case .keepAlive: output.append("connection: keep-alive\r\n")
    case .close: output.append("connection: close\r\n")
    }
  }

  /// - Returns: whether the message asks for another protocol, or grants one: that goes through.
  private static func appendFields(
    _ head: HTTPHead, _ bytes: Span<UInt8>, to output: inout [UInt8]
  ) -> Bool {
    // `Connection` may name further fields that are meant for one hop (RFC 9110, 7.6.1).
    var named = false
    var upgrades = false
    for field in head.fields where field.id == .connection {
      if isPlainConnection(bytes, field.value) { continue }
      named = true
      HTTPSemantics.forEachToken(bytes, field.value) {
        if bytes.equalsIgnoringCase("upgrade", in: $0) { upgrades = true }
      }
    }
    upgrades = upgrades && head.fields.contains { $0.id == .upgrade }
    for field in head.fields {
      switch field.id {
      case .connection, .keepAlive, .proxyConnection:
        continue
      case .upgrade:
        if !upgrades { continue }
      case .contentLength where head.status == 204:
        // It has no body, whatever it says (RFC 9110, 8.6).
        continue
      default:
        if named, isNamedByConnection(head, bytes, field) { continue }
      }
      append(bytes, field, to: &output)
    }
    return upgrades
  }

  private static func isPlainConnection(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    bytes.equalsIgnoringCase("close", in: range)
      || bytes.equalsIgnoringCase("keep-alive", in: range)
  }

  private static func isNamedByConnection(
    _ head: HTTPHead, _ bytes: Span<UInt8>, _ field: HTTPField
  ) -> Bool {
    // What frames the message is never for one hop only, whatever a client says.
    if field.id == .contentLength || field.id == .transferEncoding || field.id == .host {
      return false
    }
    var found = false
    for connection in head.fields where connection.id == .connection {
      HTTPSemantics.forEachToken(bytes, connection.value) { token in
        guard token.count == field.name.count else { return }
        var same = true
        for index in 0..<token.count {
          let a = bytes[token.lowerBound + index].lowercase
          if a != bytes[field.name.lowerBound + index].lowercase { same = false }
        }
        if same { found = true }
      }
    }
    return found
  }

  private static func append(
    _ bytes: Span<UInt8>, _ field: HTTPField, to output: inout [UInt8]
  ) {
    let name = field.name
    let value = field.value
    let start = output.count
    // A line as nearly all are, with one space before the value and none after it, is copied at
    // once.
    if value.lowerBound == name.upperBound + 2, bytes[name.upperBound + 1] == 0x20,
      bytes[value.upperBound] == 0x0D
    {
      output.append(bytes, name.lowerBound..<value.upperBound + 2)
    } else {
      output.append(bytes, name)
      output.append(": ")
      output.append(bytes, value)
      output.append("\r\n")
    }
    var written = output.mutableSpan
    for index in start..<start + name.count { written[index] = written[index].lowercase }
  }
}

extension UInt8 {
  var lowercase: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}

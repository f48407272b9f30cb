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

  /// The request as the server is to see it: HTTP/1.1 whatever the client spoke.
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
    output.append(" HTTP/1.1\r\n")
    appendFields(head, bytes, to: &output)
    if let forwardedFor {
      output.append("x-forwarded-for: ")
      output.append(contentsOf: forwardedFor)
      output.append("\r\n")
    }
    append(connection, to: &output)
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
    appendFields(head, bytes, to: &output)
    append(connection, to: &output)
    output.append("\r\n")
  }

  private static func append(_ connection: Connection, to output: inout [UInt8]) {
    switch connection {
    case .implied: break
    case .keepAlive: output.append("connection: keep-alive\r\n")
    case .close: output.append("connection: close\r\n")
    }
  }

  private static func appendFields(
    _ head: HTTPHead, _ bytes: Span<UInt8>, to output: inout [UInt8]
  ) {
    // `Connection` may name further fields that are meant for one hop (RFC 9110, 7.6.1).
    var named = false
    for field in head.fields where field.id == .connection {
      if !isPlainConnection(bytes, field.value) { named = true }
    }
    for field in head.fields {
      switch field.id {
      case .connection, .keepAlive, .proxyConnection:
        continue
      case .upgrade where head.framing != .tunnel:
        continue
      default:
        if named, isNamedByConnection(head, bytes, field) { continue }
      }
      append(bytes, field, to: &output)
    }
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

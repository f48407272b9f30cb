// SPDX-License-Identifier: Apache-2.0
package import FalseworkHTTP

/// What a request says, for rules that look at it. A world tells it only if the configuration has
/// such rules (`ProxyConfiguration.readsRequests`): to copy it costs as much as to pass it on.
package struct RequestMessage: Equatable, Sendable {
  package struct Field: Equatable, Sendable {
    /// In lower case.
    package var name: [UInt8]
    package var value: [UInt8]

    package init(name: [UInt8], value: [UInt8]) {
      self.name = name
      self.value = value
    }

    package init(_ field: HTTPField, _ bytes: Span<UInt8>) {
      name = field.name.map { bytes[$0].inLowerCase }
      value = field.value.map { bytes[$0] }
    }
  }

  package var method: [UInt8] = Array("GET".utf8)
  package var isHTTP10 = false
  /// The request target as it came: path and query, mostly.
  package var target: [UInt8]
  package var fields: [Field]
  /// It came over TLS.
  package var isSecure = false
  /// Where the client connected to.
  package var destination = ClientAddress(ip: 0, port: 0)

  package init(target: [UInt8], fields: [Field]) {
    self.target = target
    self.fields = fields
  }

  /// - Parameter bytes: where the head's first byte is the first.
  package init(_ head: HTTPHead, _ bytes: Span<UInt8>) {
    self.init(
      target: head.target.map { bytes[$0] }, fields: head.fields.map { Field($0, bytes) })
    method = head.methodRange.map { bytes[$0] }
    isHTTP10 = head.version == .http10
  }

  /// The head as a client would have sent it.
  package var bytes: [UInt8] {
    var output = method
    output.append(0x20)
    output.append(contentsOf: target)
    output.append(isHTTP10 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n")
    for field in fields { ProxyAnswer.append(field, to: &output) }
    output.append("\r\n")
    return output
  }

  /// The target without scheme and authority (RFC 9112, 3.2).
  var pathAndQuery: ArraySlice<UInt8> { target[pathStart...] }

  var path: ArraySlice<UInt8> {
    target[pathStart..<(target[pathStart...].firstIndex(of: UInt8(ascii: "?")) ?? target.count)]
  }

  private var pathStart: Int {
    guard target.first != UInt8(ascii: "/"), let colon = target.firstIndex(of: UInt8(ascii: ":")),
      target[colon...].starts(with: "://".utf8)
    else { return 0 }
    return target[(colon + 3)...].firstIndex(of: UInt8(ascii: "/")) ?? target.count
  }

  func firstValue(of name: [UInt8]) -> [UInt8]? { fields.first { $0.name == name }?.value }

  /// What follows the first `?`.
  var query: ArraySlice<UInt8> {
    guard let mark = target.firstIndex(of: UInt8(ascii: "?")) else { return [] }
    return target[(mark + 1)...]
  }

  /// The value of the query's first parameter of a name.
  func parameter(_ name: [UInt8]) -> ArraySlice<UInt8>? {
    for part in query.split(separator: UInt8(ascii: "&")) {
      guard part.starts(with: name), part.dropFirst(name.count).first == UInt8(ascii: "=") else {
        continue
      }
      return part.dropFirst(name.count + 1)
    }
    return nil
  }
}

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
  }

  /// The request target as it came: path and query, mostly.
  package var target: [UInt8]
  package var fields: [Field]

  package init(target: [UInt8], fields: [Field]) {
    self.target = target
    self.fields = fields
  }

  /// - Parameter bytes: where the head's first byte is the first.
  package init(_ head: HTTPHead, _ bytes: Span<UInt8>) {
    func array(_ range: Range<Int>) -> [UInt8] { range.map { bytes[$0] } }
    self.init(
      target: array(head.target),
      fields: head.fields.map { field in
        Field(
          name: array(field.name).map { (65...90).contains($0) ? $0 | 32 : $0 },
          value: array(field.value))
      })
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

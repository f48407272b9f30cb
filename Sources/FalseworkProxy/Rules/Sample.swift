// SPDX-License-Identifier: Apache-2.0

/// What a rule looks at: a fetch and the converters behind it (configuration manual, 7.3).
package struct Sample: Equatable, Sendable {
  package enum Value: Equatable, Sendable {
    case truth(Bool)
    case number(Int)
    case address(UInt32)
    case text([UInt8])
  }

  package enum Fetch: Equatable, Sendable {
    case constant(Value)
    /// The target without its query; with it; as it came; what is behind the `?`.
    case path, pathQuery, url, query
    /// Host and path.
    case base
    case method, version, host
    /// A value among the comma-separated ones, from the end if negative; the last without a number.
    case header([UInt8], occurrence: Int?, ofResponse: Bool)
    /// The last line of the name, commas and all.
    case wholeHeader([UInt8], ofResponse: Bool)
    case headerCount([UInt8], ofResponse: Bool)
    case cookie([UInt8], ofResponse: Bool)
    case parameter([UInt8])
    case source, sourcePort, destination, destinationPort, secure
    case frontendName, backendName, serverName
    case frontendConnections(String?)
    case backendConnections(String?)
    case usableServers(String?)
    case queued(String?)
    /// `backend/server`.
    case isUp(String, String)
    case status
    case variable(String)
    case captured(Int, ofResponse: Bool)
    /// A figure of the stick table entry that the request is counted in; the slot is 0 to 2.
    case tracked(StickFigure, slot: Int)
    /// The same of the source's entry in a backend's table.
    case ofSource(StickFigure, String?)
  }

  package enum Converter: Equatable, Sendable {
    case lower, upper, length
    case number, address
    case add(Int)
    case subtract(Int)
    case remainder(Int)
    case not
  }

  package var fetch: Fetch
  package var converters: [Converter] = []

  package init(_ fetch: Fetch) { self.fetch = fetch }
}

extension Sample.Value {
  /// As it stands in a field.
  package var bytes: [UInt8] {
    switch self {
    case .truth(let truth): [truth ? 0x31 : 0x30]
    case .number(let number): Array(String(number).utf8)
    case .address(let ip): Array(ClientAddress(ip: ip, port: 0).host.utf8)
    case .text(let text): text
    }
  }

  var number: Int? {
    switch self {
    case .truth(let truth): truth ? 1 : 0
    case .number(let number): number
    case .address(let ip): Int(ip)
    case .text(let text): Self.leadingNumber(text)
    }
  }

  var address: UInt32? {
    switch self {
    case .address(let ip): ip
    case .text(let text): ConfigurationValues.address(String(decoding: text, as: UTF8.self))
    case .truth, .number: nil
    }
  }

  private static func leadingNumber(_ text: [UInt8]) -> Int? {
    var rest = text[...]
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative { rest = rest.dropFirst() }
    let digits = rest.prefix { (0x30...0x39).contains($0) }
    guard !digits.isEmpty else { return nil }
    var value = 0
    for digit in digits {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      value = product &+ Int(digit - 0x30)
    }
    return isNegative ? -value : value
  }

  func converted(_ converter: Sample.Converter) -> Sample.Value? {
    switch converter {
    case .lower: .text(bytes.map(\.inLowerCase))
    case .upper: .text(bytes.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 })
    case .length: .number(bytes.count)
    case .number: number.map { .number($0) }
    case .address: address.map { .address($0) }
    case .add(let other): number.map { .number($0 &+ other) }
    case .subtract(let other): number.map { .number($0 &- other) }
    case .remainder(let other): number.map { .number(other == 0 ? $0 : $0 % other) }
    case .not: number.map { .truth($0 == 0) }
    }
  }
}

extension UInt8 {
  var inLowerCase: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
  var isBlank: Bool { self == 0x20 || self == 0x09 }
}

/// Bytes with places in which samples stand (configuration manual, 8.2.4 "Custom log format").
package struct FormatText: Equatable, Sendable {
  package enum Part: Equatable, Sendable {
    case bytes([UInt8])
    case sample(Sample)
  }

  package var parts: [Part]

  package init(_ parts: [Part]) { self.parts = parts }
}

/// What is counted for an entry of a stick table.
package enum StickFigure: String, CaseIterable, Equatable, Hashable, Sendable {
  case httpRequestCount = "http_req_cnt"
  case httpErrorCount = "http_err_cnt"
  case httpRequestRate = "http_req_rate"
  case httpErrorRate = "http_err_rate"
  case connectionCount = "conn_cnt"
  case connectionRate = "conn_rate"
  case current = "conn_cur"
  case counter = "gpc0"
  case tag = "gpt0"
  case bytesIn = "bytes_in_cnt"
  case bytesOut = "bytes_out_cnt"
  case bytesInRate = "bytes_in_rate"
  case bytesOutRate = "bytes_out_rate"

  /// The order in which `show table` prints them.
  static let shown: [StickFigure] = [
    .tag, .counter, .connectionCount, .connectionRate, .current, .httpRequestCount,
    .httpRequestRate, .httpErrorCount, .httpErrorRate, .bytesIn, .bytesInRate, .bytesOut,
    .bytesOutRate,
  ]

  var isRate: Bool {
    switch self {
    case .httpRequestRate, .httpErrorRate, .connectionRate, .bytesInRate, .bytesOutRate: true
    case .httpRequestCount, .httpErrorCount, .connectionCount, .current, .tag, .counter, .bytesIn,
      .bytesOut:
      false
    }
  }
}

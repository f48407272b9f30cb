// SPDX-License-Identifier: Apache-2.0

/// The header of the PROXY protocol, by which one proxy tells the next whose connection it is
/// (haproxy.org, "The PROXY protocol", versions 1 and 2).
package struct ProxyHeader: Equatable, Sendable {
  package enum Version: Equatable, Sendable { case v1, v2 }

  package enum Parse: Equatable, Sendable {
    case incomplete
    case invalid
    /// The header, and how many bytes it took.
    case header(ProxyHeader, length: Int)
  }

  /// Nil where the header does not say, or speaks of something else than IPv4.
  package var source: ClientAddress?
  package var destination: ClientAddress?

  package init(source: ClientAddress?, destination: ClientAddress?) {
    self.source = source
    self.destination = destination
  }

  private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]
  private static let word = Array("PROXY ".utf8)
  /// Of version 1, its line feed included.
  private static let longest = 107

  // MARK: Reading

  package static func parse(_ bytes: [UInt8]) -> Parse {
    if bytes.starts(with: signature) { return parseBinary(bytes) }
    if signature.starts(with: bytes) || word.starts(with: bytes) { return .incomplete }
    guard bytes.starts(with: word) else { return .invalid }
    guard let end = bytes.prefix(longest).firstIndex(of: 10) else {
      return bytes.count < longest ? .incomplete : .invalid
    }
    guard bytes[end - 1] == 13 else { return .invalid }
    let text = String(decoding: bytes[word.count..<end - 1], as: UTF8.self)
    guard let header = line(text.split(separator: " ", omittingEmptySubsequences: false)) else {
      return .invalid
    }
    return .header(header, length: end + 1)
  }

  private static func line(_ words: [Substring]) -> ProxyHeader? {
    switch words.first {
    case "UNKNOWN": return ProxyHeader(source: nil, destination: nil)
    case "TCP6" where words.count == 5:
      // Its addresses have no place here; the connection's own are taken.
      return port(words[3]) != nil && port(words[4]) != nil
        ? ProxyHeader(source: nil, destination: nil) : nil
    case "TCP4" where words.count == 5:
      guard let from = ConfigurationValues.address(words[1]),
        let to = ConfigurationValues.address(words[2]), let fromPort = port(words[3]),
        let toPort = port(words[4])
      else { return nil }
      return ProxyHeader(
        source: ClientAddress(ip: from, port: fromPort),
        destination: ClientAddress(ip: to, port: toPort))
    default: return nil
    }
  }

  private static func port(_ word: Substring) -> UInt16? {
    word.first == "0" && word.count > 1 || word.first == "+" ? nil : UInt16(word)
  }

  private static func parseBinary(_ bytes: [UInt8]) -> Parse {
    guard bytes.count >= 16 else { return .incomplete }
    let length = Int(bytes[14]) << 8 | Int(bytes[15])
    guard bytes[12] >> 4 == 2, bytes[12] & 15 <= 1 else { return .invalid }
    guard bytes.count >= 16 + length else { return .incomplete }
    var header = ProxyHeader(source: nil, destination: nil)
    // 0x20 is a connection of the sender's own.
    if bytes[12] == 0x21, bytes[13] == 0x11 {
      guard length >= 12 else { return .invalid }
      func number(_ place: Int, _ count: Int) -> UInt32 {
        bytes[place..<place + count].reduce(0) { $0 << 8 | UInt32($1) }
      }
      header.source = ClientAddress(ip: number(16, 4), port: UInt16(number(24, 2)))
      header.destination = ClientAddress(ip: number(20, 4), port: UInt16(number(26, 2)))
    }
    return .header(header, length: 16 + length)
  }

  // MARK: Writing

  package func bytes(_ version: Version) -> [UInt8] {
    guard let source, let destination else {
      return version == .v1
        ? Array("PROXY UNKNOWN\r\n".utf8) : Self.signature + [0x20, 0, 0, 0]
    }
    if version == .v1 {
      return Array(
        "PROXY TCP4 \(source.host) \(destination.host) \(source.port) \(destination.port)\r\n".utf8)
    }
    func big(_ number: UInt32, _ count: Int) -> [UInt8] {
      (0..<count).reversed().map { UInt8(truncatingIfNeeded: number >> UInt32(8 * $0)) }
    }
    return Self.signature + [0x21, 0x11, 0, 12] + big(source.ip, 4) + big(destination.ip, 4)
      + big(UInt32(source.port), 2) + big(UInt32(destination.port), 2)
  }
}

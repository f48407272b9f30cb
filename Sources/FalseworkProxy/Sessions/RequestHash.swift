// SPDX-License-Identifier: Apache-2.0

/// How a key becomes a number, and a number a server (configuration manual, 4.2 "hash-type").
package struct HashType: Equatable, Sendable {
  package enum Function: String, CaseIterable, Equatable, Sendable {
    case sdbm, djb2, wt6, crc32
  }

  package var isConsistent = false
  package var function = Function.sdbm
  /// The number is stirred once more, so that near keys fall far apart.
  package var hasAvalanche = false

  package init() {}

  func hash(_ key: some Sequence<UInt8>) -> UInt32 {
    let hash: UInt32 =
      switch function {
      case .sdbm: key.reduce(0) { UInt32($1) &+ ($0 << 6) &+ ($0 << 16) &- $0 }
      case .djb2: key.reduce(5_381) { ($0 << 5) &+ $0 &+ UInt32($1) }
      case .wt6: Self.wt6(key)
      case .crc32: Self.crc32(key)
      }
    return stirred(hash)
  }

  func stirred(_ hash: UInt32) -> UInt32 { hasAvalanche ? Self.full(hash) : hash }

  /// The stirring itself; the places on the ring of `consistent` come from it too.
  static func full(_ number: UInt32) -> UInt32 {
    var a = number
    a = (a &+ 0x7ed5_5d16) &+ (a << 12)
    a = (a ^ 0xc761_c23c) ^ (a >> 19)
    a = (a &+ 0x1656_67b1) &+ (a << 5)
    a = (a &+ 0xd3a2_646c) ^ (a << 9)
    a = (a &+ 0xfd70_46c5) &+ (a << 3)
    a = (a ^ 0xb55a_4f09) ^ (a >> 16)
    return a &* 3_221_225_473
  }

  private static func wt6(_ key: some Sequence<UInt8>) -> UInt32 {
    var (h0, h1): (UInt32, UInt32) = (0xa53c_965a, 0x5ca6_953a)
    var (step0, step1): (UInt32, UInt32) = (6, 18)
    func turned(_ number: UInt32, _ step: UInt32) -> UInt32 {
      step == 0 ? number : number << step | number >> (32 - step)
    }
    for byte in key {
      h0 = ~(h0 ^ UInt32(byte))
      h1 = ~(h1 &+ UInt32(byte))
      let next = turned(h1, step0)
      h1 = turned(h0, step1)
      h0 = next
      let bits = ((h0 >> 16) ^ h1) & 0xffff
      step0 = bits & 0x1f
      step1 = bits >> 11
    }
    return h0 ^ h1
  }

  /// CRC-32 of ISO 3309, as zlib has it.
  private static func crc32(_ key: some Sequence<UInt8>) -> UInt32 {
    var crc = UInt32.max
    for byte in key {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }
    return ~crc
  }
}

/// What `balance uri`, `url_param` and `hdr` take for a request's key.
extension ProxyConfiguration.Balance {
  /// The key's hash; nil where the request does not have what is asked for, and for algorithms
  /// that look at no request.
  func hash(_ message: RequestMessage, _ type: HashType) -> UInt32? {
    switch self {
    case .roundrobin, .staticRoundrobin, .leastconn, .first, .source, .drawn: nil
    case .uri(let options): type.hash(options.key(message.target))
    case .urlParam(let name): message.parameter(name).map { type.hash($0) }
    case .header(let name, let domainOnly):
      message.firstValue(of: name).flatMap { value in
        value.isEmpty ? nil : type.hash(domainOnly ? Self.domain(value) : value[...])
      }
    }
  }

  /// `source`: the words of the address, folded; for IPv4 the address itself.
  static func sourceHash(_ ip: UInt32, _ type: HashType) -> UInt32 { type.stirred(ip) }

  /// `use_domain_only`: of `www.example.org:80` only `example`.
  private static func domain(_ host: [UInt8]) -> ArraySlice<UInt8> {
    let name = host.prefix { $0 != UInt8(ascii: ":") }
    guard let last = name.lastIndex(of: UInt8(ascii: ".")) else { return name }
    let front = name[..<last]
    let start = front.lastIndex(of: UInt8(ascii: ".")).map { $0 + 1 } ?? front.startIndex
    return front[start...]
  }
}

extension ProxyConfiguration.URIHash {
  func key(_ target: [UInt8]) -> ArraySlice<UInt8> {
    let slash = UInt8(ascii: "/")
    var key = target[...]
    if pathOnly, key.first != slash, let scheme = key.firstRange(of: Array("://".utf8)) {
      let rest = key[scheme.upperBound...]
      key = rest[(rest.firstIndex(of: slash) ?? rest.endIndex)...]
    }
    if let length { key = key.prefix(length) }
    var slashes = 0
    for (index, byte) in zip(key.indices, key) {
      if byte == slash {
        slashes += 1
        if let depth, slashes == depth + 1 { return key[..<index] }
      } else if byte == UInt8(ascii: "?"), !whole {
        return key[..<index]
      }
    }
    return key
  }
}

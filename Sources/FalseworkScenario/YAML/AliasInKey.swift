// SPDX-License-Identifier: Apache-2.0

/// Finds aliases in keys before Yams composes the document.
///
/// Yams hashes every key to find duplicates, whole trees too. Aliases that name aliases make a tree
/// of a few lines unfold to billions of nodes; as values they are harmless, since nodes are shared,
/// but hashing one as a key takes for ever. No key of a scenario is a collection, so such a file is
/// refused unread.
enum AliasInKey {
  struct Place: Equatable {
    var line: Int
    var column: Int
  }

  /// Where an alias stands in a key, or could: text in a block scalar that looks like it is taken
  /// for it. Nil for every text without an anchor and an alias.
  static func first(in text: String) -> Place? {
    let bytes = Array(text.utf8)
    guard !names(after: "&", in: bytes).isEmpty, !names(after: "*", in: bytes).isEmpty else {
      return nil
    }
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
    {
      let line = Array(line)
      if let offset = explicitKey(line) ?? simpleKey(line, names(after: "*", in: line)) {
        return Place(line: index + 1, column: offset + 1)
      }
    }
    return nil
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte == 0x2D
      || byte == 0x5F
  }

  /// What may be an anchor (`&name`) or an alias (`*name`).
  private static func names(after sign: Unicode.Scalar, in bytes: [UInt8]) -> [Range<Int>] {
    bytes.indices.compactMap { start in
      guard bytes[start] == UInt8(ascii: sign), start + 1 < bytes.count,
        isNameByte(bytes[start + 1])
      else { return nil }
      return start..<(bytes[(start + 1)...].firstIndex { !isNameByte($0) } ?? bytes.count)
    }
  }

  /// `? key`: a question mark between spaces where a value may begin.
  private static func explicitKey(_ line: [UInt8]) -> Int? {
    line.indices.first { index in
      guard line[index] == 0x3F, index + 1 == line.count || isBlank(line[index + 1]) else {
        return false
      }
      let before = line[..<index].last { !isBlank($0) }
      return before == nil || "-?:[{,".utf8.contains(before!)
    }
  }

  /// `*name: …`, or `[*name]: …` in one line.
  private static func simpleKey(_ line: [UInt8], _ aliases: [Range<Int>]) -> Int? {
    for alias in aliases {
      var index = alias.upperBound
      while index < line.count, isBlank(line[index]) { index += 1 }
      if index < line.count, line[index] == 0x3A { return alias.lowerBound }
      let closes = line[alias.upperBound...].indices.contains { place in
        guard line[place] == 0x5D || line[place] == 0x7D else { return false }
        let next = line[(place + 1)...].first { !isBlank($0) }
        return next == 0x3A
      }
      if closes { return alias.lowerBound }
    }
    return nil
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0D
  }
}

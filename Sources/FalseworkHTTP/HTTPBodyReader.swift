// SPDX-License-Identifier: Apache-2.0

/// Tells the data of a body from its framing (RFC 9112, 6 and 7).
///
/// Chunk extensions are skipped up to 256 bytes a chunk, trailers up to 8 KiB in all; both are
/// held to their grammar and dropped. The white space that RFC 9112, 7.1.1 calls bad is refused
/// around extensions: two readings of a chunk's size are how requests are smuggled.
package struct HTTPBodyReader: Equatable, Sendable {
  package enum Step: Equatable, Sendable {
    /// These bytes are data; everything before the upper bound is consumed.
    case payload(Range<Int>)
    /// All bytes are consumed.
    case needMore
    /// The body ended before this offset; what follows is the next message.
    case finished(consumed: Int)
    case invalid(HTTPFault)
  }

  private enum Part: Equatable {
    case size, sizeLineFeed
    case extensionStart, extensionName, extensionValueStart, extensionValue
    case quoted, quotedPair, quotedEnd
    case data, dataCarriageReturn, dataLineFeed
    case trailerStart, trailerName, trailerValue, trailerLineFeed, endLineFeed
  }

  private enum State: Equatable {
    case finished
    case length(Int)
    case chunked(Part)
    case untilClose
  }

  private var state: State
  /// Bytes of the current chunk that are still to come, or the size as read so far.
  private var remaining = 0
  private var digits = 0
  /// Bytes of extensions of this chunk, or of trailers.
  private var skipped = 0

  private static let longestExtension = 256
  private static let longestTrailers = 8_192

  package init(_ framing: HTTPFraming) {
    switch framing {
    case .none: state = .finished
    case .length(let count): state = count == 0 ? .finished : .length(count)
    case .chunked: state = .chunked(.size)
    case .untilClose, .tunnel: state = .untilClose
    }
  }

  package var isFinished: Bool { state == .finished }

  /// Whether the end of the stream is a legal end of the body here.
  package var mayEndByClose: Bool { state == .untilClose || state == .finished }

  /// The next step over `bytes` from the offset `from` on. Call again from the end of the payload
  /// until it needs more or is finished.
  package mutating func read(_ bytes: Span<UInt8>, from: Int) -> Step {
    switch state {
    case .finished:
      return .finished(consumed: from)
    case .untilClose:
      return from < bytes.count ? .payload(from..<bytes.count) : .needMore
    case .length(let left):
      guard from < bytes.count else { return .needMore }
      let end = min(bytes.count, from + left)
      state = left == end - from ? .finished : .length(left - (end - from))
      return .payload(from..<end)
    case .chunked(let part):
      return readChunked(bytes, from, part)
    }
  }

  private mutating func readChunked(
    _ bytes: Span<UInt8>, _ from: Int, _ start: Part
  ) -> Step {
    var part = start
    var index = from
    while index < bytes.count {
      if part == .data {
        let end = min(bytes.count, index + remaining)
        remaining -= end - index
        state = .chunked(remaining == 0 ? .dataCarriageReturn : .data)
        return .payload(index..<end)
      }
      guard let next = advance(part, bytes[index]) else {
        return .invalid(HTTPFault(kind: faultKind(part), offset: index))
      }
      index += 1
      if part == .endLineFeed {
        state = .finished
        return .finished(consumed: index)
      }
      part = next
    }
    state = .chunked(part)
    return .needMore
  }

  /// The part after this byte, or nil if the byte may not stand here.
  private mutating func advance(_ part: Part, _ byte: UInt8) -> Part? {
    switch part {
    case .size:
      return advanceSize(byte)
    case .extensionStart, .extensionName, .extensionValueStart, .extensionValue, .quoted,
      .quotedPair, .quotedEnd:
      skipped += 1
      return skipped <= Self.longestExtension ? advanceExtension(part, byte) : nil
    case .sizeLineFeed:
      guard byte == 0x0A else { return nil }
      digits = 0
      skipped = 0
      return remaining == 0 ? .trailerStart : .data
    case .data:
      return .data
    case .dataCarriageReturn:
      return byte == 0x0D ? .dataLineFeed : nil
    case .dataLineFeed:
      return byte == 0x0A ? .size : nil
    case .trailerStart where byte == 0x0D:
      return .endLineFeed
    case .trailerStart, .trailerName, .trailerValue:
      skipped += 1
      return skipped <= Self.longestTrailers ? advanceTrailer(part, byte) : nil
    case .trailerLineFeed:
      return byte == 0x0A ? .trailerStart : nil
    case .endLineFeed:
      return byte == 0x0A ? .endLineFeed : nil
    }
  }

  private mutating func advanceSize(_ byte: UInt8) -> Part? {
    if let digit = byte.hexDigit {
      digits += 1
      guard digits <= 15 else { return nil }
      remaining = remaining << 4 | digit
      return .size
    }
    guard digits > 0 else { return nil }
    return Self.afterSize(byte)
  }

  private static func afterSize(_ byte: UInt8) -> Part? {
    byte == 0x0D ? .sizeLineFeed : byte == 0x3B ? .extensionStart : nil
  }

  /// `;name`, `;name=token` or `;name="quoted"`, any number of them.
  private func advanceExtension(_ part: Part, _ byte: UInt8) -> Part? {
    switch part {
    case .extensionStart: return byte.isTokenByte ? .extensionName : nil
    case .extensionName where byte == 0x3D: return .extensionValueStart
    case .extensionValueStart where byte == 0x22: return .quoted
    case .extensionValueStart: return byte.isTokenByte ? .extensionValue : nil
    case .extensionName, .extensionValue: return byte.isTokenByte ? part : Self.afterSize(byte)
    case .quoted where byte == 0x22: return .quotedEnd
    case .quoted where byte == 0x5C: return .quotedPair
    case .quoted, .quotedPair: return byte.isFieldByte ? .quoted : nil
    default: return Self.afterSize(byte)
    }
  }

  private func advanceTrailer(_ part: Part, _ byte: UInt8) -> Part? {
    switch part {
    case .trailerStart: return byte.isTokenByte ? .trailerName : nil
    case .trailerName: return byte == 0x3A ? .trailerValue : byte.isTokenByte ? .trailerName : nil
    default: return byte == 0x0D ? .trailerLineFeed : byte.isFieldByte ? .trailerValue : nil
    }
  }

  private func faultKind(_ part: Part) -> HTTPFault.Kind {
    switch part {
    case .size, .sizeLineFeed, .extensionStart, .extensionName, .extensionValueStart,
      .extensionValue, .quoted, .quotedPair, .quotedEnd:
      .chunkSize
    case .data, .dataCarriageReturn, .dataLineFeed: .chunkEnd
    case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed, .endLineFeed: .trailer
    }
  }
}

extension UInt8 {
  var hexDigit: Int? {
    if isDigit { return Int(self - 0x30) }
    let lower = self | 0x20
    return lower >= 0x61 && lower <= 0x66 ? Int(lower - 0x61 + 10) : nil
  }
}

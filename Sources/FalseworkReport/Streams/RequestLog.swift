// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import FalseworkLoad

/// The log of requests in its binary form: about 40 octets a request, in the order in which they
/// ended.
///
/// After a line of text come records, each a kind and its numbers, of variable length (the ninth
/// octet ends one). Texts are written once and then named by their number. specs/outputs.md has the
/// whole format.
package enum RequestLog {
  static let magic = Array("falsework requests 1\n".utf8)

  enum Kind: Int64, CaseIterable {
    /// A text: its length and octets. The first is number 1; 0 is the empty one.
    case text = 1
    case request = 2
    /// The end, with the number of requests. Without it the log was cut short.
    case end = 3
  }

  /// Writes one; the world carries the bytes to where they are wanted.
  struct Writer: Sendable {
    private var texts: [String: Int64] = ["": 0]
    private var count = 0
    private var lastNumber = 0
    private var lastDue = Instant.start

    mutating func write(_ request: LoggedRequest, into bytes: inout [UInt8]) {
      let names = [request.task, request.step, request.verdict, request.server].map {
        number(of: $0, into: &bytes)
      }
      func put(_ number: Int64) { bytes.append(zigZag: number) }
      func put(_ instant: Instant, after due: Instant) {
        put(instant == .never ? 0 : (instant - due).nanoseconds + 1)
      }
      put(Kind.request.rawValue)
      put(Int64(request.number - lastNumber))
      put((request.due - lastDue).nanoseconds)
      for instant in [request.began, request.sent, request.firstByte, request.done] {
        put(instant, after: request.due)
      }
      for name in names { put(name) }
      for number in [
        request.user, request.journey, request.status, request.port, request.ordinal,
        request.bodyBytes, Self.flags(request), request.token,
      ] { put(Int64(number)) }
      if request.token != 0 { put((request.due - request.tokenIssued).nanoseconds) }
      lastNumber = request.number
      lastDue = request.due
      count += 1
    }

    private static func flags(_ request: LoggedRequest) -> Int {
      (request.newConnection ? 1 : 0) | (request.lackedToken ? 2 : 0)
        | (request.isAuthentication ? 4 : 0) | Int(request.method.rawValue) << 3
    }

    mutating func end(into bytes: inout [UInt8]) {
      bytes.append(zigZag: Kind.end.rawValue)
      bytes.append(zigZag: Int64(count))
    }

    private mutating func number(of text: String, into bytes: inout [UInt8]) -> Int64 {
      if let number = texts[text] { return number }
      let number = Int64(texts.count)
      texts[text] = number
      bytes.append(zigZag: Kind.text.rawValue)
      bytes.append(zigZag: Int64(text.utf8.count))
      bytes.append(contentsOf: text.utf8)
      return number
    }
  }

  package enum Problem: Error, Equatable, Sendable {
    case notALog
    case damaged(request: Int)
    /// It ends without its end: the requests before are right.
    case cutShort(requests: Int)

    package var text: String {
      switch self {
      case .notALog: "no log of requests of this program"
      case .damaged(let request): "damaged after request \(request) of the file"
      case .cutShort(let requests): "cut short after \(requests) requests"
      }
    }
  }

  /// Reads one piece by piece, in the memory of a piece and of the texts.
  package struct Reader: Sendable {
    private var rest: [UInt8] = []
    private var texts = [""]
    private var isBegun = false
    private var isEnded = false
    private var lastNumber = 0
    private var lastDue = Instant.start
    package private(set) var count = 0

    private static let textLimit = 65_536

    package init() {}

    package mutating func add(_ bytes: [UInt8]) { rest += bytes }

    /// The requests that are whole so far.
    package mutating func requests() throws(Problem) -> [LoggedRequest] {
      guard begin() else {
        if rest.count >= magic.count || !magic.starts(with: rest) { throw .notALog }
        return []
      }
      var requests: [LoggedRequest] = []
      var from = 0
      while from < rest.count, !isEnded {
        var numbers = Numbers(rest[from...])
        do throws(Numbers.Problem) {
          if let request = try record(&numbers) { requests.append(request) }
        } catch {
          if error == .damaged { throw .damaged(request: count) }
          break
        }
        from = numbers.place
      }
      rest.removeFirst(from)
      return requests
    }

    /// To be asked when nothing comes any more.
    package func finish() throws(Problem) {
      guard isBegun else { throw .notALog }
      guard isEnded else { throw .cutShort(requests: count) }
    }

    private mutating func begin() -> Bool {
      if !isBegun, rest.starts(with: magic) {
        rest.removeFirst(magic.count)
        isBegun = true
      }
      return isBegun
    }

    private mutating func record(
      _ numbers: inout Numbers
    ) throws(Numbers.Problem) -> LoggedRequest? {
      switch Kind(rawValue: try numbers.next()) {
      case .text:
        let length = try numbers.next()
        guard (0...Int64(Self.textLimit)).contains(length), texts.count < 1_000_000 else {
          throw .damaged
        }
        texts.append(String(decoding: try numbers.octets(Int(length)), as: UTF8.self))
        return nil
      case .request: return try request(&numbers)
      case .end:
        guard try numbers.next() == Int64(count) else { throw .damaged }
        isEnded = true
        return nil
      case nil: throw .damaged
      }
    }

    private mutating func request(
      _ numbers: inout Numbers
    ) throws(Numbers.Problem) -> LoggedRequest {
      var request = LoggedRequest()
      request.number = lastNumber &+ Int(try numbers.next())
      request.due = Instant.start + ((lastDue - .start) + .nanoseconds(try numbers.next()))
      request.began = try numbers.instant(after: request.due)
      request.sent = try numbers.instant(after: request.due)
      request.firstByte = try numbers.instant(after: request.due)
      request.done = try numbers.instant(after: request.due)
      request.task = try text(numbers.next())
      request.step = try text(numbers.next())
      request.verdict = try text(numbers.next())
      request.server = try text(numbers.next())
      request.user = Int(try numbers.next())
      request.journey = Int(try numbers.next())
      request.status = Int(try numbers.next())
      request.port = Int(try numbers.next())
      request.ordinal = Int(try numbers.next())
      request.bodyBytes = Int(try numbers.next())
      let flags = try numbers.next()
      request.newConnection = flags & 1 != 0
      request.lackedToken = flags & 2 != 0
      request.isAuthentication = flags & 4 != 0
      guard let number = UInt8(exactly: flags >> 3), let method = HTTPMethod(rawValue: number)
      else { throw .damaged }
      request.method = method
      request.token = Int(try numbers.next())
      if request.token != 0 {
        request.tokenIssued = .start + ((request.due - .start) - .nanoseconds(try numbers.next()))
      }
      (lastNumber, lastDue) = (request.number, request.due)
      count += 1
      return request
    }

    private func text(_ number: Int64) throws(Numbers.Problem) -> String {
      guard texts.indices.contains(Int(number)) else { throw .damaged }
      return texts[Int(number)]
    }
  }

  /// Numbers of variable length, one after the other.
  private struct Numbers {
    enum Problem: Error { case incomplete, damaged }

    private var reader: ZigZagReader

    init(_ bytes: ArraySlice<UInt8>) {
      reader = ZigZagReader(bytes)
    }

    var place: Int { reader.rest.startIndex }

    mutating func next() throws(Problem) -> Int64 {
      guard let number = reader.next() else { throw .incomplete }
      // Beyond it no sum of two overflows.
      guard abs(number / 2) < 1 << 61 else { throw .damaged }
      return number
    }

    mutating func instant(after due: Instant) throws(Problem) -> Instant {
      let offset = try next()
      return offset == 0 ? .never : .start + ((due - .start) + .nanoseconds(offset - 1))
    }

    mutating func octets(_ count: Int) throws(Problem) -> ArraySlice<UInt8> {
      guard let octets = reader.take(count) else { throw .incomplete }
      return octets
    }
  }
}

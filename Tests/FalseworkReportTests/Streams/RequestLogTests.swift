// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkLoad
@testable import FalseworkReport

struct RequestLogTests {
  private static func outcomes(_ count: Int) -> [Outcome] {
    var random = SeededGenerator(seed: 5, stream: "requests")
    return (1...count).map { number in
      let due = number * 13
      var outcome = SyntheticRun.outcome(
        number: number, step: number % 2, user: number % 7, journey: number / 2 + 1, sent: due,
        done: due + Int(random.below(500)), ordinal: number % 5 + 1,
        status: number % 9 == 0 ? 0 : 200, number % 9 == 0 ? .reset : .ok,
        lackedToken: number % 11 == 0)
      if number % 3 == 0 { outcome.server = "keystone\(number % 4), \"quoted\"" }
      outcome.bodyBytes = Int(random.below(1 << 20))
      if number % 2 == 0 {
        outcome.tokenNumber = number - 1
        outcome.tokenIssued = SyntheticRun.at(due - 13)
      }
      if number % 9 == 0 { outcome.firstByte = .never }
      return outcome
    }
  }

  private static func log(_ requests: [LoggedRequest], ended: Bool = true) -> [UInt8] {
    var writer = RequestLog.Writer()
    var bytes = RequestLog.magic
    for request in requests { writer.write(request, into: &bytes) }
    if ended { writer.end(into: &bytes) }
    return bytes
  }

  private static let requests = outcomes(1_000).map { LoggedRequest($0, SyntheticRun.plan) }

  @Test(arguments: [1, 7, 4_096, 1_000_000])
  func `what was written is read, in pieces of any size`(piece: Int) throws {
    let bytes = Self.log(Self.requests)
    var reader = RequestLog.Reader()
    var read: [LoggedRequest] = []
    for from in stride(from: 0, to: bytes.count, by: piece) {
      reader.add(Array(bytes[from..<min(bytes.count, from + piece)]))
      read += try reader.requests()
    }
    try reader.finish()
    #expect(read == Self.requests)
  }

  @Test func `a request takes about forty octets`() {
    #expect(Self.log(Self.requests).count < 45 * Self.requests.count)
  }

  @Test func `a log without its end says how much of it is right`() throws {
    let bytes = Self.log(Self.requests, ended: false)
    var reader = RequestLog.Reader()
    reader.add(bytes)
    #expect(try reader.requests().count == 1_000)
    #expect(throws: RequestLog.Problem.cutShort(requests: 1_000)) { try reader.finish() }
  }

  @Test(arguments: ["", "number,task\n1,a\n", "falsework requests 2\n"])
  func `another file is none`(text: String) {
    var reader = RequestLog.Reader()
    reader.add(Array(text.utf8))
    #expect(throws: RequestLog.Problem.notALog) {
      _ = try reader.requests()
      try reader.finish()
    }
  }

  @Test func `no damage of one octet crashes the reader`() {
    let bytes = Self.log(Array(Self.requests.prefix(3)))
    for place in bytes.indices {
      for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
        var damaged = bytes
        damaged[place] = value
        var reader = RequestLog.Reader()
        reader.add(damaged)
        do throws(RequestLog.Problem) {
          for request in try reader.requests() { #expect(!request.line.isEmpty) }
          try reader.finish()
        } catch {
          #expect(!error.text.isEmpty)
        }
      }
    }
  }

  @Test func `a line of CSV has a cell for each column`() {
    let outcome = Self.outcomes(4)[3]
    let line = String(
      decoding: LoggedRequest(outcome, SyntheticRun.plan).line, as: UTF8.self)
    let began = "0.052000000"
    #expect(
      line.hasPrefix(
        "4,authenticate-then-validate,authenticate,4,3,\(began),\(began),\(began),"))
    #expect(line.split(separator: ",", omittingEmptySubsequences: false).count == 20)
    #expect(String(decoding: LoggedRequest.header, as: UTF8.self).hasPrefix("number,task,step,"))
  }
}

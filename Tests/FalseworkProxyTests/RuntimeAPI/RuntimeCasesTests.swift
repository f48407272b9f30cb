// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Foundation
import Testing

@testable import FalseworkProxy

/// Conversations that HAProxy 2.6 had, on the same configuration: `Tests/Interop/runtime-cases.txt`.
private struct Conversation: Sendable {
  var level: RuntimeLevel
  var sent: String
  /// What came, with `= ` before it if the connection was closed then, `… ` if it stayed open.
  var recorded: String

  static func interop(_ name: String) throws -> String {
    let file = URL(filePath: #filePath).appending(path: "../../../Interop/\(name)")
    return try String(contentsOf: file.standardized, encoding: .utf8)
  }

  static func all() throws -> [Conversation] {
    var result: [Conversation] = []
    for line in try interop("runtime-cases.txt").split(separator: "\n") {
      if line.hasPrefix("=") || line.hasPrefix("…") {
        result[result.count - 1].recorded = String(line)
      } else if let level = RuntimeLevel.allCases.first(where: { line.hasPrefix("\($0.name)> ") }) {
        let sent = line.dropFirst(level.name.count + 2)
        result.append(.init(level: level, sent: unescaped(sent), recorded: ""))
      }
    }
    return result
  }

  private static func unescaped(_ text: Substring) -> String {
    var result = ""
    var rest = text
    while let character = rest.popFirst() {
      guard character == "\\" else {
        result.append(character)
        continue
      }
      switch rest.popFirst() {
      case "n": result.append("\n")
      case "r": result += "\r"
      case let other?: result.append(other)
      case nil: result.append("\\")
      }
    }
    return result
  }

  static func escaped(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
      .replacing("\r", with: "\\r")
    return escaped.hasSuffix(" ") ? escaped.dropLast() + "\\s" : escaped
  }
}

/// Hides what differs from run to run and from program to program, as runtime-api.py does.
private func masked(_ answer: String) -> String {
  var columns: [String] = []
  let lines = answer.components(separatedBy: "\n").map { line -> String in
    if line.hasPrefix("# pxname,") {
      columns = line.dropFirst(2).components(separatedBy: ",")
      return columns.count == 129 ? "{stat header}" : line
    }
    var cells = line.components(separatedBy: ",")
    if !columns.isEmpty, cells.count == 129 {
      for name in ["lastchg", "downtime", "check_duration", "need_conn_est"] {
        let place = columns.firstIndex(of: name)!
        cells[place] = cells[place].isEmpty ? "" : "*"
      }
      return cells.joined(separator: ",")
    }
    var fields = line.components(separatedBy: " ")
    if line.hasPrefix("# be_id be_name") { return fields.count == 26 ? "{servers header}" : line }
    if fields.count == 25, line.first!.isNumber {
      fields[9] = "*"
    } else if line.wholeMatch(of: #/\S+/\S+ \d+/\d+ (\S+ ){11}\S+/#) != nil {
      fields[7] = "*"
      fields[8] = "*"
    }
    return fields.joined(separator: " ")
  }
  return lines.joined(separator: "\n")
    .replacing(#/0x[0-9a-f]+: /#, with: "0x*: ")
    .replacing(#/captured on \[[^\]]*\]/#, with: "captured on [*]")
    .replacing(#/2\.6\.\d+[-+.\w]*/#, with: "{version}")
    .replacing(#/(?:\n|^)  [a-z][^\n]*: [^\n]*(?=\n)/#, with: "")
    .replacing(#/\.(lastchg|downtime|check_duration|need_conn_est)\.1:(\w+:\w+):\d+/#) {
      ".\($0.1).1:\($0.2):*"
    }
    .replacing(
      #/("name":"(?:lastchg|downtime|check_duration|need_conn_est)"[^\n]*?"value":)\d+/#
    ) { "\($0.1)*" }
}

@Suite struct RuntimeCasesTests {
  /// The proxy of runtime.cfg at the moment when HAProxy's answers were recorded: the check of be/n2
  /// has failed, that of single/a has not begun.
  private func proxy() throws -> Proxy {
    let reading = ProxyConfiguration.read(
      try Conversation.interop("runtime.cfg"), file: "runtime.cfg", environment: { _ in nil })
    var proxy = Proxy(configuration: try #require(reading.configuration), now: .start)
    var effects: [Proxy.Effect] = []
    proxy.wake(now: .start, into: &effects)
    let check = try #require(proxy.servers[1].check)
    proxy.checkFailed(check, .refused, now: .start, into: &effects)
    proxy.setChecking(ServerID(3), false, now: .start, into: &effects)
    proxy.setChecking(ServerID(3), true, now: .start, into: &effects)
    return proxy
  }

  @Test func `every conversation goes as it went with HAProxy`() throws {
    var proxy = try proxy()
    var effects: [Proxy.Effect] = []
    let process = RuntimeProcess(pid: 1, node: "vm", wall: UTCTime(seconds: 1_800_000_000))
    let conversations = try Conversation.all()
    #expect(conversations.count > 300)
    for conversation in conversations {
      var session = RuntimeSession(
        level: conversation.level, process: process, silence: .seconds(10), now: .start)
      var output: [UInt8] = []
      session.received(
        conversation.sent.utf8, proxy: &proxy, now: .start, into: &effects, output: &output)
      let answer = Conversation.escaped(masked(String(decoding: output, as: UTF8.self)))
      let told = ((session.isOver ? "= " : "… ") + answer)
        .trimmingCharacters(in: .whitespaces)
      #expect(told == conversation.recorded, "\(conversation.level.name)> \(conversation.sent)")
    }
  }
}

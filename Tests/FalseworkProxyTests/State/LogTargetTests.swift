// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

@Suite struct LogTargetTests {
  private static let time = UTCTime(nanoseconds: 1_795_578_161_220_072_000)

  @Test(arguments: [
    (LogTarget.Format.raw, "text\n"), (.priority, "<134>text\n"), (.short, "<6>text\n"),
    (.local, "<134>Nov 25 03:42:41 haproxy[7]: text\n"),
    (.rfc3164, "<134>Nov 25 03:42:41 localhost haproxy[7]: text\n"),
    (.rfc5424, "<134>1 2026-11-25T03:42:41.220072+00:00 - haproxy 7 - - text\n"),
    (.timed, "<6>2026-11-25T03:42:41.220072+00:00 text\n"),
    (.iso, "2026-11-25T03:42:41.220072+00:00 text\n"),
  ])
  func `each form has its own head`(format: LogTarget.Format, expected: String) throws {
    var target = LogTarget(destination: .stdout)
    target.format = format
    target.facility = 16
    let frame = try #require(target.frame("text", level: 6, at: Self.time, process: 7))
    #expect(String(decoding: frame, as: UTF8.self) == expected)
  }

  @Test(arguments: [(7, 0, 6, "<6>"), (5, 0, 6, nil), (5, 0, 5, "<5>"), (7, 5, 1, "<5>")])
  func `levels are kept out, or lowered`(least: Int, most: Int, level: Int, head: String?) {
    var target = LogTarget(destination: .stdout)
    target.format = .priority
    target.least = least
    target.most = most
    let frame = target.frame("", level: level, at: Self.time, process: 7)
    #expect(frame.map { String(decoding: $0.dropLast(), as: UTF8.self) } == head)
  }

  @Test func `a message is cut, and ends its line all the same`() throws {
    var target = LogTarget(destination: .stdout)
    target.format = .raw
    target.length = 5
    let frame = try #require(target.frame("abcdefgh", level: 6, at: Self.time, process: 7))
    #expect(frame == Array("abcde\n".utf8))
  }

  @Test(arguments: [
    ("127.0.0.1:5514 local0", LogTarget.Destination.udp(host: "127.0.0.1", port: 5_514)),
    ("10.0.0.1 local0 notice", .udp(host: "10.0.0.1", port: 514)),
    ("/dev/log local0", .path("/dev/log")),
    ("unix@/a local7", .path("/a")), ("stderr format raw daemon", .stderr),
  ])
  func `a place is an address, a path or a stream`(
    line: String, destination: LogTarget.Destination
  ) throws {
    let text = "global\nlog \(line)\ndefaults\nmode http\nlog global\nfrontend f\nbind 127.0.0.1:1"
    let reading = ProxyConfiguration.read(text, file: "h.cfg", environment: { _ in nil })
    let configuration = try #require(reading.configuration, "\(reading.problems)")
    #expect(configuration.frontendRules[0].logs.map(\.destination) == [destination])
  }
}

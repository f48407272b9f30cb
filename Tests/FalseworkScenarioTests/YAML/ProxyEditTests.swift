// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkScenario

@Suite struct ProxyEditTests {
  private static let text = """
    defaults
        mode http
        retry-on conn-failure
    frontend f
        bind :80
    backend b
        no option redispatch
        server a 127.0.0.1:1 check inter 12s fall 2 # one
        server b 127.0.0.1:2
    """

  private static func lines(_ edit: ProxyEdit) -> [String] {
    edit.applied(to: text).split(separator: "\n").map { $0.trimmed }
  }

  @Test func `a line goes before the first server, and takes the place of its like`() {
    let lines = Self.lines(.backend(line: "option redispatch 1", words: 2))
    #expect(
      lines.suffix(4) == [
        "backend b", "option redispatch 1", "server a 127.0.0.1:1 check inter 12s fall 2 # one",
        "server b 127.0.0.1:2",
      ])
  }

  @Test func `what the defaults say stays there, for the backend's own line is the stronger`() {
    let lines = Self.lines(.backend(line: "retry-on all-retryable-errors", words: 1))
    #expect(lines.contains("retry-on conn-failure"))
    #expect(lines.contains("retry-on all-retryable-errors"))
  }

  @Test(arguments: [
    ("inter", "2s", "server a 127.0.0.1:1 check inter 2s fall 2"),
    ("rise", "1", "server a 127.0.0.1:1 check inter 12s fall 2 rise 1"),
  ])
  func `a parameter is changed or added where there is a check`(
    parameter: String, value: String, line: String
  ) {
    let lines = Self.lines(.server(parameter: parameter, value: value))
    #expect(lines.contains(line))
    #expect(lines.contains("server b 127.0.0.1:2"))
  }
}

extension Substring {
  fileprivate var trimmed: String { String(drop { $0 == " " }) }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

private let process = RuntimeProcess(pid: 42, node: "vm", wall: UTCTime(seconds: 1_800_000_000))

/// A session with a small proxy behind it.
private struct Talk {
  var proxy: Proxy
  var session: RuntimeSession
  var effects: [Proxy.Effect] = []
  var now = Instant.start

  init(level: RuntimeLevel = .admin, silence: Interval = .seconds(10)) {
    let text = """
      defaults
        mode http
        timeout client 5s
        timeout connect 1s
        timeout server 5s
      frontend fe
        bind 127.0.0.1:1
        default_backend be
      backend be
        server n1 127.0.0.1:2
        server n2 127.0.0.1:3
      """
    let reading = ProxyConfiguration.read(text, file: "h.cfg", environment: { _ in nil })
    proxy = Proxy(configuration: reading.configuration!, now: .start)
    session = RuntimeSession(level: level, process: process, silence: silence, now: .start)
  }

  mutating func send(_ text: String) -> String {
    var output: [UInt8] = []
    session.received(text.utf8, proxy: &proxy, now: now, into: &effects, output: &output)
    return String(decoding: output, as: UTF8.self)
  }
}

@Suite struct RuntimeSessionTests {
  @Test func `a line may come byte by byte`() {
    var talk = Talk()
    var answer = ""
    for byte in "get weight be/n1\n" {
      #expect(answer.isEmpty && !talk.session.isOver)
      answer += talk.send(String(byte))
    }
    #expect(answer == "1 (initial 1)\n\n")
    #expect(talk.session.isOver)
  }

  @Test func `part of a next line keeps the session open until it is whole`() {
    var talk = Talk()
    #expect(talk.send("get weight be/n1\nget wei") == "1 (initial 1)\n\n")
    #expect(!talk.session.isOver)
    #expect(talk.send("ght be/n2\n") == "1 (initial 1)\n\n")
    #expect(talk.session.isOver)
  }

  @Test func `nothing is executed once the session is over`() {
    var talk = Talk()
    _ = talk.send("quit\n")
    #expect(talk.send("disable server be/n1\n") == "")
    #expect(talk.effects.isEmpty)
  }

  @Test func `a line without its end is not executed when the client leaves`() {
    var talk = Talk()
    #expect(talk.send("disable server be/n1") == "")
    talk.session.ended()
    #expect(talk.session.isOver)
    #expect(talk.effects.isEmpty)
  }

  @Test(arguments: [false, true]) func `too long a line ends the session`(isWhole: Bool) {
    var talk = Talk()
    let line = String(repeating: "x", count: RuntimeSession.longestLine)
    #expect(talk.send("prompt\n" + line + (isWhole ? "\n" : "")) == "\n> ")
    #expect(talk.session.isOver)
  }

  @Test func `the longest line is executed`() {
    var talk = Talk()
    let command = "get weight be/n1"
    let padding = String(repeating: " ", count: RuntimeSession.longestLine - 1 - command.count)
    #expect(talk.send(command + padding + "\n") == "1 (initial 1)\n\n")
  }

  @Test func `a session ends after too long a silence, and bytes put that off`() {
    var talk = Talk(silence: .seconds(10))
    #expect(talk.session.nextWake == .start + .seconds(10))
    talk.now = .start + .seconds(9)
    #expect(talk.send("prompt\nset timeout cli 3\n") == "\n> \n> ")
    #expect(talk.session.nextWake == .start + .seconds(12))
    talk.session.wake(now: .start + .seconds(11))
    #expect(!talk.session.isOver)
    talk.session.wake(now: .start + .seconds(12))
    #expect(talk.session.isOver)
  }

  @Test(
    arguments: [
      ("5", 5_000), ("1500ms", 1_500), ("2m", 120_000), ("24d", 24 * 86_400_000),
    ] as [(String, Int64)]) func `set timeout counts in seconds where no unit is given`(
      text: String, milliseconds: Int64
    )
  {
    var talk = Talk()
    #expect(talk.send("set timeout cli \(text)\n") == "\n")
    #expect(talk.session.nextWake == .start + .milliseconds(milliseconds))
  }

  @Test func `a state that an administrator sets is in effect with the answer`() {
    var talk = Talk()
    #expect(talk.send("set server be/n1 state drain\n") == "\n")
    #expect("\(talk.proxy.servers[0].belief(talk.proxy.configuration.servers[0]))" == "DRAIN")
    #expect(
      talk.effects.contains {
        if case .believed(ServerID(0), let belief) = $0 { belief.admin.isDrain } else { false }
      })
  }

  @Test func `one line of an administrator is answered as a client that sends it alone`() {
    var talk = Talk()
    let answer = RuntimeSession.answer(
      to: "disable server be/n1; get weight be/n1", of: &talk.proxy, process: process,
      now: .start, into: &talk.effects)
    #expect(answer == "\n1 (initial 1)\n\n")
    #expect(talk.proxy.servers[0].admin.isMaint)
  }

  @Test(arguments: RuntimeCommand.allCases)
  func `every command is found by its words, is in help, and needs its level`(
    command: RuntimeCommand
  ) {
    #expect(RuntimeCommand.find(command.words.map(String.init) + ["x"]) == command)
    var talk = Talk(level: .user)
    #expect(talk.send("help\n").contains("\n  \(command.usage.words)"))
    let answer = Talk(level: .user).answer(to: command)
    #expect((answer == "Permission denied\n\n") == (command.level > .user))
  }
}

extension Talk {
  fileprivate func answer(to command: RuntimeCommand) -> String {
    var copy = self
    return copy.send(command.usage.words + "\n")
  }
}

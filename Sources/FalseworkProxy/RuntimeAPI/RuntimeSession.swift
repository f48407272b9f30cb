// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// What the runtime API says of the process that it belongs to, and the proxy cannot know.
package struct RuntimeProcess: Equatable, Sendable {
  package var pid: Int
  /// The name of the machine.
  package var node: String
  /// The wall-clock time of `Instant.start`.
  package var wall: UTCTime

  package init(pid: Int, node: String, wall: UTCTime) {
    self.pid = pid
    self.node = node
    self.wall = wall
  }
}

/// A client of the runtime API: bytes in, bytes out, to the byte as HAProxy 2.6 frames them.
///
///     one-shot ──prompt──▶ interactive        one-shot: over when all whole lines that came are
///        ▲                      │             executed and nothing is left of a line
///        └────────prompt────────┘             both: over after `quit`, the end of the client's
///                                             bytes, too long a line, or too long a silence
///
/// A line holds commands with `;` between them; a backslash takes its meaning from the next
/// character. Each answer ends with an empty line, success without a word is an empty line alone,
/// and an interactive session adds `> `. A line that ends with `<<` is followed by a payload up to
/// an empty line; no command that is known here reads one.
package struct RuntimeSession: Equatable, Sendable {
  /// HAProxy's buffer (`tune.bufsize`) without what it keeps back (`tune.maxrewrite`).
  package static let longestLine = 15_360

  private enum SeverityOutput: String, Equatable, Sendable { case none, number, string }

  package private(set) var level: RuntimeLevel
  /// The connection is to be closed once all output is sent.
  package private(set) var isOver = false
  /// When the session ends unless bytes come first.
  package private(set) var nextWake: Instant
  private let process: RuntimeProcess
  private var silence: Interval
  private var isInteractive = false
  private var severity = SeverityOutput.none
  private var input: [UInt8] = []
  /// The command whose payload is being skipped.
  private var payloadCommand: [String]?

  package init(level: RuntimeLevel, process: RuntimeProcess, silence: Interval, now: Instant) {
    self.level = level
    self.process = process
    self.silence = silence
    nextWake = now + silence
  }

  /// Bytes came from the client.
  package mutating func received(
    _ bytes: some Sequence<UInt8>, proxy: inout Proxy, now: Instant,
    into effects: inout [Proxy.Effect], output: inout [UInt8]
  ) {
    guard !isOver else { return }
    input.append(contentsOf: bytes)
    nextWake = now + silence
    var start = 0
    while !isOver, let end = input[start...].firstIndex(of: UInt8(ascii: "\n")) {
      guard end - start < Self.longestLine else { break }
      line(
        input[start..<end], proxy: &proxy, now: now, into: &effects, output: &output)
      start = end + 1
    }
    input.removeFirst(start)
    if input.count >= Self.longestLine || input.isEmpty && !isInteractive && payloadCommand == nil {
      isOver = true
    }
  }

  /// The client sends no more; what is no whole line is not executed.
  package mutating func ended() { isOver = true }

  /// Safe to call early: before `nextWake` it does nothing.
  package mutating func wake(now: Instant) {
    if now >= nextWake { isOver = true }
  }

  private mutating func line(
    _ bytes: ArraySlice<UInt8>, proxy: inout Proxy, now: Instant,
    into effects: inout [Proxy.Effect], output: inout [UInt8]
  ) {
    let bytes = bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes
    if let words = payloadCommand {
      guard bytes.isEmpty else { return }
      payloadCommand = nil
      return execute(words, proxy: &proxy, now: now, into: &effects, output: &output)
    }
    let commands = Self.commands(String(decoding: bytes, as: UTF8.self))
    for (index, words) in commands.enumerated() where !isOver {
      if index == commands.count - 1, words.last == "<<" {
        payloadCommand = words.dropLast()
        return
      }
      execute(words, proxy: &proxy, now: now, into: &effects, output: &output)
    }
  }

  /// The words of each command of a line.
  private static func commands(_ line: String) -> [[String]] {
    var commands: [[String]] = []
    var words: [String] = []
    var word: String?
    var rest = line[...]
    func close() {
      if let done = word { words.append(done) }
      word = nil
    }
    while let character = rest.popFirst() {
      switch character {
      case " ", "\t": close()
      case ";":
        close()
        commands.append(words)
        words = []
      case "\\":
        word = (word ?? "") + (rest.popFirst().map { String($0) } ?? "\\")
      default: word = (word ?? "") + String(character)
      }
    }
    close()
    return commands + [words]
  }

  private mutating func execute(
    _ words: [String], proxy: inout Proxy, now: Instant, into effects: inout [Proxy.Effect],
    output: inout [UInt8]
  ) {
    guard let reply = answer(words, proxy: &proxy, now: now, into: &effects) else {
      isOver = true
      return
    }
    if let severity = reply.severity {
      switch self.severity {
      case .none: break
      case .number: output.append(contentsOf: "[\(severity.rawValue)]: ".utf8)
      case .string: output.append(contentsOf: "[\(severity.name)]: ".utf8)
      }
    }
    output.append(contentsOf: reply.text.utf8)
    output.append(UInt8(ascii: "\n"))
    if isInteractive { output.append(contentsOf: "> ".utf8) }
  }

  /// Nil ends the session.
  private mutating func answer(
    _ words: [String], proxy: inout Proxy, now: Instant, into effects: inout [Proxy.Effect]
  ) -> RuntimeReply? {
    guard let command = RuntimeCommand.find(words) else { return RuntimeHelp.unknown(words) }
    guard level >= command.level else { return .denied }
    let arguments = Array(words.dropFirst(command.words.count))
    switch command {
    case .quit: return nil
    case .prompt:
      isInteractive.toggle()
      return .success
    case .help: return RuntimeHelp.help(arguments)
    case .operator, .user:
      level = command == .user ? .user : .operator
      return .success
    case .showCLILevel: return .info(level.name)
    case .setSeverityOutput:
      guard let first = arguments.first, let new = SeverityOutput(rawValue: first) else {
        return .error("one of 'none', 'number', 'string' is a required argument")
      }
      severity = new
      return .success
    case .setTimeout: return setTimeout(arguments, now: now)
    default:
      let call = Proxy.RuntimeCall(
        command: command, arguments: arguments, level: level, process: process, now: now)
      do {
        return try proxy.execute(call, into: &effects)
      } catch {
        return error
      }
    }
  }

  private mutating func setTimeout(_ arguments: [String], now: Instant) -> RuntimeReply {
    guard arguments.first == "cli" else { return .error("'set timeout' only supports 'cli'.") }
    guard arguments.count > 1 else { return .error("Expects an integer value.") }
    do {
      let value = try ConfigurationValues.time(
        arguments[1].last?.isNumber == true ? arguments[1] + "s" : arguments[1], "")
      guard value > .zero else { return .error("Invalid timeout value.") }
      silence = value
      nextWake = now + value
      return .success
    } catch {
      return .error("Invalid timeout value.")
    }
  }
}

extension RuntimeSession {
  /// The whole answer to one line from an administrator, as a client that sends it alone gets it.
  package static func answer(
    to line: String, of proxy: inout Proxy, process: RuntimeProcess, now: Instant,
    into effects: inout [Proxy.Effect]
  ) -> String {
    var session = RuntimeSession(level: .admin, process: process, silence: .forever, now: now)
    var output: [UInt8] = []
    session.received(
      Array(line.utf8) + [UInt8(ascii: "\n")], proxy: &proxy, now: now, into: &effects,
      output: &output)
    return String(decoding: output, as: UTF8.self)
  }
}

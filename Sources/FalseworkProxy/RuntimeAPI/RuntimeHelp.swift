// SPDX-License-Identifier: Apache-2.0

/// `help`, and the answer to what is no command.
enum RuntimeHelp {
  /// Commands that begin as the words do; with no words, all.
  static func help(_ words: [String]) -> RuntimeReply {
    .info("The following commands are valid at this level:\n" + list(words))
  }

  static func unknown(_ words: [String]) -> RuntimeReply {
    .info(
      (words.isEmpty
        ? "Unknown command. Please enter one of the following commands only:\n"
        : "Unknown command, but maybe one of the following ones is a better match:\n")
        + list(words))
  }

  private static let always: [RuntimeCommand] = [.help, .prompt, .quit]

  private static func list(_ words: [String]) -> String {
    (candidates(words).filter { !always.contains($0) } + always).map { command in
      let usage = command.usage
      let call = usage.words + usage.rest
      let padding = String(repeating: " ", count: max(0, 39 - call.count))
      return "  \(call)\(padding) : \(usage.about)"
    }.joined(separator: "\n")
  }

  /// Those that share most leading words with what was typed; if more words were typed, of these
  /// the five whose other words look most like them.
  private static func candidates(_ words: [String]) -> [RuntimeCommand] {
    func shared(_ command: RuntimeCommand) -> Int {
      zip(command.words, words).prefix { $0 == $1 }.count
    }
    let most = RuntimeCommand.allCases.map(shared).max() ?? 0
    let matching = RuntimeCommand.allCases.filter { shared($0) == most }
    guard words.count > most else { return matching }
    let typed = Fingerprint(words.dropFirst(most).prefix(5))
    let scored = matching.map { ($0, Fingerprint($0.words.dropFirst(most)).distance(to: typed)) }
    let nearest = scored.sorted { $0.1 < $1.1 }.prefix(5).map(\.0)
    return matching.filter(nearest.contains)
  }

  /// How often which letter follows which: words that look alike have like ones, whatever their
  /// length or a letter too many.
  private struct Fingerprint {
    private var counts: [Int] = Array(repeating: 0, count: 32 * 32)

    init(_ words: some Sequence<some StringProtocol>) {
      for word in words {
        var from = 28
        for byte in word.lowercased().utf8 {
          let to =
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte - UInt8(ascii: "a")) + 1
            case UInt8(ascii: "0")...UInt8(ascii: "9"): 27
            default: 28
            }
          counts[32 * from + to] += 1
          from = to
        }
        counts[32 * from + 28] += 1
      }
    }

    func distance(to other: Fingerprint) -> Int {
      zip(counts, other.counts).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
  }
}

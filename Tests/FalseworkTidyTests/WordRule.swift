// SPDX-License-Identifier: Apache-2.0

/// Words that would let a clock, chance, a thread or a device into a module that only decides.
enum WordRule {
  struct Ban: Sendable {
    var word: String
    var why: String
  }

  /// Components: a value type that does no IO.
  static let components: Set<String> = [
    "FalseworkCore", "FalseworkCrypto", "FalseworkHTTP", "FalseworkKeystone", "FalseworkProxy",
    "FalseworkLoad", "FalseworkRotation",
  ]
  /// What a run in virtual time consists of, besides.
  static let replayable: Set<String> = components.union([
    "FalseworkScenario", "FalseworkReport", "FalseworkSim", "FalseworkLab",
  ])

  static let everywhere = [
    Ban(word: "try?", why: "it hides what went wrong"),
    Ban(word: "fatalError(", why: "a broken rule is a precondition with the state in its message"),
  ]
  static let inReplayable = [
    Ban(word: "Date(", why: "time comes in as an argument"),
    Ban(word: "Date.now", why: "time comes in as an argument"),
    Ban(word: "ContinuousClock", why: "time comes in as an argument"),
    Ban(word: "SuspendingClock", why: "time comes in as an argument"),
    Ban(word: "DispatchTime", why: "time comes in as an argument"),
    Ban(word: "clock_gettime", why: "time comes in as an argument"),
    Ban(word: "gettimeofday", why: "time comes in as an argument"),
    Ban(word: ".random(", why: "chance comes in as a seeded generator"),
    Ban(word: "randomElement(", why: "chance comes in as a seeded generator"),
    Ban(word: "shuffled()", why: "chance comes in as a seeded generator"),
    Ban(word: "shuffle()", why: "chance comes in as a seeded generator"),
    Ban(word: "SystemRandomNumberGenerator", why: "chance comes in as a seeded generator"),
    Ban(word: "UUID()", why: "chance comes in as a seeded generator"),
    Ban(word: "hashValue", why: "it differs from run to run"),
    Ban(word: "Hasher()", why: "it differs from run to run"),
    Ban(word: "Task", why: "nothing runs beside the caller"),
    Ban(word: "await", why: "nothing runs beside the caller"),
    Ban(word: "async", why: "nothing runs beside the caller"),
    Ban(word: "DispatchQueue", why: "nothing runs beside the caller"),
    Ban(word: "Thread", why: "nothing runs beside the caller"),
    Ban(word: "print(", why: "the caller prints"),
    Ban(word: "debugPrint(", why: "the caller prints"),
  ]
  static let inComponents = [
    Ban(word: "class", why: "a component is a value"),
    Ban(word: "actor", why: "a component is a value"),
    Ban(word: "Mutex", why: "a component has one owner"),
    Ban(word: "Atomic", why: "a component has one owner"),
    Ban(word: "FileManager", why: "a component does no IO"),
  ]

  /// Files where "it does not parse" is all that there is to know, and the caller says it better.
  private static let mayAsk: Set<String> = [
    "Sources/FalseworkKeystone/API/AuthRequest+JSON.swift",
    "Sources/FalseworkKeystone/API/Resources/Handlers/Credentials.swift",
    "Sources/FalseworkScenario/ArrivalSchedule+Text.swift",
    "Sources/FalseworkScenario/Distribution+Text.swift",
    "Sources/FalseworkScenario/Reader/ScenarioParser+Arrivals.swift",
  ]

  /// Owns what libcrypto and libssl allocate, which cannot be copied and must be freed: references.
  private static let handles = "FalseworkCrypto"

  /// Who a role is granted to is an actor in Keystone's tables.
  private static let tables = "FalseworkKeystone"

  static func findings(_ file: SourceFile) -> [Finding] {
    guard file.isSwift, let module = file.module else { return [] }
    var bans = mayAsk.contains(file.path) ? everywhere.filter { $0.word != "try?" } : everywhere
    if replayable.contains(module) { bans += inReplayable }
    if components.contains(module) { bans += inComponents }
    if module == tables { bans.removeAll { $0.word == "actor" } }
    if module == handles { bans.removeAll { $0.word == "class" } }
    var findings: [Finding] = []
    for (index, line) in file.code.lines.enumerated() {
      for ban in bans where contains(line, ban.word) {
        findings.append(
          Finding(path: file.path, line: index + 1, message: "`\(ban.word)`: \(ban.why)"))
      }
    }
    return findings
  }

  /// Whether the word stands there by itself, not as a part of a longer one.
  static func contains(_ line: String, _ word: String) -> Bool {
    let text = Array(line.utf8)
    let sought = Array(word.utf8)
    guard text.count >= sought.count else { return false }
    for start in 0...(text.count - sought.count)
    where text[start..<(start + sought.count)].elementsEqual(sought) {
      let end = start + sought.count
      let joinsBefore = start > 0 && isWordByte(text[start - 1]) && isWordByte(sought[0])
      let joinsAfter =
        end < text.count && isWordByte(text[end]) && isWordByte(sought[sought.count - 1])
      if !joinsBefore, !joinsAfter { return true }
    }
    return false
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) && byte < 0x80
  }
}

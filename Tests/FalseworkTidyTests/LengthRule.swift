// SPDX-License-Identifier: Apache-2.0

/// How long a file, a function and a line may be.
enum LengthRule {
  static let sourceLines = 600
  static let testLines = 800
  static let functionLines = 70
  /// The formatter holds code to 100; a comment or a string may stick out a little.
  static let columns = 110

  static func files(_ file: SourceFile) -> [Finding] {
    guard file.isSwift else { return [] }
    let limit = file.isTest ? testLines : sourceLines
    let count = file.lines.count
    guard count > limit else { return [] }
    return [Finding(path: file.path, line: count, message: "\(count) lines, at most \(limit)")]
  }

  /// A line that holds no space after its indentation cannot be broken and is let through. So is one
  /// of a test that is long for the message in its literal, such as a body as Keystone sends it.
  static func lines(_ file: SourceFile) -> [Finding] {
    guard file.isSwift else { return [] }
    let code = file.code.lines
    return file.lines.enumerated().compactMap { index, line in
      if file.path.hasPrefix("Tests/"), code[index].replacing(#/ {3,}/#, with: "").count <= columns
      {
        return nil
      }
      guard line.count > columns, line.drop(while: { $0 == " " }).contains(" ") else { return nil }
      return Finding(
        path: file.path, line: index + 1, message: "\(line.count) columns, at most \(columns)")
    }
  }

  static func functions(_ file: SourceFile) -> [Finding] {
    guard file.isSwift else { return [] }
    return FunctionFinder(file.code).functions.compactMap { function in
      guard function.lines > functionLines else { return nil }
      return Finding(
        path: file.path, line: function.line,
        message: "a function of \(function.lines) lines, at most \(functionLines)")
    }
  }
}

/// Finds everything that has a body of statements: functions, initialisers, subscripts and
/// computed properties.
struct FunctionFinder {
  struct Function: Equatable {
    /// Where its keyword stands, from 1.
    var line: Int
    /// From there to the closing brace.
    var lines: Int
  }

  private(set) var functions: [Function] = []
  private let bytes: [UInt8]

  private static let keywords: Set<String> = ["func", "init", "deinit", "subscript", "var"]
  /// A word that begins another declaration: the one before it had no body.
  private static let next: Set<String> = keywords.union([
    "case", "struct", "enum", "class", "extension", "protocol", "let", "typealias",
    "associatedtype",
  ])

  init(_ code: SwiftCode) {
    bytes = code.bytes
    var line = 1
    var place = 0
    while place < bytes.count {
      let word = self.word(at: place)
      if !word.isEmpty, Self.keywords.contains(word),
        place == 0 || bytes[place - 1] != UInt8(ascii: "."),
        let body = bodyStart(after: place + word.utf8.count, isProperty: word == "var")
      {
        functions.append(Function(line: line, lines: lineCount(from: place, openingAt: body)))
      }
      let step = max(1, word.utf8.count)
      if bytes[place] == UInt8(ascii: "\n") { line += 1 }
      place += step
    }
  }

  private func word(at start: Int) -> String {
    guard bytes[start] | 0x20 >= UInt8(ascii: "a") else { return "" }
    var end = start
    while end < bytes.count,
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[end] | 0x20)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[end])
        || bytes[end] == UInt8(ascii: "_")
    {
      end += 1
    }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  /// The opening brace of the body; nil for a requirement of a protocol and for a stored property.
  private func bodyStart(after start: Int, isProperty: Bool) -> Int? {
    var depth = 0
    var place = start
    while place < bytes.count {
      let byte = bytes[place]
      switch byte {
      case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: "{") where depth == 0: return place
      case UInt8(ascii: "}") where depth == 0: return nil
      case UInt8(ascii: "\n") where isProperty && depth == 0: return nil
      default: break
      }
      if depth < 0 { return nil }
      let word = self.word(at: place)
      if depth == 0, Self.next.contains(word) { return nil }
      place += max(1, word.utf8.count)
    }
    return nil
  }

  private func lineCount(from start: Int, openingAt opening: Int) -> Int {
    var depth = 0
    var lines = 1
    for place in start..<bytes.count {
      if bytes[place] == UInt8(ascii: "\n") { lines += 1 }
      guard place >= opening else { continue }
      if bytes[place] == UInt8(ascii: "{") { depth += 1 }
      if bytes[place] == UInt8(ascii: "}") {
        depth -= 1
        if depth == 0 { return lines }
      }
    }
    return lines
  }
}

// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
import FalseworkKeystone
package import GRDB

/// A row of the store as columns: `userID` stands in `user_id`; lists and objects are JSON.
struct RowColumns<Content: Codable>: Codable, EncodableRecord, FetchableRecord {
  var content: Content

  init(_ content: Content) { self.content = content }

  init(from decoder: any Decoder) throws { content = try Content(from: decoder) }

  func encode(to encoder: any Encoder) throws { try content.encode(to: encoder) }

  static var databaseColumnEncodingStrategy: DatabaseColumnEncodingStrategy {
    .custom { ColumnName.column($0.stringValue) }
  }
  static var databaseColumnDecodingStrategy: DatabaseColumnDecodingStrategy {
    .custom { ColumnName(property: ColumnName.property($0)) }
  }
}

/// Names of properties and columns.
struct ColumnName: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(property: String) { stringValue = property }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }

  private static let abbreviations: [String: String] = [
    "id": "ID", "ids": "IDs", "url": "URL", "ttl": "TTL",
  ]

  /// `remoteIDs` → `remote_ids`, `authURL` → `auth_url`.
  static func column(_ property: String) -> String {
    var words: [String] = []
    var rest = Substring(property)
    while !rest.isEmpty {
      let known = abbreviations.values.sorted { $0.count > $1.count }.first { rest.hasPrefix($0) }
      let word = known ?? "\(rest.first!)" + rest.dropFirst().prefix { !$0.isUppercase }
      words.append(word.lowercased())
      rest = rest.dropFirst(word.count)
    }
    return words.joined(separator: "_")
  }

  /// The other way round.
  static func property(_ column: String) -> String {
    let words = column.split(separator: "_").map(String.init)
    return words.enumerated().map { index, word in
      if index == 0 { return word }
      return abbreviations[word] ?? word.prefix(1).uppercased() + word.dropFirst()
    }.joined()
  }
}

/// As SQLAlchemy writes a time into SQLite: `2026-02-03 04:05:06.000007`, of UTC.
extension UTCTime: DatabaseValueConvertible {
  package var databaseValue: DatabaseValue {
    String(iso8601(microseconds: true).dropLast().map { $0 == "T" ? " " : $0 }).databaseValue
  }

  package static func fromDatabaseValue(_ value: DatabaseValue) -> UTCTime? {
    guard let text = String.fromDatabaseValue(value) else { return nil }
    let parts = text.split { !$0.isNumber }
    guard parts.count >= 6, let numbers = Numbers(parts) else { return nil }
    let day = dayNumber(numbers.year, numbers.month, numbers.day)
    let seconds = day * 86_400 + numbers.hour * 3_600 + numbers.minute * 60 + numbers.second
    return UTCTime(nanoseconds: Int64(seconds) * 1_000_000_000 + Int64(numbers.microsecond) * 1_000)
  }

  private struct Numbers {
    var year, month, day, hour, minute, second, microsecond: Int

    init?(_ parts: [Substring]) {
      let numbers = parts.prefix(6).compactMap { Int($0) }
      let fraction = parts.count > 6 ? parts[6].prefix(6) : "0"
      guard numbers.count == 6,
        let micro = Int(fraction + String(repeating: "0", count: 6 - fraction.count))
      else { return nil }
      (year, month, day) = (numbers[0], numbers[1], numbers[2])
      (hour, minute, second, microsecond) = (numbers[3], numbers[4], numbers[5], micro)
    }
  }

  /// Days since 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms").
  private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import GRDB
import Testing

@testable import FalseworkStorage

@Suite struct RowColumnsTests {
  @Test(arguments: [
    ("id", "id"), ("userID", "user_id"), ("isDomain", "is_domain"), ("remoteIDs", "remote_ids"),
    ("authURL", "auth_url"), ("spURL", "sp_url"), ("authorizationTTL", "authorization_ttl"),
    ("remoteIDAttribute", "remote_id_attribute"), ("redelegatedTrustID", "redelegated_trust_id"),
    ("expiresAt", "expires_at"),
  ]) func `a property has its column, and the column its property`(
    property: String, column: String
  ) {
    #expect(ColumnName.column(property) == column)
    #expect(ColumnName.property(column) == property)
  }

  @Test(arguments: [
    (0, "1970-01-01 00:00:00.000000"), (-1_000, "1969-12-31 23:59:59.999999"),
    (951_782_400_000_000_000, "2000-02-29 00:00:00.000000"),
    (1_900_000_000_123_456_000, "2030-03-17 17:46:40.123456"),
    (-2_208_988_800_000_000_000, "1900-01-01 00:00:00.000000"),
  ]) func `a time is text as SQLAlchemy writes it`(nanoseconds: Int64, text: String) {
    let time = UTCTime(nanoseconds: nanoseconds)
    #expect(time.databaseValue == text.databaseValue)
    #expect(UTCTime.fromDatabaseValue(text.databaseValue) == time)
  }

  @Test(arguments: ["", "yesterday", "2030-03-17", "2030-03-17 17:46"])
  func `what is no time is none`(text: String) {
    #expect(UTCTime.fromDatabaseValue(text.databaseValue) == nil)
  }

  @Test func `a time without a fraction is one, too`() {
    #expect(
      UTCTime.fromDatabaseValue("1970-01-01 00:00:01".databaseValue) == UTCTime(seconds: 1))
  }
}

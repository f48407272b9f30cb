// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import FalseworkKeystone

/// Thirteen releases of the real Keystone: what each makes of the same values, and who reads whom.
@Suite struct ReleaseVectorTests {
  private struct Made {
    var name: String
    var fields: [String: Any]
    var token: String
    var issued: Int64
  }

  private static func release(_ version: Any?) throws -> Release {
    let text = try #require(version as? String)
    return try #require(Release(named: text))
  }

  private static func format(_ release: Release, _ file: [String: Any]) throws -> FernetPayload {
    var format = try Vectors.payload(file)
    // Stein and Ussuri were run with a msgpack younger than themselves.
    format.dialect = release.number >= 15 ? .bin : .raw
    format.versions = release.fernetVersions
    return format
  }

  private static func made(_ entry: [String: Any], _ file: [String: Any]) throws -> [Made] {
    let made = try #require(entry["made"] as? [String: [String: Any]])
    return try #require(file["tokens"] as? [[String: Any]]).compactMap { token in
      let name = try #require(token["name"] as? String)
      guard let text = made[name]?["token"] as? String else { return nil }
      return Made(
        name: name, fields: try #require(token["fields"] as? [String: Any]), token: text,
        issued: Int64(try #require(token["issued_at_epoch"] as? Int)))
    }
  }

  @Test func `each release writes the payload that it was seen to write`() throws {
    let file = try Vectors.load("releases")
    let repository = try Vectors.repository(file["key_repository"])
    var compared = 0
    for entry in try #require(file["releases"] as? [[String: Any]]) {
      let release = try Self.release(entry["release"])
      let format = try Self.format(release, file)
      for made in try Self.made(entry, file) {
        let payload = try FernetEnvelope.open(made.token, repository: repository).payload
        let token = try Vectors.token(made.fields, issued: made.issued)
        #expect(try format.encode(token) == payload, "\(release.number) \(made.name)")
        compared += 1
      }
    }
    #expect(compared > 280)
  }

  @Test func `each release reads what it was seen to read of every other`() throws {
    let file = try Vectors.load("releases")
    let repository = try Vectors.repository(file["key_repository"])
    let entries = try #require(file["releases"] as? [[String: Any]])
    for pair in try #require(file["read_by"] as? [[String: Any]]) {
      let reader = try Self.release(pair["reader"])
      let maker = try #require(
        entries.first { $0["release"] as? String == pair["maker"] as? String })
      let refused = try #require(pair["not_ok"] as? [String: Any])
      // A crash of Stein and Ussuri with a msgpack younger than themselves is not played.
      let crashes = refused.values.contains { "\($0)".contains("UnicodeDecodeError") }
      for made in try Self.made(maker, file) where !crashes {
        let opened = try FernetEnvelope.open(made.token, repository: repository)
        let format = try Self.format(reader, file)
        let isRead: Bool
        do throws(TokenDefect) {
          _ = try format.decode(opened.payload, seconds: opened.seconds)
          isRead = true
        } catch {
          isRead = false
        }
        let text = "\(reader.number) reads \(made.name) of \(pair["maker"] ?? "")"
        #expect(isRead == (refused[made.name] == nil), "\(text)")
      }
    }
  }
}

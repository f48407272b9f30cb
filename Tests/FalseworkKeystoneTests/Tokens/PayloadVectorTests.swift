// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Foundation
import Testing

@testable import FalseworkKeystone

/// Payloads of every version with values exchanged, bytes changed and ends cut, and what the real
/// Keystone 29 made of each: read, refused, or which exception.
@Suite struct PayloadVectorTests {
  @Test func `a payload that was tampered with fails as it does in the real Keystone`() throws {
    let file = try Vectors.load("payloads-29")
    let format = FernetPayload(
      Release(named: "29.0.0")!, methods: try #require(file["auth_methods"] as? [String]))
    let vectors = try #require(file["payloads"] as? [[String: Any]])
    #expect(vectors.count == 520)
    for vector in vectors {
      let hex = try #require(vector["payload"] as? String)
      let text = vector["text"] as? String ?? ""
      let expected: Result<[String], TokenDefect>
      switch vector["outcome"] as? String {
      case "read": expected = .success(try Self.shown(#require(vector["fields"] as? [Any])))
      case "refused":
        let prefix = "This is not a recognized Fernet payload version: "
        expected = .failure(.unknownVersion(String(text.dropFirst(prefix.count))))
      case "TypeError": expected = .failure(.typeError(text))
      default: expected = .failure(.malformedPayload)
      }
      let read = Result<TokenPayload, TokenDefect> { () throws(TokenDefect) in
        try format.decode(Vectors.bytes(hex: hex), seconds: 1_500_000_000)
      }
      #expect(read.map(Self.shown) == expected, "\(hex): \(text)")
    }
  }

  private static func shown(_ token: TokenPayload) -> [String] {
    var fields: [String] = [token.userID]
    fields.append(token.methods.joined(separator: "+"))
    fields.append(token.auditIDs.joined(separator: "+"))
    fields += [token.system, token.domainID, token.projectID, token.trustID].map { $0 ?? "-" }
    fields.append(token.federation?.groupIDs.joined(separator: "+") ?? "-")
    fields.append(token.federation?.identityProviderID ?? "-")
    fields.append(token.federation?.protocolID ?? "-")
    fields += [token.accessTokenID, token.applicationCredentialID, token.thumbprint].map {
      $0 ?? "-"
    }
    fields.append(token.expiresAt.iso8601(microseconds: true))
    return fields
  }

  private static func shown(_ fields: [Any]) -> [String] {
    // A user, and an identity provider where there are groups, are never left out: `None` is one.
    let federated = !(fields[7] is NSNull)
    return fields.enumerated().map { index, field in
      if let texts = field as? [Any] { return texts.map { "\($0)" }.joined(separator: "+") }
      guard field is NSNull else { return "\(field)" }
      return index == 0 || federated && (8...9).contains(index) ? "None" : "-"
    }
  }
}

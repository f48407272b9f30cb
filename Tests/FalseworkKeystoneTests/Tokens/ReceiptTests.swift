// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkKeystone

@Suite struct ReceiptTests {
  @Test func `every receipt of the real Keystone is read, and made again byte for byte`() throws {
    let file = try Vectors.load("receipts")
    let repository = try Vectors.repository(file["key_repository"])
    let format = FernetPayload(
      .newest, methods: try #require(file["auth_methods"] as? [String]))
    for vector in try #require(file["vectors"] as? [[String: Any]]) {
      let decoded = try #require(vector["decoded"] as? [String: Any])
      let text = try #require(vector["receipt"] as? String)
      let receipt = try Receipt.open(text, repository: repository, format)
      #expect(receipt.userID == decoded["user_id"] as? String)
      #expect(receipt.methods == decoded["methods"] as? [String])
      #expect(receipt.issuedAt.iso8601(microseconds: true) == decoded["issued_at"] as? String)
      #expect(receipt.expiresAt.iso8601(microseconds: true) == decoded["expires_at"] as? String)
      let parts = try #require(vector["receipt_parts"] as? [String: Any])
      let made = try receipt.sealed(
        format, key: repository.primary,
        iv: Vectors.bytes(hex: try #require(parts["iv_hex"] as? String)))
      #expect(made == text)
    }
  }

  @Test func `a receipt shown as a token is a payload of no known version`() throws {
    let file = try Vectors.load("receipts")
    let repository = try Vectors.repository(file["key_repository"])
    let vectors = try #require(file["vectors"] as? [[String: Any]])
    let text = try #require(vectors[0]["receipt"] as? String)
    let opened = try FernetEnvelope.open(text, repository: repository)
    let error = #expect(throws: TokenDefect.self) {
      try FernetPayload(.newest).decode(opened.payload, seconds: opened.seconds)
    }
    guard case .unknownVersion(let version)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(version.hasPrefix("[True, b'"))
  }

  @Test(arguments: [[0xC0], [0x90], [0x92, 0x92, 0xC2, 0xA1, 0x75, 0x02], [0xC1]] as [[UInt8]])
  func `what is no receipt is refused`(payload: [UInt8]) {
    let key = FernetKey(bytes: Array(0..<32))
    let text = FernetEnvelope.seal(
      payload, key: key, seconds: 0, iv: [UInt8](repeating: 0, count: 16))
    #expect(throws: TokenDefect.self) {
      try Receipt.open(text, repository: FernetKeyRepository([0: key]), FernetPayload(.newest))
    }
  }
}

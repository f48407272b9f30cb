// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Receipts: a login that lacks a method is told which, and what it has shown counts next time
/// (`keystone/receipt`).
extension IdentityService {
  /// By default receipts are sealed with the keys of tokens (`[fernet_receipts] key_repository`).
  private var receiptKeys: FernetKeyRepository { options.receiptKeys ?? options.keys }

  /// Methods that a receipt says the user has shown already. Whatever is wrong with it, the login
  /// fails.
  func receivedMethods(
    _ request: AuthRequest, userID: String, now: UTCTime
  ) throws(KeystoneError) -> [String] {
    guard release.tokens.hasReceipts, let text = request.sent?.fields.receipt, !text.isEmpty else {
      return []
    }
    do throws(TokenDefect) {
      let receipt = try Receipt.open(text, repository: receiptKeys, payloadFormat)
      if receipt.userID == userID, now < receipt.expiresAt { return receipt.methods }
    } catch {
      // As any other that is no good.
    }
    throw KeystoneError(401, "Unauthorized", "Could not find auth receipt: \(text).")
  }

  /// The answer to a login that lacks a method. Before Stein there were no receipts, and the login
  /// had simply failed.
  mutating func receipt(
    _ shown: KeystoneError.Insufficient, now: UTCTime, _ store: IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    guard release.tokens.hasReceipts else { throw .unauthorized }
    let receipt = Receipt(
      userID: shown.userID, methods: shown.methods,
      expiresAt: UTCTime(seconds: (now + options.receiptLifetime).seconds),
      issuedAt: UTCTime(seconds: now.seconds))
    let text: String
    do throws(TokenDefect) {
      text = try receipt.sealed(
        payloadFormat, key: receiptKeys.primary, iv: generator.bytes(16))
    } catch {
      throw .unexpected
    }
    let user = store.user(shown.userID)
    let required = requiredMethods(of: shown.userID, store)
      .filter { $0.contains(where: shown.methods.contains) }
    var json = JSONWriter(.spaced)
    json.object { json in
      json.member("receipt") { json in
        json.list("methods") { list in
          for method in receipt.methods { list.value(method) }
        }
        json.member("user") { json in
          json.member("id", shown.userID)
          json.member("name", user?.name)
          json.member("domain") { json in
            json.member("id", user?.domainID)
            json.member("name", user.flatMap { store.domain($0.domainID)?.name })
          }
        }
        json.member("expires_at", receipt.expiresAt.iso8601(microseconds: true))
        json.member("issued_at", receipt.issuedAt.iso8601(microseconds: true))
      }
      json.list("required_auth_methods") { list in
        for rule in required {
          list.array { inner in
            for method in rule { inner.value(method) }
          }
        }
      }
    }
    return KeystoneAnswer(
      status: 401, operation: .authenticate,
      fields: [.init(name: "Openstack-Auth-Receipt", value: text)], body: json.bytes)
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Rules that ask a user for more than one method, and the receipts for what is done already.
extension IdentityService {
  /// `multi_factor_auth_rules` of the user: one of the sets must be covered. Methods that are not
  /// configured do not count, and a user all of whose rules are void may come in.
  func checkFactors(
    _ userID: String, _ methods: [String], _ store: IdentityStore
  ) throws(KeystoneError) {
    guard release.number >= 11 else { return }
    let required = requiredMethods(of: userID, store)
    guard !required.isEmpty, !required.contains(where: { $0.allSatisfy(methods.contains) }) else {
      return
    }
    throw .insufficientMethods(userID, methods)
  }

  /// The rules of a user as far as they can be met; empty if none bind.
  func requiredMethods(of userID: String, _ store: IdentityStore) -> [[String]] {
    guard let options = store.user(userID)?.options,
      options["multi_factor_auth_enabled"] != .bool(false)
    else { return [] }
    return (options["multi_factor_auth_rules"]?.array ?? []).compactMap { rule in
      guard let names = rule.array, names.allSatisfy({ $0.string != nil }) else { return nil }
      var known: [String] = []
      for name in names.compactMap(\.string) where authMethods.contains(name) {
        if !known.contains(name) { known.append(name) }
      }
      return known.isEmpty ? nil : known
    }
  }
}

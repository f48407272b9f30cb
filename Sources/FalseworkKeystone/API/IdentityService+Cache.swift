// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// The cache of tokens, where a node has one.
extension IdentityService {
  private func entry(_ text: String, now: UTCTime, store: IdentityStore) -> TokenCache.Entry? {
    switch options.cachePlace {
    case .none: nil
    case .own: cache.entry(text, now: now)
    case .shared: store.cache.entry(text, now: now)
    }
  }

  /// Whether a token would be taken from the cache: it is cheaper then.
  func holds(_ text: String?, now: UTCTime, store: IdentityStore) -> Bool {
    guard options.cachePlace != .none, let text else { return false }
    return entry(text, now: now + options.clockOffset, store: store) != nil
  }

  /// A token that the cache has, or nil. What another release put there may not be what this one
  /// can use.
  func cached(
    _ text: String, now: UTCTime, store: IdentityStore
  ) throws(KeystoneError) -> TokenCache.Entry? {
    guard options.cachePlace != .none, let entry = entry(text, now: now, store: store) else {
      return nil
    }
    // Kilo's cache and the one that came after it do not read each other.
    guard (entry.writer.number < 8) == (release.number < 8) else { throw .unexpected }
    switch (release.caching.value, entry.writer.caching.value) {
    case (.dictionary, .dictionary), (.model, .model): break
    // Rocky asks a dictionary for its attributes; Queens cannot unpickle a class that it lacks.
    case (.model, .dictionary): throw .notFound("Failed to validate token")
    case (.dictionary, .model): throw .unexpected
    }
    return entry
  }

  /// An object that was cached by a release before the attribute was invented lacks it, and the
  /// middleware asks the caller's token for it (Launchpad bug 2029134).
  func lacksAttribute(_ text: String, now: UTCTime, store: IdentityStore) -> Bool {
    guard options.cachePlace != .none, release.body.hasOAuth2Credential,
      !release.caching.fillsMissingAttributes,
      let entry = entry(text, now: now, store: store)
    else { return false }
    return !entry.writer.body.hasOAuth2Credential
  }

  /// After an answer: what was looked up is kept, and if the call changed what tokens rest on,
  /// everything is forgotten.
  mutating func remember(
    _ call: KeystoneCall, _ answer: KeystoneAnswer, changed: Bool, now: UTCTime,
    store: inout IdentityStore
  ) {
    guard options.cachePlace != .none else { return }
    if changed { return forget(&store) }
    if answer.operation == .authenticate, answer.status == 201 {
      guard release.caching.cachesOnIssue, let text = answer.subjectToken else { return }
      keep(text, now: now, &store)
      return
    }
    switch call {
    case .validate(let caller, let subject, _, _, _, _):
      if let caller { keep(caller, now: now, &store) }
      if let subject, subject != caller { keep(subject, now: now, &store) }
    default:
      return
    }
  }

  /// What was kept may be revoked now, or rest on what has changed.
  mutating func forget(_ store: inout IdentityStore) {
    switch options.cachePlace {
    case .none: return
    case .own: cache.removeAll()
    case .shared: store.cache.removeAll()
    }
  }

  private mutating func keep(_ text: String, now: UTCTime, _ store: inout IdentityStore) {
    guard entry(text, now: now, store: store) == nil else { return }
    let token: KnownToken
    do throws(KeystoneError) {
      token = try resolve(text, allowExpired: true, now: now, store: store)
    } catch {
      // What cannot be resolved is not kept; the client was told so.
      return
    }
    let entry = TokenCache.Entry(
      token: token, writer: release, until: now + options.cacheTime,
      passedRevocation: release.caching.cachesRevocation)
    switch options.cachePlace {
    case .none: return
    case .own: cache.keep(text, entry)
    case .shared: store.cache.keep(text, entry)
    }
  }
}

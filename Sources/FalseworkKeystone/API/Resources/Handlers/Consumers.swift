// SPDX-License-Identifier: Apache-2.0

/// `/OS-OAUTH1/consumers`, and the access tokens that users gave them.
enum Consumers {
  private static let columns = ["id", "secret", "description", "links"]

  static func found(
    _ id: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Consumer {
    guard let consumer = store.consumers[id] else { throw .notFound("Consumer not found") }
    return consumer
  }

  private static let collection = "OS-OAUTH1/consumers"

  static func list(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return try c.list("consumers", store.consumers.map { c.linked(c.json($0), collection) })
  }

  static func show(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return c.member("consumer", c.json(try found(c.parameter(0), store)), in: collection)
  }

  /// The only answer that tells the secret.
  static func create(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let member = c.member("consumer")
    if let complaint = Schema.consumerCreate.firstComplaint(.object(member)) {
      throw KeystoneError(complaint, c.release)
    }
    var consumer = IdentityStore.Consumer(
      id: c.newID(), secret: c.newID(), description: member["description"]?.string)
    consumer.extra = member.filter { !columns.contains($0) }
    store.put(consumer)
    var row = c.json(consumer)
    row["secret"] = .string(consumer.secret)
    return c.member("consumer", row, in: collection)
  }

  static func update(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let member = c.member("consumer")
    if let complaint = Schema.consumerUpdate.firstComplaint(.object(member)) {
      throw KeystoneError(complaint, c.release)
    }
    try c.requireSameID(c.parameter(0), member)
    var consumer = try found(c.parameter(0), store)
    if let description = member["description"] { consumer.description = description.string }
    consumer.extra.merge(member.filter { !columns.contains($0) })
    store.put(consumer)
    return c.member("consumer", c.json(consumer), in: collection)
  }

  static func delete(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let consumer = try found(c.parameter(0), store)
    for token in store.rows(IdentityStore.AccessToken.self, .consumer, consumer.id) {
      store.revoke(.accessToken(token.id), now: c.now)
    }
    store.revoke(.consumer(consumer.id), now: c.now)
    store.deleteConsumer(consumer.id)
    return c.done
  }

  // MARK: Access tokens

  private static func json(
    _ token: IdentityStore.AccessToken, _ c: ResourceContext
  ) -> JSONObject {
    let url = "\(c.url)/users/\(token.authorizingUserID)/OS-OAUTH1/access_tokens/\(token.id)"
    return [
      "id": .string(token.id), "authorizing_user_id": .string(token.authorizingUserID),
      "project_id": .string(token.projectID), "consumer_id": .string(token.consumerID),
      "expires_at": JSONValue(token.expiresAt),
      "links": .object(["roles": .string(url + "/roles"), "self": .string(url)]),
    ]
  }

  private static func token(
    _ c: ResourceContext, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.AccessToken {
    guard let token = store.accessTokens[c.parameter(1)] else {
      throw .notFound("Access token not found")
    }
    guard token.authorizingUserID == c.parameter(0) else {
      throw .notFound("User IDs do not match")
    }
    return token
  }

  /// Nobody lists or deletes them with a token that came by delegation.
  private static func checkDirect(_ c: ResourceContext) throws(KeystoneError) {
    guard c.caller?.token.trustID == nil, c.caller?.token.accessTokenID == nil else {
      throw .forbidden
    }
  }

  static func accessTokens(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    try checkDirect(c)
    let rows = store.rows(IdentityStore.AccessToken.self, .user, c.parameter(0))
    return try c.list("access_tokens", rows.map { json($0, c) })
  }

  static func accessToken(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return c.answer(["access_token": .object(json(try token(c, store), c))])
  }

  static func deleteAccessToken(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    try checkDirect(c)
    let token = try token(c, store)
    store.remove(IdentityStore.AccessToken.self, token.id)
    store.revoke(.accessToken(token.id), now: c.now)
    return c.done
  }

  static func accessTokenRoles(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let roles = try token(c, store).roleIDs.compactMap { store.role($0) }
    return try c.list("roles", roles.map { c.linked(c.json($0), "roles") })
  }

  static func accessTokenRole(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    guard try token(c, store).roleIDs.contains(c.parameter(2)) else {
      throw .notFound("Could not find role")
    }
    return c.member("role", c.json(try Roles.found(c.parameter(2), store)), in: "roles")
  }
}

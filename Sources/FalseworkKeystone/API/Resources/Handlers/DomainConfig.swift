// SPDX-License-Identifier: Apache-2.0

/// `/domains/{domain_id}/config`: a domain's own options for the identity and LDAP drivers.
enum DomainConfig {
  /// Options that a domain may set, with the defaults that Keystone ships.
  static let defaults: [(group: String, options: JSONObject)] = [
    ("identity", ["driver": .string("sql"), "list_limit": .null]),
    ("ldap", ldap),
  ]

  /// Never told.
  private static let sensitive = ["password"]

  private static let ldap: JSONObject = {
    func text(_ text: String) -> JSONValue { .string(text) }
    func number(_ text: String) -> JSONValue { .number(text) }
    return [
      "url": text("ldap://localhost"), "user": .null, "suffix": text("cn=example,cn=com"),
      "query_scope": text("one"), "page_size": number("0"),
      "alias_dereferencing": text("default"), "debug_level": .null, "chase_referrals": .null,
      "user_tree_dn": .null, "user_filter": .null, "user_objectclass": text("inetOrgPerson"),
      "user_id_attribute": text("cn"), "user_name_attribute": text("sn"),
      "user_mail_attribute": text("mail"), "user_description_attribute": text("description"),
      "user_pass_attribute": text("userPassword"), "user_enabled_attribute": text("enabled"),
      "user_enabled_invert": .bool(false), "user_enabled_mask": number("0"),
      "user_enabled_default": text("True"),
      "user_attribute_ignore": .array([text("default_project_id")]),
      "user_default_project_id_attribute": .null, "user_enabled_emulation": .bool(false),
      "user_enabled_emulation_dn": .null,
      "user_enabled_emulation_use_group_config": .bool(false),
      "user_additional_attribute_mapping": .array([]), "group_tree_dn": .null,
      "group_filter": .null, "group_objectclass": text("groupOfNames"),
      "group_id_attribute": text("cn"), "group_name_attribute": text("ou"),
      "group_members_are_ids": .bool(false), "group_member_attribute": text("member"),
      "group_desc_attribute": text("description"), "group_attribute_ignore": .array([]),
      "group_additional_attribute_mapping": .array([]), "tls_cacertfile": .null,
      "tls_cacertdir": .null, "use_tls": .bool(false), "tls_req_cert": text("demand"),
      "use_pool": .bool(true), "pool_size": number("10"), "pool_retry_max": number("3"),
      "pool_retry_delay": number("0.1"), "pool_connection_timeout": number("-1"),
      "pool_connection_lifetime": number("600"), "use_auth_pool": .bool(true),
      "auth_pool_size": number("100"), "auth_pool_connection_lifetime": number("60"),
    ]
  }()

  private static func invalid(_ reason: String) -> KeystoneError {
    .refused("Invalid domain specific configuration: \(reason).")
  }

  private static func checkGroup(_ group: String) throws(KeystoneError) -> JSONObject {
    guard let known = defaults.first(where: { $0.group == group }) else {
      throw invalid("Group \(group) is not supported for domain specific configurations")
    }
    return known.options
  }

  private static func checkOption(_ group: String, _ option: String) throws(KeystoneError) {
    let known = try checkGroup(group)
    guard known[option] != nil || sensitive.contains(option) && group == "ldap" else {
      throw invalid(
        "Option \(option) in group \(group) is not supported for domain specific configurations")
    }
  }

  private static func missing(_ what: String, _ domainID: String) -> KeystoneError {
    .notFound("Could not find \(what) in domain configuration for domain \(domainID).")
  }

  private static func place(_ c: ResourceContext) -> (group: String?, option: String?) {
    let names = c.request.parameters.dropFirst().map(\.value)
    return (names.first, names.count > 1 ? names[1] : nil)
  }

  /// What is set, by group, without what is secret.
  private static func config(
    _ domainID: String, _ group: String?, _ store: IdentityStore
  ) -> JSONObject {
    var groups = JSONObject()
    for row in store.rows(IdentityStore.DomainOption.self, .domain, domainID)
    where (group == nil || row.group == group) && !sensitive.contains(row.option) {
      var options = groups[row.group]?.object ?? [:]
      options[row.option] = row.value
      groups[row.group] = .object(options)
    }
    return groups
  }

  static func show(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let domainID = c.parameter(0)
    let (group, option) = place(c)
    if let group, let option {
      try checkOption(group, option)
      guard let row = store.domainOptions[joinedKey(domainID, group, option)],
        !sensitive.contains(option)
      else { throw missing("option \(option) in group \(group)", domainID) }
      return c.answer(["config": .object([option: row.value])])
    }
    if let group { _ = try checkGroup(group) }
    let config = config(domainID, group, store)
    guard !config.isEmpty else {
      throw missing(group.map { "group \($0)" } ?? "any options", domainID)
    }
    return c.answer(["config": .object(config)])
  }

  /// Options of a body, checked; nothing is set if one is wrong.
  private static func options(
    _ config: JSONObject, _ domainID: String
  ) throws(KeystoneError) -> [IdentityStore.DomainOption] {
    if config.isEmpty { throw invalid("No options specified") }
    var rows: [IdentityStore.DomainOption] = []
    for (group, value) in config.members {
      _ = try checkGroup(group)
      guard let options = value.object else {
        throw invalid(
          "The value of group \(group) specified in the config should be a dictionary of options")
      }
      for (option, value) in options.members {
        try checkOption(group, option)
        rows.append(.init(domainID: domainID, group: group, option: option, value: value))
      }
    }
    return rows
  }

  /// 201 if there was none before.
  static func replace(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let domain = try Domains.found(c.parameter(0), store)
    let rows = try options(c.member("config"), domain.id)
    let before = !store.keys(.domainOption, .domain, domain.id).isEmpty
    store.removeAll(IdentityStore.DomainOption.self, .domain, domain.id)
    for row in rows { store.put(row) }
    return c.answer(
      ["config": .object(config(domain.id, nil, store))], status: before ? 200 : 201)
  }

  /// Answers with all of the domain's configuration.
  static func update(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let domain = try Domains.found(c.parameter(0), store)
    let (group, option) = place(c)
    var body = c.member("config")
    if body.isEmpty { throw invalid("No options specified") }
    if let group {
      if let option {
        try checkOption(group, option)
        guard let value = body[option], body.count == 1 else {
          throw invalid(
            "Trying to update option \(option) in group \(group), so that, and only that, option "
              + "must be specified in the config")
        }
        guard store.domainOptions.contains(key: joinedKey(domain.id, group, option)) else {
          throw missing("option \(option) in group \(group)", domain.id)
        }
        body = [group: .object([option: value])]
      } else {
        _ = try checkGroup(group)
        guard body[group] != nil, body.count == 1 else {
          throw invalid(
            "Trying to update group \(group), so that, and only that, group must be specified in "
              + "the config")
        }
        guard !config(domain.id, group, store).isEmpty else {
          throw missing("group \(group)", domain.id)
        }
      }
    }
    for row in try options(body, domain.id) { store.put(row) }
    return c.answer(["config": .object(config(domain.id, nil, store))])
  }

  static func delete(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let domain = try Domains.found(c.parameter(0), store)
    let (group, option) = place(c)
    guard let group else {
      store.removeAll(IdentityStore.DomainOption.self, .domain, domain.id)
      return c.done
    }
    if let option {
      try checkOption(group, option)
      guard
        store.remove(IdentityStore.DomainOption.self, joinedKey(domain.id, group, option)) != nil
      else { throw missing("option \(option) in group \(group)", domain.id) }
      return c.done
    }
    _ = try checkGroup(group)
    let rows = store.rows(IdentityStore.DomainOption.self, .domain, domain.id)
      .filter { $0.group == group }
    if rows.isEmpty { throw missing("group \(group)", domain.id) }
    for row in rows { store.remove(IdentityStore.DomainOption.self, row.key) }
    return c.done
  }

  static func showDefaults(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let names = c.request.parameters.map(\.value)
    guard let group = names.first else {
      var config = JSONObject()
      for (group, options) in defaults { config[group] = .object(options) }
      return c.answer(["config": .object(config)])
    }
    let options = try checkGroup(group)
    guard names.count > 1 else { return c.answer(["config": .object([group: .object(options)])]) }
    try checkOption(group, names[1])
    return c.answer(["config": .object([names[1]: options[names[1]] ?? .null])])
  }
}

// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct DomainConfigTests {
  @Test func `options are set whole, by group and one by one, and secrets are not told`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      GET /domains/default/config = 404 Could not find any options in domain configuration for domain default.
      PUT /domains/default/config {"config": {"identity": {"driver": "ldap"}, "ldap": {"url": "u", "password": "p"}}} = 201 {"config": {"identity": {"driver": "ldap"}, "ldap": {"url": "u"}}}
      GET /domains/default/config/ldap = 200 {"config": {"ldap": {"url": "u"}}}
      GET /domains/default/config/ldap/url = 200 {"config": {"url": "u"}}
      GET /domains/default/config/ldap/password = 404
      PUT /domains/default/config {"config": {"identity": {"driver": "ldap"}}} = 200 {"config": {"identity": {"driver": "ldap"}}}
      PATCH /domains/default/config {"config": {"ldap": {"url": "v"}}} = 200 "ldap": {"url": "v"}
      PATCH /domains/default/config/ldap {"config": {"ldap": {"url": "w"}}} = 200 "ldap": {"url": "w"}
      PATCH /domains/default/config/ldap {"config": {"identity": {"driver": "w"}}} = 403 so that, and only that, group must be specified
      PATCH /domains/default/config/ldap/url {"config": {"url": "x"}} = 200 "ldap": {"url": "x"}
      PATCH /domains/default/config/ldap/url {"config": {"user": "x"}} = 403 so that, and only that, option must be specified
      PATCH /domains/default/config/ldap/user {"config": {"user": "x"}} = 404 Could not find option user in group ldap in domain configuration for domain default.
      PUT /domains/default/config {"config": {"foo": {"x": 1}}} = 403 Group foo is not supported for domain specific configurations.
      PUT /domains/default/config {"config": {"ldap": {"nope": 1}}} = 403 Option nope in group ldap is not supported
      PUT /domains/default/config {"config": {}} = 403 No options specified.
      DELETE /domains/default/config/ldap/url = 204
      DELETE /domains/default/config/ldap = 404 Could not find group ldap in domain configuration
      DELETE /domains/default/config = 204
      GET /domains/default/config = 404
      """#)
  }

  @Test func `defaults are told`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      GET /domains/config/ldap/url/default = 200 {"config": {"url": "ldap://localhost"}}
      GET /domains/config/identity/default = 200 {"config": {"identity": {"driver": "sql", "list_limit": null}}}
      GET /domains/config/default = 200 {"config": {"identity": {"driver": "sql", "list_limit": null}, "ldap": {"url"
      GET /domains/config/nope/default = 403 Group nope is not supported
      GET /domains/config/ldap/nope/default = 403 Option nope in group ldap is not supported
      """#)
  }
}

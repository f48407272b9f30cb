// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkKeystone

@Suite struct ApplicationCredentialsTests {
  @Test func `they are made by their owner, and tell their secret once`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /users/$admin/application_credentials {"application_credential": {"name": "a", "secret": "s", "roles": [{"name": "member"}], "expires_at": "2030-01-01T00:00:00Z"}} = 201 >a application_credential.id
      POST /users/$admin/application_credentials {"application_credential": {"name": "b"}} = 201 "secret": "
      GET /users/$admin/application_credentials/$a = 200 {"application_credential": {"id": "$a", "name": "a", "description": null, "user_id": "$admin", "project_id": "$project", "system": null, "expires_at": "2030-01-01T00:00:00.000000", "unrestricted": null, "roles": [{"id": "$role-member", "name": "member", "domain_id": null, "description": null, "options": {"immutable": true}}, {"id": "$role-reader", "name": "reader", "domain_id": null, "description": null, "options": {"immutable": true}}], "links": {"self": "http://k:5000/v3/application_credentials/$a"}}}
      GET /users/$admin/application_credentials?name=a = 200 !"name": "b"
      GET /users/$admin/application_credentials/$a = 200 !secret
      POST /users/$admin/application_credentials {"application_credential": {"name": "a"}} = 409 store application_credential - Duplicate entry found with name a.
      POST /users/$admin/application_credentials {"application_credential": {"name": "c", "roles": [{"name": "nope"}]}} = 404 Role nope is not defined
      POST /users/$admin/application_credentials {"application_credential": {"name": "c", "roles": [{"name": "service"}]}} = 400 Cannot create an application credential with unassigned role
      POST /users/$admin/application_credentials {"application_credential": {"name": "c", "expires_at": "x"}} = 400 Timestamp not in expected format.
      POST /users/$admin/application_credentials {"application_credential": {"name": "c", "expires_at": "2000-01-01T00:00:00Z"}} = 400 The 'expires_at' must not be before now.
      POST /users/$demo/application_credentials {"application_credential": {"name": "c"}} = 403 identity:create_application_credential
      as demo
      GET /users/$admin/application_credentials = 403
      GET /users/$demo/application_credentials/$a = 403
      as admin
      DELETE /users/$admin/application_credentials/$a = 204
      GET /users/$admin/application_credentials/$a = 404 Could not find Application Credential: $a.
      """#)
  }

  @Test func `access rules are shared, and kept while in use`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /users/$admin/application_credentials {"application_credential": {"name": "a", "access_rules": [{"path": "/v2", "method": "GET", "service": "compute"}]}} = 201 >r application_credential.access_rules.0.id
      POST /users/$admin/application_credentials {"application_credential": {"name": "b", "access_rules": [{"path": "/v2", "method": "GET", "service": "compute"}]}} = 201 "access_rules": [{"id": "$r"
      POST /users/$admin/application_credentials {"application_credential": {"name": "c", "access_rules": [{"id": "$r"}]}} = 201
      POST /users/$admin/application_credentials {"application_credential": {"name": "d", "access_rules": [{"id": "nope"}]}} = 500
      POST /users/$admin/application_credentials {"application_credential": {"name": "d", "access_rules": [{"path": "x"}]}} = 400 'x' does not match '^/\\.*'
      GET /users/$admin/access_rules = 200 {"access_rules": [{"id": "$r", "service": "compute", "path": "/v2", "method": "GET", "links": {"self": "http://k:5000/v3/access_rules/$r"}}]
      GET /users/$admin/access_rules?service=x = 200 {"access_rules": []
      GET /users/$admin/access_rules/$r = 200 {"access_rule": {"id": "$r"
      GET /users/$admin/access_rules/nope = 404 Could not find Access Rule: nope.
      DELETE /users/$admin/access_rules/$r = 403 May not delete access rule in use
      """#)
    for credential in talk.desk.store.applicationCredentials {
      talk.desk.store.remove(IdentityStore.ApplicationCredential.self, credential.id)
    }
    try talk.run("DELETE /users/$admin/access_rules/$r = 204")
  }

  @Test(arguments: [
    ("2030-01-01T00:00:00Z", 1_893_456_000), ("2030-01-01T00:00:00.500000Z", 1_893_456_000),
    ("2030-01-01 00:00:00", 1_893_456_000), ("2030-01-01T01:00:00+01:00", 1_893_456_000),
    ("1970-03-01T00:00:00Z", 59 * 86_400), ("2000-02-29T12:00:00Z", 951_825_600),
    ("2030-13-01T00:00:00Z", nil), ("2030-01-01", nil), ("2030-01-01T00:00:00X", nil),
    ("2030-01-01T25:00:00Z", nil), ("", nil),
  ]) func `times are read as Keystone reads them`(text: String, seconds: Int64?) {
    #expect(UTCTime(iso8601: text)?.seconds == seconds)
  }
}

// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct RolesTests {
  @Test func `a role is made, changed and deleted, and bootstrap's own are immutable`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /roles {"role": {"name": "r"}} = 201 >r role.id
      GET /roles/$r = 200 {"role": {"id": "$r", "name": "r", "domain_id": null, "description": null, "options": {}, "links": {"self": "http://k:5000/v3/roles/$r"}}}
      POST /roles {"role": {"name": "r"}} = 409 store role - Duplicate entry found with name r.
      PATCH /roles/$r {"role": {"name": "s", "description": "d"}} = 200 "name": "s", "domain_id": null, "description": "d"
      PATCH /roles/$r {"role": {"domain_id": "default"}} = 400 Update of `domain_id` is not allowed.
      DELETE /roles/$role-admin = 403 Unable to delete immutable role resource: `$role-admin. Set resource option "immutable" to false first.
      PATCH /roles/$role-admin {"role": {"name": "x"}} = 403 Unable to update immutable role resource
      DELETE /roles/$r = 204
      GET /roles/$r = 404 Could not find role: $r.
      POST /roles {"role": {"name": "r", "domain_id": "default"}} = 201 >dr role.id
      GET /roles = 200 !$dr
      GET /roles?domain_id=default = 200 {"roles": [{"id": "$dr"
      as demo
      GET /roles = 403 identity:list_roles
      GET /roles/$dr = 403 identity:get_domain_role
      """#)
  }

  @Test func `roles imply roles`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /roles {"role": {"name": "a"}} = 201 >a role.id
      POST /roles {"role": {"name": "b"}} = 201 >b role.id
      GET /roles/$a/implies/$b = 404 $a does not imply $b.
      PUT /roles/$a/implies/$b = 201 {"role_inference": {"prior_role": {"id": "$a", "links": {"self": "http://k:5000/v3/roles/$a"}, "name": "a"}, "implies": {"id": "$b"
      PUT /roles/$a/implies/$b = 409 store implied_role - Duplicate entry.
      PUT /roles/$a/implies/$role-admin = 403 $role-admin cannot be an implied roles.
      PUT /roles/$a/implies/nope = 404 Could not find role: nope.
      GET /roles/$a/implies/$b = 200
      HEAD /roles/$a/implies/$b = 204
      GET /roles/$a/implies = 200 "implies": [{"id": "$b"
      GET /role_inferences = 200 {"role_inferences": [{"prior_role": {"id": "$role-admin"
      PUT /projects/$project/users/$demo/roles/$a = 204
      """#)
    let token = talk.desk.authenticate(Desk.login("demo", scope: Desk.project("admin")))
    #expect(token.text.contains(#""name": "b""#), "\(token.text)")
    try talk.run(
      """
      DELETE /roles/$a/implies/$b = 204
      DELETE /roles/$a/implies/$b = 404
      """)
  }
}

// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct DomainsTests {
  @Test func `a domain is made, changed, and deleted once it is disabled, with all that is in it`()
    throws
  {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /domains {"domain": {"name": "d", "foo": 1}} = 201 >d domain.id
      GET /domains/$d = 200 {"domain": {"foo": 1, "id": "$d", "name": "d", "description": "", "enabled": true, "tags": [], "options": {}, "links": {"self": "http://k:5000/v3/domains/$d"}}}
      GET /projects/$d = 200 "domain_id": null, "description": "", "enabled": true, "parent_id": null, "is_domain": true
      POST /domains {"domain": {"name": "d"}} = 409 it is not permitted to have two projects acting as domains with the same name: d.
      POST /domains {"domain": {"name": "e", "explicit_domain_id": "x"}} = 400 Domain ID does not conform to required UUID format.
      GET /domains?name=d = 200 {"domains": [{"foo": 1
      PATCH /domains/$d {"domain": {"description": "x"}} = 200 "description": "x"
      POST /users {"user": {"name": "u", "domain_id": "$d"}} = 201 >u user.id
      POST /projects {"project": {"name": "p", "domain_id": "$d"}} = 201 >p project.id
      POST /groups {"group": {"name": "g", "domain_id": "$d"}} = 201 >g group.id
      PUT /domains/$d/users/$demo/roles/$role-reader = 204
      DELETE /domains/$d = 403 Cannot delete a domain that is enabled, please disable it first.
      PATCH /domains/$d {"domain": {"enabled": false}} = 200 "enabled": false
      DELETE /domains/$d = 204
      GET /domains/$d = 404 Could not find domain: $d.
      GET /users/$u = 404
      GET /projects/$p = 404
      GET /groups/$g = 404
      GET /role_assignments?user.id=$demo = 200 !$d
      as demo
      POST /domains {"domain": {"name": "x"}} = 403 identity:create_domain
      """#)
  }
}

// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct TrustsTests {
  private static let made =
    #"{"trustor_user_id": "$admin", "trustee_user_id": "$demo", "impersonation": true, "#
    + #""project_id": "$project", "roles": [{"name": "member"}]"#

  @Test func `a trustor makes a trust, the parties read it, and it ends`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /OS-TRUST/trusts {"trust": \#(Self.made)}} = 201 >t trust.id
      GET /OS-TRUST/trusts/$t = 200 "id": "$t", "trustor_user_id": "$admin", "trustee_user_id": "$demo", "project_id": "$project", "impersonation": true, "expires_at": null, "remaining_uses": null, "deleted_at": null, "redelegated_trust_id": null, "redelegation_count": 0, "roles_links": {"self": "http://k:5000/v3/$t/roles", "next": null, "previous": null}, "links": {"self": "http://k:5000/v3/OS-TRUST/trusts/$t"}}}
      GET /OS-TRUST/trusts = 200 !roles
      GET /OS-TRUST/trusts?trustor_user_id=$admin = 200 "id": "$t"
      GET /OS-TRUST/trusts?trustee_user_id=$admin = 200 {"trusts": []
      GET /OS-TRUST/trusts/$t/roles = 200 {"roles": [{"id": "$role-member"
      GET /OS-TRUST/trusts/$t/roles/$role-member = 200 {"role": {"id": "$role-member"
      HEAD /OS-TRUST/trusts/$t/roles/$role-member = 200
      GET /OS-TRUST/trusts/$t/roles/nope = 404 Could not find role: nope.
      as demo
      GET /OS-TRUST/trusts/$t = 200
      GET /OS-TRUST/trusts = 403 identity:list_trusts
      GET /OS-TRUST/trusts?trustee_user_id=$demo = 200 "id": "$t"
      DELETE /OS-TRUST/trusts/$t = 403 identity:delete_trust
      as admin
      DELETE /OS-TRUST/trusts/$t = 204
      GET /OS-TRUST/trusts/$t = 404 Could not find trust: $t.
      """#)
  }

  @Test func `what cannot be entrusted is refused`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /OS-TRUST/trusts {"trust": {"trustor_user_id": "$admin", "trustee_user_id": "$demo", "impersonation": true, "project_id": "$project"}} = 403 At least one role should be specified.
      POST /OS-TRUST/trusts {"trust": {"trustor_user_id": "$admin", "trustee_user_id": "nope", "impersonation": true}} = 404 Could not find user: nope.
      POST /OS-TRUST/trusts {"trust": {"trustor_user_id": "$demo", "trustee_user_id": "$admin", "impersonation": true}} = 403 identity:create_trust
      POST /OS-TRUST/trusts {"trust": {"trustor_user_id": "$admin", "trustee_user_id": "$demo", "impersonation": true, "project_id": "$project", "roles": [{"name": "service"}]}} = 404 Could not find role: $role-service.
      POST /OS-TRUST/trusts {"trust": \#(Self.made), "expires_at": "bad"}} = 400 Timestamp not in expected format.
      POST /OS-TRUST/trusts {"trust": \#(Self.made), "expires_at": "2000-01-01T00:00:00.000000Z"}} = 400 The 'expires_at' must not be before now.
      POST /OS-TRUST/trusts {"trust": \#(Self.made), "allow_redelegation": true, "redelegation_count": 9}} = 403 You are not authorized
      POST /OS-TRUST/trusts {"trust": \#(Self.made), "allow_redelegation": true, "remaining_uses": 1}} = 400 remaining_uses must not be set if redelegation is allowed
      POST /OS-TRUST/trusts {"trust": \#(Self.made), "remaining_uses": 0}} = 400 0 is less than the minimum of 1
      POST /OS-TRUST/trusts {"trust": \#(Self.made), "allow_redelegation": true}} = 201 "redelegation_count": 3
      """#)
  }
}

// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct ConsumersTests {
  @Test func `a consumer's secret is told once`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /OS-OAUTH1/consumers {"consumer": {"description": "d", "foo": 1}} = 201 "description": "d", "secret": "
      POST /OS-OAUTH1/consumers {"consumer": {}} = 201 >c consumer.id
      GET /OS-OAUTH1/consumers = 200 !secret
      GET /OS-OAUTH1/consumers/$c = 200 {"consumer": {"id": "$c", "description": null, "links": {"self": "http://k:5000/v3/OS-OAUTH1/consumers/$c"}}}
      PATCH /OS-OAUTH1/consumers/$c {"consumer": {"description": "e"}} = 200 "description": "e"
      PATCH /OS-OAUTH1/consumers/$c {"consumer": {"secret": "e"}} = 400 {'secret': 'e'} should not be valid under {'required': ['secret']}
      DELETE /OS-OAUTH1/consumers/$c = 204
      GET /OS-OAUTH1/consumers/$c = 404 Consumer not found
      GET /users/$admin/OS-OAUTH1/access_tokens = 200 {"access_tokens": []
      GET /users/$admin/OS-OAUTH1/access_tokens/nope = 404 Access token not found
      """#)
  }

  @Test func `access tokens are shown without their secrets, and deleted`() throws {
    var talk = try Talk()
    var token = IdentityStore.AccessToken(
      id: "t", secret: "hidden", consumerID: "c", projectID: talk["project"],
      authorizingUserID: talk["admin"])
    token.roleIDs = [talk["role-member"]]
    talk.desk.store.put(token)
    let url = "/users/$admin/OS-OAUTH1/access_tokens"
    try talk.run(
      #"""
      GET \#(url) = 200 "id": "t", "authorizing_user_id": "$admin", "project_id": "$project", "consumer_id": "c"
      GET \#(url) = 200 !hidden
      GET \#(url)/t/roles = 200 {"roles": [{"id": "$role-member"
      GET \#(url)/t/roles/$role-member = 200 {"role": {"id": "$role-member"
      GET \#(url)/t/roles/nope = 404 Could not find role
      GET /users/$demo/OS-OAUTH1/access_tokens/t = 404 User IDs do not match
      DELETE \#(url)/t = 204
      GET \#(url)/t = 404
      """#)
  }
}

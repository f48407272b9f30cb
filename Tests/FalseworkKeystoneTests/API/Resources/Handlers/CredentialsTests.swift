// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct CredentialsTests {
  @Test func `credentials are the admin's and the owner's`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /credentials {"credential": {"type": "cert", "blob": "b", "user_id": "$demo"}} = 201 >c credential.id
      GET /credentials/$c = 200 {"credential": {"id": "$c", "user_id": "$demo", "project_id": null, "type": "cert", "blob": "b", "links": {"self": "http://k:5000/v3/credentials/$c"}}}
      PATCH /credentials/$c {"credential": {"blob": "z"}} = 200 "blob": "z"
      GET /credentials?user_id=$demo = 200 "id": "$c"
      GET /credentials?type=x = 200 {"credentials": []
      POST /credentials {"credential": {"type": "cert", "blob": "b", "user_id": "$admin"}} = 201 >d credential.id
      POST /credentials {"credential": {"type": "cert", "user_id": "$demo"}} = 400 'blob' is a required property
      GET /credentials/nope = 404 Could not find credential: nope.
      as demo
      GET /credentials = 200 !$d
      GET /credentials/$c = 200
      GET /credentials/$d = 403 identity:get_credential
      PATCH /credentials/$c {"credential": {"user_id": "$admin"}} = 403 identity:update_credential
      DELETE /credentials/$c = 204
      GET /credentials/$c = 403
      """#)
  }

  @Test func `an EC2 credential has its access key's hash for an id`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /credentials {"credential": {"type": "ec2", "blob": "b", "user_id": "$admin", "project_id": "$project"}} = 400 Invalid blob in credential
      POST /credentials {"credential": {"type": "ec2", "blob": "{\"x\": 1}", "user_id": "$admin", "project_id": "$project"}} = 400 Expecting to find access in credential.
      POST /credentials {"credential": {"type": "ec2", "blob": "{\"access\":\"A\"}", "user_id": "$admin"}} = 400 'project_id' is a required property
      POST /credentials {"credential": {"type": "ec2", "blob": "{\"access\":\"A\"}", "user_id": "$admin", "project_id": "$project"}} = 201 "id": "559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd"
      POST /credentials {"credential": {"type": "ec2", "blob": "{\"access\":\"A\"}", "user_id": "$admin", "project_id": "$project"}} = 409 store credential - Duplicate entry found with ID 559aead
      GET /users/$admin/credentials/OS-EC2/A = 200 {"credential": {"user_id": "$admin", "tenant_id": "$project", "access": "A", "secret": null, "trust_id": null, "links": {"self": "http://k:5000/v3/users/$admin/credentials/OS-EC2/A"}}}
      POST /users/$admin/credentials/OS-EC2 {"tenant_id": "$project"} = 201 >a credential.access
      GET /users/$admin/credentials/OS-EC2 = 200 "access": "$a"
      POST /users/$admin/credentials/OS-EC2 {"tenant_id": "nope"} = 404 Could not find project: nope.
      POST /users/$admin/credentials/OS-EC2 = 404 Could not find project: None.
      DELETE /users/$admin/credentials/OS-EC2/$a = 204
      GET /users/$admin/credentials/OS-EC2/$a = 404 Could not find credential:
      as demo
      GET /users/$admin/credentials/OS-EC2 = 403 identity:ec2_list_credentials
      """#)
  }

  @Test func `from 2026.2 on nothing but the blob is changed`() throws {
    var talk = try Talk("2026.2")
    try talk.run(
      #"""
      POST /credentials {"credential": {"type": "cert", "blob": "b", "user_id": "$demo"}} = 201 >c credential.id
      PATCH /credentials/$c {"credential": {"type": "x"}} = 400 ('type' was unexpected)
      PATCH /credentials/$c {"credential": {"blob": "x"}} = 200
      """#)
  }
}

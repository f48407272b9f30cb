// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct PoliciesTests {
  @Test func `policies are made, changed and deleted`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /policies {"policy": {"type": "t", "blob": "b", "foo": 1}} = 201 >p policy.id
      GET /policies/$p = 200 {"policy": {"foo": 1, "id": "$p", "blob": "b", "type": "t", "links": {"self": "http://k:5000/v3/policies/$p"}}}
      POST /policies {"policy": {"type": "t"}} = 400 'blob' is a required property
      GET /policies?type=x = 200 {"policies": []
      PATCH /policies/$p {"policy": {"blob": "c"}} = 200 "blob": "c"
      DELETE /policies/$p = 204
      GET /policies/$p = 404 Could not find policy: $p.
      """#)
  }

  @Test func `a policy is for an endpoint, a service, or a service in a region`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /policies {"policy": {"type": "t", "blob": "b"}} = 201 >p policy.id
      GET /endpoints?interface=admin = 200 >e endpoints.0.id
      GET /endpoints?interface=admin = 200 >s endpoints.0.service_id
      GET /endpoints/$e/OS-ENDPOINT-POLICY/policy = 404 No policy is associated with endpoint $e.
      """#)
    for path in ["endpoints/$e", "services/$s", "services/$s/regions/RegionOne"] {
      try talk.run(
        #"""
        GET /policies/$p/OS-ENDPOINT-POLICY/\#(path) = 404 Could not find policy association.
        PUT /policies/$p/OS-ENDPOINT-POLICY/\#(path) = 204
        GET /policies/$p/OS-ENDPOINT-POLICY/\#(path) = 204
        GET /policies/$p/OS-ENDPOINT-POLICY/endpoints = 200 "id": "$e"
        GET /endpoints/$e/OS-ENDPOINT-POLICY/policy = 200 {"policy": {"id": "$p", "blob": "b", "type": "t", "links": {"self": "http://k:5000/v3/endpoints/$p"}}}
        DELETE /policies/$p/OS-ENDPOINT-POLICY/\#(path) = 204
        GET /policies/$p/OS-ENDPOINT-POLICY/endpoints = 200 {"endpoints": []
        """#)
    }
    try talk.run("PUT /policies/$p/OS-ENDPOINT-POLICY/endpoints/nope = 404")
  }
}

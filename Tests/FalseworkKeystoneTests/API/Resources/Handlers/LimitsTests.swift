// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct LimitsTests {
  @Test func `a limit needs a registered one, which it keeps from changing`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      GET /services?type=compute = 200 >s services.0.id
      POST /registered_limits {"registered_limits": [{"service_id": "$s", "resource_name": "v", "default_limit": 10}]} = 201 >r registered_limits.0.id
      GET /registered_limits/$r = 200 {"registered_limit": {"id": "$r", "service_id": "$s", "region_id": null, "resource_name": "v", "default_limit": 10, "description": null, "links": {"self": "http://k:5000/v3/registered_limits/$r"}}}
      POST /registered_limits {"registered_limits": [{"service_id": "$s", "resource_name": "v", "default_limit": 1}]} = 409 store registered_limit - Duplicate entry.
      POST /registered_limits {"registered_limits": []} = 400 [] should be non-empty
      PATCH /registered_limits/$r {"registered_limit": {"default_limit": 12}} = 200 "default_limit": 12
      POST /limits {"limits": [{"service_id": "$s", "resource_name": "v", "resource_limit": 5, "project_id": "$project"}]} = 201 >l limits.0.id
      GET /limits/$l = 200 {"limit": {"id": "$l", "project_id": "$project", "domain_id": null, "resource_limit": 5, "description": null, "service_id": "$s", "region_id": null, "resource_name": "v", "links": {"self": "http://k:5000/v3/limits/$l"}}}
      POST /limits {"limits": [{"service_id": "$s", "resource_name": "x", "resource_limit": 5, "project_id": "$project"}]} = 403 Unable to create a limit that has no corresponding registered limit.
      POST /limits {"limits": [{"service_id": "$s", "resource_name": "v", "resource_limit": 5, "project_id": "$project"}]} = 409 store limit - Duplicate entry.
      POST /limits {"limits": [{"service_id": "$s", "resource_name": "v", "resource_limit": 5}]} = 400 is not valid under any of the given schemas
      POST /limits {"limits": [{"service_id": "x", "resource_name": "v", "resource_limit": 5, "project_id": "$project"}]} = 400 'x' is not a 'uuid'
      PATCH /limits/$l {"limit": {"resource_limit": 6}} = 200 "resource_limit": 6
      GET /limits?resource_name=v = 200 "id": "$l"
      DELETE /registered_limits/$r = 403 Unable to update or delete registered limit $r because there are project limits associated with it.
      PATCH /registered_limits/$r {"registered_limit": {"default_limit": 1}} = 403
      as demo
      GET /limits = 200 {"limits": []
      GET /limits/model = 200 {"model": {"name": "flat"
      GET /registered_limits = 200 "id": "$r"
      as admin
      DELETE /limits/$l = 204
      GET /limits/$l = 404 Could not find limit for $l.
      DELETE /registered_limits/$r = 204
      GET /registered_limits/$r = 404 Could not find registered limit for $r.
      """#)
  }
}

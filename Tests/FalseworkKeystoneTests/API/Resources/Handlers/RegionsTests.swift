// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct RegionsTests {
  @Test func `regions have ids of the client's choice, and a parent`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /regions {"region": {"id": "R1", "foo": 1}} = 201 {"region": {"foo": 1, "id": "R1", "description": "", "parent_region_id": null, "links"
      POST /regions {"region": {"id": "R1"}} = 409 store region - Duplicate ID, R1..
      POST /regions {"region": {}} = 201 >r region.id
      PUT /regions/R2 {"region": {"parent_region_id": "R1"}} = 201 "parent_region_id": "R1"
      PUT /regions/R2 {"region": {}} = 409
      PUT /regions/R3 {"region": {"id": "R4"}} = 400 Conflicting region IDs specified: "R3" != "R4"
      POST /regions {"region": {"parent_region_id": "nope"}} = 404 Could not find region: nope.
      PATCH /regions/R2 {"region": {"description": "x"}} = 200 "description": "x"
      PATCH /regions/R1 {"region": {"parent_region_id": "R2"}} = 400 The specified parent region R2 would create a circular region hierarchy.
      GET /regions?parent_region_id=R1 = 200 {"regions": [{"id": "R2"
      GET /regions?foo=1 = 400 Additional properties are not allowed ('foo' was unexpected)
      DELETE /regions/RegionOne = 403 Unable to delete region RegionOne because it or its child regions have associated endpoints.
      DELETE /regions/R1 = 204
      GET /regions/R2 = 404 Could not find region: R2.
      as demo
      GET /regions = 200
      DELETE /regions/$r = 403 identity:delete_region
      """#)
  }
}

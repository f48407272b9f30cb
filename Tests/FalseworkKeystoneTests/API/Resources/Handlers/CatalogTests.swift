// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct CatalogTests {
  @Test func `services are made, changed and deleted with their endpoints`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /services {"service": {"type": "t", "name": "n", "foo": 1}} = 201 >s service.id
      GET /services/$s = 200 {"service": {"name": "n", "foo": 1, "id": "$s", "type": "t", "enabled": true, "links": {"self": "http://k:5000/v3/services/$s"}}}
      POST /services {"service": {"type": "u"}} = 201 {"service": {"name": "", "id"
      POST /services {"service": {"name": "x"}} = 400 Value: {'name': 'x'}. 'type' is a required property
      GET /services?type=t = 200 "id": "$s"
      PATCH /services/$s {"service": {"description": "d"}} = 200 "description": "d"
      POST /endpoints {"endpoint": {"interface": "public", "service_id": "$s", "url": "http://x/%(tenant_id)s"}} = 201 >e endpoint.id
      GET /auth/catalog = 200 http://x/$project
      DELETE /services/$s = 204
      GET /services/$s = 404 Could not find service: $s.
      GET /endpoints/$e = 404 Could not find endpoint: $e.
      GET /auth/catalog = 200 !http://x/
      """#)
  }

  @Test func `endpoints are made, changed and deleted`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /services {"service": {"type": "t"}} = 201 >s service.id
      POST /endpoints {"endpoint": {"interface": "public", "service_id": "$s", "url": "http://x", "region": "RX"}} = 201 >e endpoint.id
      GET /regions/RX = 200
      GET /endpoints/$e = 200 {"endpoint": {"id": "$e", "interface": "public", "region_id": "RX", "service_id": "$s", "url": "http://x", "enabled": true, "region": "RX", "links": {"self": "http://k:5000/v3/endpoints/$e"}}}
      PATCH /endpoints/$e {"endpoint": {"enabled": false, "name": "q"}} = 200 {"endpoint": {"name": "q"
      POST /endpoints {"endpoint": {"interface": "bad", "service_id": "$s", "url": "http://x"}} = 400 Value: bad. 'bad' is not one of ['admin', 'internal', 'public']
      POST /endpoints {"endpoint": {"interface": "public", "service_id": "nope", "url": "http://x"}} = 400 Expecting to find endpoint service_id in service table.
      POST /endpoints {"endpoint": {"interface": "public", "service_id": "$s", "url": "http://x", "region_id": "nope"}} = 400 Expecting to find endpoint region_id in region table.
      POST /endpoints {"endpoint": {"interface": "public", "service_id": "$s", "url": "http://x/%(foo)s"}} = 400 Cannot create an endpoint with an invalid URL: http://x/%(foo)s.
      POST /endpoints {"endpoint": {"interface": "public", "service_id": "$s", "url": "http://x", "enabled": "x"}} = 400 'x' is not of type 'boolean'
      GET /endpoints?service_id=$s&interface=public = 200 {"endpoints": [{"name": "q"
      GET /endpoints?service_id=$s&interface=admin = 200 {"endpoints": []
      DELETE /endpoints/$e = 204
      """#)
  }
}

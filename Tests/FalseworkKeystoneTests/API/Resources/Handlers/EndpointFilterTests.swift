// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct EndpointFilterTests {
  @Test func `a group of endpoints is for projects`() throws {
    var talk = try Talk()
    let groups = "/OS-EP-FILTER/endpoint_groups"
    try talk.run(
      #"""
      POST \#(groups) {"endpoint_group": {"name": "g", "filters": {"interface": "public"}}} = 201 >g endpoint_group.id
      POST \#(groups) {"endpoint_group": {"name": "g"}} = 400 'filters' is a required property
      GET \#(groups)/$g = 200 {"endpoint_group": {"id": "$g", "name": "g", "description": null, "filters": {"interface": "public"}, "links": {"self": "http://k:5000/v3/OS-EP-FILTER/endpoint_groups/$g"}}}
      GET \#(groups)?name=x = 200 {"endpoint_groups": []
      GET \#(groups)?foo=x = 400 ('foo' was unexpected)
      PATCH \#(groups)/$g {"endpoint_group": {"name": "h"}} = 200 "name": "h"
      GET \#(groups)/$g/projects/$project = 404 Endpoint Group Project Association not found
      PUT \#(groups)/$g/projects/$project = 204
      PUT \#(groups)/$g/projects/nope = 404 Could not find project: nope.
      GET \#(groups)/$g/projects/$project = 200 {"project_endpoint_group": {"endpoint_group_id": "$g", "project_id": "$project", "links": {"self": "/OS-EP-FILTER/endpoint_groups/$g/projects/$project"}}}
      GET \#(groups)/$g/projects = 200 {"projects": [{"id": "$project"
      GET \#(groups)/$g/endpoints = 200 !"interface": "admin"
      GET /OS-EP-FILTER/projects/$project/endpoint_groups = 200 "id": "$g"
      GET /OS-EP-FILTER/projects/$project/endpoints = 200 !"interface": "admin"
      DELETE \#(groups)/$g/projects/$project = 204
      GET /OS-EP-FILTER/projects/$project/endpoints = 200 {"endpoints": []
      DELETE \#(groups)/$g = 204
      GET \#(groups)/$g = 404 Could not find Endpoint Group: $g.
      """#)
  }

  @Test func `an endpoint is for projects`() throws {
    var talk = try Talk()
    let path = "/OS-EP-FILTER/projects/$project/endpoints"
    try talk.run(
      #"""
      GET /endpoints?interface=admin = 200 >e endpoints.0.id
      GET \#(path)/$e = 404 Endpoint $e not found in project $project
      PUT \#(path)/$e = 204
      PUT \#(path)/$e = 409 store project_endpoint - Duplicate entry.
      HEAD \#(path)/$e = 204
      GET \#(path) = 200 {"endpoints": [{"id": "$e"
      GET /OS-EP-FILTER/endpoints/$e/projects = 200 {"projects": [{"id": "$project"
      DELETE \#(path)/$e = 204
      DELETE \#(path)/$e = 404
      """#)
  }
}

// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct ProjectTagsTests {
  @Test func `tags are set, looked for, filtered by and taken off`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      PUT /projects/$project/tags/t1 = 201
      PUT /projects/$project/tags/t1 = 400 ['t1', 't1'] has non-unique elements
      PUT /projects/$project/tags/a%2Cb = 400 'a,b' does not match '^[^,/]*$'
      GET /projects/$project/tags = 200 {"links": {"self": "http://k:5000/v3"}, "tags": ["t1"]}
      GET /projects/$project/tags/t1 = 204
      GET /projects/$project/tags/t2 = 404 Could not find project tag: t2.
      PUT /projects/$project/tags {"tags": ["b", "a"]} = 200 "tags": ["b", "a"]
      PUT /projects/$project/tags {"tags": ["b", "b"]} = 400 has non-unique elements
      GET /projects?tags=a,b = 200 {"projects": [{"id": "$project"
      GET /projects?tags=a,c = 200 {"projects": []
      GET /projects?tags-any=a,c = 200 {"projects": [{"id": "$project"
      GET /projects?not-tags=a,b = 200 {"projects": [{"id": "$demoproject"
      GET /projects?not-tags-any=a,c = 200 {"projects": [{"id": "$demoproject"
      DELETE /projects/$project/tags/t2 = 404 Could not find project tag: t2.
      DELETE /projects/$project/tags/a = 204
      DELETE /projects/$project/tags = 204
      GET /projects/$project/tags = 200 "tags": []
      GET /projects/nope/tags = 404 Could not find project: nope.
      as demo
      PUT /projects/$demoproject/tags/x = 403 identity:create_project_tag
      """#)
    var old = try Talk("pike")
    try old.run("GET /projects/$project/tags = 404")
  }
}

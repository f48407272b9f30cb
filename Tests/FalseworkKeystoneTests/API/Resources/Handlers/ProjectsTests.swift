// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct ProjectsTests {
  @Test func `a project is made, shown, changed and deleted`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /projects {"project": {"name": "p", "foo": "bar"}} = 201 >p project.id
      GET /projects/$p = 200 {"project": {"foo": "bar", "id": "$p", "name": "p", "domain_id": "default", "description": "", "enabled": true, "parent_id": "default", "is_domain": false, "tags": [], "options": {}, "links": {"self": "http://k:5000/v3/projects/$p"}}}
      PATCH /projects/$p {"project": {"description": "z", "baz": 2}} = 200 "tags": [], "extra": {"foo": "bar", "baz": 2}
      POST /projects {"project": {"name": "p"}} = 409 it is not permitted to have two projects with either the same name or same id in the same domain: name is p, project id
      PATCH /projects/$p {"project": {"parent_id": "x"}} = 403 Update of `parent_id` is not allowed.
      PATCH /projects/$p {"project": {"is_domain": true}} = 400 Update of `is_domain` is not allowed.
      PATCH /projects/$p {"project": {"domain_id": "x"}} = 400 Cannot change Domain ID
      PATCH /projects/$p {"project": {"options": {"immutable": true}}} = 200 "options": {"immutable": true}
      PATCH /projects/$p {"project": {"name": "q"}} = 403 Unable to update immutable project resource: `$p.
      DELETE /projects/$p = 403 Unable to delete immutable project resource: `$p.
      PATCH /projects/$p {"project": {"options": {"immutable": null}}} = 200 "options": {}
      DELETE /projects/$p = 204
      GET /projects/$p = 404 Could not find project: $p.
      POST /projects {"project": {"name": "x", "domain_id": "nope"}} = 400 Could not find domain: nope.
      POST /projects {"project": {"name": "x", "parent_id": "nope"}} = 400 Could not find project: nope.
      as demo
      GET /projects/$demoproject = 200
      GET /projects/$project = 403 identity:get_project
      """#)
  }

  @Test func `the hierarchy is told, and held to`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /projects {"project": {"name": "a", "parent_id": "$project"}} = 201 >a project.id
      POST /projects {"project": {"name": "b", "parent_id": "$a"}} = 201 >b project.id
      GET /projects/$b?parents_as_ids = 200 "parents": {"$a": {"$project": {"default": null}}}
      GET /projects/$project?subtree_as_ids = 200 "subtree": {"$a": {"$b": null}}
      GET /projects/$b?parents_as_list = 200 "parents": [{"project": {"id": "$project"
      GET /projects/$a?subtree_as_list = 200 "subtree": []
      GET /projects/$a?subtree_as_list&subtree_as_ids = 400 Cannot use subtree_as_list and subtree_as_ids query params at the same time.
      DELETE /projects/$a = 403 since it is not a leaf in the hierarchy.
      PATCH /projects/$a {"project": {"enabled": false}} = 403 since its subtree contains enabled projects.
      PATCH /projects/$b {"project": {"enabled": false}} = 200
      PATCH /projects/$a {"project": {"enabled": false}} = 200
      PATCH /projects/$b {"project": {"enabled": true}} = 403 Cannot enable project $b since it has disabled parents
      POST /projects {"project": {"name": "c", "parent_id": "$a"}} = 400 cannot create a project in a branch containing a disabled project: $a
      PATCH /projects/$a {"project": {"enabled": true}} = 200
      PATCH /projects/$b {"project": {"enabled": true}} = 200
      POST /projects {"project": {"name": "d", "parent_id": "$b"}} = 201 >d project.id
      POST /projects {"project": {"name": "e", "parent_id": "$d"}} = 201 >e project.id
      POST /projects {"project": {"name": "f", "parent_id": "$e"}} = 403 Max hierarchy depth reached for $e branch.
      GET /projects?parent_id=$a = 200 {"projects": [{"id": "$b"
      GET /projects?parent_id=default = 400 'default' is not a 'uuid'
      GET /projects?is_domain=true = 200 {"projects": [{"id": "default", "name": "Default", "domain_id": null
      POST /projects {"project": {"name": "dom", "is_domain": true}} = 201 >dom project.id
      GET /domains/$dom = 200
      POST /projects {"project": {"name": "x", "is_domain": true, "parent_id": "$a"}} = 400 only root projects are allowed to act as domains.
      POST /projects {"project": {"name": "x", "domain_id": "$dom", "parent_id": "$a"}} = 400 specifies a parent in a different domain (default).
      """#)
  }

  @Test func `pages are of the length asked for, and link to the next`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      GET /projects?limit=1&name=admin = 200 "next": "http://k:5000/v3/projects?limit=1&name=admin&marker=$project"
      GET /projects?limit=1&name=admin = 200 "truncated": true}
      GET /projects?limit=5 = 200 "next": null
      GET /projects?limit=x = 500
      GET /projects?marker=nope = 404 Marker nope could not be found.
      """#)
    var old = try Talk("2023.1")
    try old.run("GET /projects?limit=1 = 200 !truncated")
  }

  @Test func `a list limit cuts`() throws {
    var talk = try Talk()
    talk.desk.service.options.listLimit = 1
    try talk.run(
      #"""
      GET /projects = 200 "links": {"next": null, "self": "http://k:5000/v3/projects", "previous": null}, "truncated": true}
      GET /domains = 200 !truncated
      """#)
  }

  @Test(arguments: [("newton", "is_domain", "tags"), ("queens", "tags", "options")])
  func `attributes come with the release that has them`(
    release: String, has: String, hasNot: String
  ) throws {
    var talk = try Talk(release)
    try talk.run("GET /projects/$project = 200 \"\(has)\": ")
    try talk.run("GET /projects/$project = 200 !\"\(hasNot)\": ")
  }
}

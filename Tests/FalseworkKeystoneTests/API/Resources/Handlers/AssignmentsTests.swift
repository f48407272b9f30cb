// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct AssignmentsTests {
  @Test func `assignments are listed as they were made, with names if asked`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      GET /role_assignments?user.id=$demo = 200 {"role_assignments": [{"links": {"assignment": "http://k:5000/v3/projects/$demoproject/users/$demo/roles/$role-member"}, "scope": {"project": {"id": "$demoproject"}}, "user": {"id": "$demo"}, "role": {"id": "$role-member"}}], "links"
      GET /role_assignments?user.id=$demo&include_names = 200 "scope": {"project": {"id": "$demoproject", "name": "demo", "domain": {"id": "default", "name": "Default"}}}, "user": {"id": "$demo", "name": "demo", "domain": {"id": "default", "name": "Default"}}, "role": {"id": "$role-member", "name": "member"}
      GET /role_assignments?scope.system=all = 200 [{"links": {"assignment": "http://k:5000/v3/system/users/$admin/roles/$role-admin"}, "scope": {"system": {"all": true}}
      GET /role_assignments?role.id=$role-reader = 200 {"role_assignments": []
      GET /role_assignments?user.id=nope = 200 {"role_assignments": []
      as demo
      GET /role_assignments = 403 identity:list_role_assignments
      """#)
  }

  @Test func `effective ones are worked out: groups, inheritance and what is implied`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /groups {"group": {"name": "g"}} = 201 >g group.id
      PUT /groups/$g/users/$demo = 204
      PUT /OS-INHERIT/domains/default/groups/$g/roles/$role-member/inherited_to_projects = 204
      GET /role_assignments?group.id=$g = 200 "scope": {"domain": {"id": "default"}, "OS-INHERIT:inherited_to": "projects"}, "group"
      GET /role_assignments?effective&user.id=$demo&scope.project.id=$project = 200 [{"links": {"membership": "http://k:5000/v3/groups/$g/users/$demo", "assignment": "http://k:5000/v3/OS-INHERIT/domains/default/groups/$g/roles/$role-member/inherited_to_projects"}, "scope": {"project": {"id": "$project"}, "OS-INHERIT:inherited_to": "projects"}, "user": {"id": "$demo"}, "role": {"id": "$role-member"}}, {"links"
      GET /role_assignments?effective&user.id=$demo&scope.project.id=$project = 200 "prior_role": "http://k:5000/v3/prior_role/$role-reader/implies/$role-member"}
      GET /role_assignments?effective=0&user.id=$demo&scope.project.id=$project = 200 {"role_assignments": []
      """#)
  }

  @Test func `a tree has the assignments on the projects below`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /projects {"project": {"name": "p", "parent_id": "$project"}} = 201 >p project.id
      PUT /projects/$p/users/$demo/roles/$role-reader = 204
      GET /role_assignments?scope.project.id=$project&include_subtree=1 = 200 "project": {"id": "$p"}
      GET /role_assignments?scope.project.id=$project = 200 !$p
      GET /role_assignments?include_subtree=1 = 400 'scope.project.id' is a dependency of 'include_subtree'
      GET /role_assignments?scope.project.id=nope&include_subtree=1 = 404 Could not find project: nope.
      """#)
  }

  @Test(arguments: [
    ("effective&group.id=g", "Combining effective and group filter"),
    ("scope.domain.id=a&scope.project.id=b", "Specify a domain or project, not both"),
    ("scope.domain.id=a&scope.system=all", "Specify system or domain, not both"),
    ("scope.project.id=a&scope.system=all", "Specify system or project, not both"),
    (
      "effective&scope.domain.id=a&scope.OS-INHERIT:inherited_to=projects",
      "Combining effective, domain and inherited filters"
    ),
    ("user.id=a&group.id=b", "is valid under each of {'required': ['group.id']}"),
  ]) func `filters that exclude each other are refused`(query: String, message: String) throws {
    var talk = try Talk()
    try talk.run("GET /role_assignments?\(query) = 400 \(message)")
    if query == "user.id=a&group.id=b" {
      var old = try Talk("2023.1")
      try old.run("GET /role_assignments?\(query) = 400 Specify a user or group, not both")
    }
  }
}

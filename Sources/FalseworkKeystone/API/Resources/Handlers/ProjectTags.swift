// SPDX-License-Identifier: Apache-2.0

/// `/projects/{project_id}/tags`, since Queens.
enum ProjectTags {
  private static func answer(_ c: ResourceContext, _ tags: [String]) -> KeystoneAnswer {
    // The link is to the API's root: Keystone means the request's own address and misses.
    c.answer([
      "links": .object(["self": .string(c.url)]), "tags": .array(tags.map(JSONValue.string)),
    ])
  }

  private static func project(
    _ c: inout ResourceContext, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Project {
    try c.require(Projects.target(c.parameter(0), store))
    return try Projects.found(c.parameter(0), store)
  }

  static func list(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let project = try project(&c, store)
    return answer(c, project.tags)
  }

  static func replace(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    var project = try project(&c, store)
    if let complaint = Schema.tags.firstComplaint(c.body["tags"] ?? .array([])) {
      throw KeystoneError(complaint, c.release)
    }
    project.tags = Projects.texts(c.body["tags"])
    store.put(project)
    return answer(c, project.tags)
  }

  static func clear(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    var project = try project(&c, store)
    project.tags = []
    store.put(project)
    return c.done
  }

  static func has(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let project = try project(&c, store)
    guard project.tags.contains(c.parameter(1)) else { throw missing(c) }
    return c.done
  }

  private static func missing(_ c: ResourceContext) -> KeystoneError {
    .notFound("Could not find project tag: \(c.parameter(1)).")
  }

  static func add(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    var project = try project(&c, store)
    let tag = c.parameter(1)
    for (schema, value) in [
      (Schema.tag, JSONValue.string(tag)),
      (Schema.tags, .array((project.tags + [tag]).map(JSONValue.string))),
    ] {
      if let complaint = schema.firstComplaint(value) { throw KeystoneError(complaint, c.release) }
    }
    project.tags.append(tag)
    store.put(project)
    var answer = KeystoneAnswer(status: 201, operation: .other, contentType: .html)
    answer.fields.append(.init(name: "Location", value: "\(c.url)/\(project.id)/tags/\(tag)"))
    return answer
  }

  static func remove(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    var project = try project(&c, store)
    guard let at = project.tags.firstIndex(of: c.parameter(1)) else { throw missing(c) }
    project.tags.remove(at: at)
    store.put(project)
    return c.done
  }
}

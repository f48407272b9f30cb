// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// The resources of the API: users, projects, roles …
extension IdentityService {
  /// What has no entry in the table is answered with Keystone's 501.
  mutating func resource(
    _ request: APIRequest, _ endpoint: Endpoint, _ context: APIContext,
    _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    guard let action = ResourceAction.find(endpoint, request.method) else {
      try context.require("\(endpoint)")
      throw .notImplemented
    }
    var desk = ResourceContext(
      request, action, context, listLimit: options.listLimit, generator: generator, hasher: hasher)
    defer { generator = desk.generator }
    try desk.checkEarly()
    return try action.handler(&desk, &store)
  }
}

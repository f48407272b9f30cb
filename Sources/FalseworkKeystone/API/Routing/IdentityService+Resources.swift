// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// The resources of the API: users, projects, roles …
extension IdentityService {
  /// What is not written yet is answered with Keystone's 501.
  mutating func resource(
    _ request: APIRequest, _ endpoint: Endpoint, _ context: APIContext,
    _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    guard request.reads, let call = Self.readingCall(request, endpoint) else {
      try context.require("\(endpoint)")
      throw .notImplemented
    }
    return try read(call, now: context.now, base: context.base, store: store)
  }

  private static func readingCall(
    _ request: APIRequest, _ endpoint: Endpoint
  ) -> KeystoneCall? {
    let caller = request.fields.caller
    func list(_ collection: KeystoneCall.Collection) -> KeystoneCall {
      .list(collection, caller: caller, filters: request.query)
    }
    func show(_ collection: KeystoneCall.Collection) -> KeystoneCall {
      .show(collection, id: request.parameters[0].value, caller: caller)
    }
    return switch endpoint {
    case .users: list(.users)
    case .projects: list(.projects)
    case .domains: list(.domains)
    case .roles: list(.roles)
    case .services: list(.services)
    case .endpoints: list(.endpoints)
    case .regions: list(.regions)
    case .user: show(.users)
    case .project: show(.projects)
    case .domain: show(.domains)
    case .role: show(.roles)
    case .service: show(.services)
    case .endpoint: show(.endpoints)
    case .region: show(.regions)
    default: nil
    }
  }
}

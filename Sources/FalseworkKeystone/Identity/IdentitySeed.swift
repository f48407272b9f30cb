// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto

/// What a cluster's database holds when it starts: `keystone-manage bootstrap`, a demo user and a
/// catalog, unless a scenario says otherwise.
package struct IdentitySeed: Equatable, Sendable {
  package struct User: Equatable, Sendable {
    package var name: String
    package var domain: String
    package var password: String
    package var enabled: Bool

    package init(name: String, domain: String = "Default", password: String, enabled: Bool = true) {
      self.name = name
      self.domain = domain
      self.password = password
      self.enabled = enabled
    }
  }

  package struct Project: Equatable, Sendable {
    package var name: String
    package var domain: String

    package init(name: String, domain: String = "Default") {
      self.name = name
      self.domain = domain
    }
  }

  /// A role of a user on a project, on a domain or on the system: exactly one of them.
  package struct Grant: Equatable, Sendable {
    package enum Target: Equatable, Sendable {
      case project(String)
      case domain(String)
      case system
    }
    package var user: String
    package var role: String
    package var target: Target

    package init(user: String, role: String, target: Target) {
      self.user = user
      self.role = role
      self.target = target
    }
  }

  package struct Service: Equatable, Sendable {
    package var name: String
    package var type: String
    /// One URL for all three interfaces; `%(project_id)s` is replaced. Nil: this Keystone itself.
    package var url: String?

    package init(name: String, type: String, url: String?) {
      self.name = name
      self.type = type
      self.url = url
    }
  }

  package var domains: [String]
  package var projects: [Project]
  package var users: [User]
  package var roles: [String]
  package var grants: [Grant]
  package var services: [Service]
  package var region: String

  package init(
    domains: [String], projects: [Project], users: [User], roles: [String], grants: [Grant],
    services: [Service], region: String
  ) {
    self.domains = domains
    self.projects = projects
    self.users = users
    self.roles = roles
    self.grants = grants
    self.services = services
    self.region = region
  }

  package static let standard = IdentitySeed(
    domains: ["Default"],
    projects: [Project(name: "admin"), Project(name: "demo")],
    users: [
      User(name: "admin", password: "secret"), User(name: "demo", password: "secret"),
    ],
    roles: ["admin", "manager", "member", "reader", "service"],
    grants: [
      Grant(user: "admin", role: "admin", target: .project("admin")),
      Grant(user: "admin", role: "admin", target: .system),
      Grant(user: "demo", role: "member", target: .project("demo")),
    ],
    services: [
      Service(name: "keystone", type: "identity", url: nil),
      Service(name: "nova", type: "compute", url: "http://127.0.0.1:8774/v2.1"),
      Service(name: "glance", type: "image", url: "http://127.0.0.1:9292"),
      Service(name: "neutron", type: "network", url: "http://127.0.0.1:9696"),
    ],
    region: "RegionOne")

  /// An id that depends on the names alone, so that runs replay and a token made by one process
  /// means the same to another.
  package static func id(_ kind: String, _ names: String...) -> String {
    let key = "falsework:" + kind + ":" + names.joined(separator: ":")
    return UUIDText.text(of: Array(SHA256.digest(Array(key.utf8))[0..<16]))
  }

  /// `Default` has the id `default`, as `keystone-manage bootstrap` makes it.
  package static func domainID(_ name: String) -> String {
    name == "Default" ? "default" : id("domain", name)
  }
}

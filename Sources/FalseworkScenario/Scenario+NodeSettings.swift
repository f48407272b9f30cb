// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkKeystone

extension Scenario {
  /// How one node differs from the rest of the cluster. Nil is: it does not.
  package struct NodeSettings: Equatable, Sendable {
    package var release: Release?
    package var provider: Provider?
    /// `[auth] methods`.
    package var methods: [String]?
    /// `[identity] default_domain_id`.
    package var defaultDomainID: String?
    package var dialect: MessagePack.Dialect?
    /// How far its clock is ahead of the others; behind is negative.
    package var clock = Interval.zero
    package var keys = Keys.shared
    package var cache: TokenCache.Place?
    package var passwordHash: PasswordHash?

    package init() {}
  }

  /// `[token] provider`.
  package enum Provider: Equatable, Sendable {
    /// What the release that a node runs has as its default.
    case shipped
    case always(TokenProvider)

    package func of(_ release: Release) -> TokenProvider {
      switch self {
      case .shipped: release.defaultProvider
      case .always(let provider): provider
      }
    }
  }

  /// What a node's key repository holds at first.
  package enum Keys: Equatable, Sendable {
    /// The cluster's keys, as after a distribution.
    case shared
    /// A repository of its own, as after a set-up on the node itself.
    case own
    case given(FernetKeyRepository)
  }

  package func settings(of node: NodeID) -> NodeSettings {
    node.index < cluster.settings.count ? cluster.settings[node.index] : NodeSettings()
  }

  /// What a node runs at first.
  package func release(of node: NodeID) -> Release {
    settings(of: node).release ?? cluster.release
  }
}

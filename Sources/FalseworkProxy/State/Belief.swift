// SPDX-License-Identifier: Apache-2.0

/// What an administrator said of a server: the bits of `srv_admin_state` (HAProxy management guide,
/// "show servers state"). MAINT wins over DRAIN.
package struct AdminState: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// `set server … state maint`, or `disabled` on the server's line.
  package static let forcedMaint = AdminState(rawValue: 0x01)
  /// The tracked server is in MAINT.
  package static let inheritedMaint = AdminState(rawValue: 0x02)
  /// The configuration disabled it. It only tells where a `forcedMaint` came from, and stays when
  /// that is taken back.
  package static let configuredMaint = AdminState(rawValue: 0x04)
  package static let forcedDrain = AdminState(rawValue: 0x08)
  /// The tracked server is draining.
  package static let inheritedDrain = AdminState(rawValue: 0x10)

  private static let maint: AdminState = [.forcedMaint, .inheritedMaint]
  private static let drain: AdminState = [.forcedDrain, .inheritedDrain]

  package var isMaint: Bool { !isDisjoint(with: Self.maint) }
  package var isDrain: Bool { !isMaint && !isDisjoint(with: Self.drain) }
}

/// What checks say of a server: `srv_op_state`.
package enum OperationalState: UInt8, Equatable, Sendable {
  case stopped = 0
  /// In its slow start.
  case starting = 1
  case running = 2
  /// Takes no new balanced request, and is not down either.
  case stopping = 3
}

/// What the proxy believes of a server, as `show stat` spells it.
package struct Belief: Equatable, Sendable {
  package var admin: AdminState
  package var operational: OperationalState
  /// The health counter: 0 … rise + fall − 1; up from `rise` on.
  package var health: Int
  package var rise: Int
  package var fall: Int
  package var checked: Bool
  package var weight: Int

  /// Whether a new request without persistence may go there.
  package var isUsable: Bool {
    weight > 0 && !admin.isMaint && !admin.isDrain
      && (operational == .running || operational == .starting)
  }
}

extension Belief: CustomStringConvertible {
  /// The `status` column: `UP`, `UP 1/3`, `DOWN 1/2`, `DRAIN`, `MAINT`, `no check`.
  package var description: String {
    if admin.isMaint { return "MAINT" }
    if operational == .stopped { return health > 0 ? "DOWN \(health)/\(rise)" : "DOWN" }
    let word = admin.isDrain ? "DRAIN" : operational == .stopping ? "NOLB" : "UP"
    if !checked { return word == "UP" ? "no check" : word }
    let isFull = health >= rise + fall - 1
    return isFull ? word : "\(word) \(health - rise + 1)/\(fall)"
  }
}

/// A line that HAProxy logs about a server or a backend.
package struct Notice: Equatable, Sendable {
  /// Syslog levels.
  package enum Level: Int, Equatable, Sendable {
    case emergency = 0
    case alert = 1
    case notice = 5
  }

  package var level: Level
  package var text: String

  package init(level: Level, text: String) {
    self.level = level
    self.text = text
  }
}

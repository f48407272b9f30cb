// SPDX-License-Identifier: Apache-2.0

extension Belief {
  /// What the column `status` of `show stat` says of a server, as far as it says it: the reading of
  /// what `description` prints. Nil for a word that no HAProxy prints of a server.
  ///
  /// - Parameters:
  ///   - rise: of the server's configuration, as `fall`; `UP` alone does not tell them.
  package init?(status: some StringProtocol, weight: Int, rise: Int, fall: Int) {
    var words = status.split(separator: " ")
    guard !words.isEmpty else { return nil }
    var counter: (Int, Int)?
    if words.count == 2 {
      let parts = words[1].split(separator: "/").map { Int($0) }
      if parts.count == 2, let have = parts[0], let need = parts[1] {
        counter = (have, need)
        words.removeLast()
      }
    }
    let full = rise + fall - 1
    self.init(
      admin: [], operational: .running, health: full, rise: rise, fall: fall, checked: true,
      weight: weight)
    switch (words[0], words.count) {
    case ("MAINT", _):
      // With where it comes from in brackets: "MAINT (via b/s)", "MAINT (resolution)".
      admin = words.count > 1 && words[1] == "(via" ? .inheritedMaint : .forcedMaint
      operational = .stopped
      health = 0
    case ("DOWN", _):
      // Alone, with an agent that says so ("DOWN (agent)"), or with passes that it has already.
      operational = .stopped
      health = counter?.0 ?? 0
      self.rise = counter?.1 ?? rise
    case ("UP", 1), ("DRAIN", 1), ("NOLB", 1):
      if words[0] == "DRAIN" { admin = .forcedDrain }
      if words[0] == "NOLB" { operational = .stopping }
      if let counter {
        self.fall = counter.1
        health = rise - 1 + counter.0
      }
    case ("no", 2) where words[1] == "check":
      checked = false
    default:
      return nil
    }
  }
}

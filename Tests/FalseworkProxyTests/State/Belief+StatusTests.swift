// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkProxy

@Suite struct BeliefStatusTests {
  @Test func `what the status column says is read as it was written`() throws {
    for checked in [true, false] {
      for operational in [OperationalState.stopped, .running, .stopping] {
        for admin in [[], AdminState.forcedMaint, .forcedDrain] {
          for health in operational == .stopped ? 0...1 : 2...4 {
            let belief = Belief(
              admin: admin, operational: operational, health: health, rise: 2, fall: 3,
              checked: checked, weight: 1)
            let read = try #require(
              Belief(status: belief.description, weight: 1, rise: 2, fall: 3))
            #expect(read.description == belief.description)
            #expect(read.isUsable == belief.isUsable)
          }
        }
      }
    }
  }

  @Test(arguments: [
    ("MAINT (via back/web)", "MAINT"), ("MAINT (resolution)", "MAINT"), ("DOWN (agent)", "DOWN"),
    ("UP 1/3", "UP 1/3"), ("DOWN 1/2", "DOWN 1/2"), ("DRAIN 2/3", "DRAIN 2/3"), ("NOLB", "NOLB"),
    ("no check", "no check"),
  ])
  func `the words of a real HAProxy are known`(status: String, belief: String) {
    #expect(Belief(status: status, weight: 1, rise: 2, fall: 3)?.description == belief)
  }

  @Test(arguments: ["", "OPEN", "no", "up"])
  func `a word that no server has is none`(status: String) {
    #expect(Belief(status: status, weight: 1, rise: 2, fall: 3) == nil)
  }
}

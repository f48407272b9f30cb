// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Testing

@testable import FalseworkProxy
@testable import FalseworkReport

@Suite struct CauseTests {
  @Test func `a word is what show stat says without its counters`() {
    let admins: [AdminState] = [[], .forcedMaint, .configuredMaint, .forcedDrain]
    let states: [OperationalState] = [.stopped, .starting, .running, .stopping]
    for admin in admins {
      for operational in states {
        for health in 0...3 {
          for checked in [true, false] {
            let belief = Belief(
              admin: admin, operational: operational, health: health, rise: 2, fall: 2,
              checked: checked, weight: 1)
            let words = belief.description.split(separator: " ")
            let expected = belief.description == "no check" ? "no check" : String(words[0])
            #expect(BeliefWord(belief).rawValue == expected, "\(belief)")
          }
        }
      }
    }
  }

  @Test(arguments: Cause.Kind.allCases) func `every cause reads as a sentence, known or not`(
    kind: Cause.Kind
  ) {
    let description = SyntheticRun.description()
    let bare = Cause(kind).text(description)
    let full = Cause(
      kind, node: SyntheticRun.keystone2, phase: .loading, belief: .up, status: 503
    ).text(description)
    for text in [bare, full] {
      #expect(!text.isEmpty && !text.contains("Optional") && !text.contains("nil"))
      #expect(text.first != " " && text.last != "." && !text.contains("  "))
    }
    #expect(full.hasSuffix("(proxy said UP)"))
  }

  @Test func `without a proxy nothing is said of one`() {
    let text = Cause(.entranceRefused).text(SyntheticRun.description(hasProxy: false))
    #expect(text == "connection refused by the target")
  }
}

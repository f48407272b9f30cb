// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLab
import Testing

@Suite struct RequirementTests {
  private func run() throws -> RunFigures {
    var run = try Small.sweep(try Small.plan(seeds: 1)) { _ in 0 }.table.runs[0]!
    run.requests = 1_000
    run.failures = 3
    run.lostJourneys = 2
    run.ready = 2
    run.p99 = .milliseconds(400)
    run.rotation = .seconds(30)
    return run
  }

  @Test(arguments: [
    ("errors=0", false), ("errors==3", true), ("failures<=3", true), ("errors < 3", false),
    ("failure-rate<1%", true), ("failure-rate<0.3%", false), ("lost-journeys=2", true),
    ("p99<500ms", true), ("p99<400ms", false), ("rotation<=30s", true), ("ready>=2", true),
    ("ready>2", false), ("ready=2", true),
  ])
  func `a run keeps what is required or does not`(text: String, holds: Bool) throws {
    #expect(try Requirement(parsing: text).holds(try run()) == holds)
  }

  @Test func `of what a run does not have nothing holds`() throws {
    var run = try run()
    run.p99 = nil
    #expect(try !Requirement(parsing: "p99<1h").holds(run))
  }

  @Test(arguments: [
    ("erors=0", "did you mean 'errors'?"), ("p999<1s", "expected errors, ready, failures"),
    ("p99", "a condition such as p99<500ms"), ("p99<5", "a duration such as"),
    ("ready>=x", "a condition such as ready>=2"), ("errors=1%", "a count such as 0"),
  ])
  func `a wrong condition is told with what was expected`(text: String, message: String) {
    #expect {
      _ = try Requirement(parsing: text)
    } throws: { error in
      "\(error)".contains(message)
    }
  }
}

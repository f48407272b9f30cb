// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkReport

@Suite struct ExitStatusTests {
  @Test func `each code means one thing`() {
    #expect(Set(ExitStatus.allCases.map(\.meaning)).count == ExitStatus.allCases.count)
    #expect(ExitStatus.allCases.allSatisfy { (0...255).contains($0.rawValue) })
  }

  @Test(arguments: [
    (RunEnd.completed, false, true, Verdict.held), (.completed, false, false, .missed),
    (.completed, true, true, .void), (.completed, true, false, .void),
    (.rotationAborted("x"), false, true, .aborted), (.rotationAborted("x"), true, false, .aborted),
    (.interrupted, false, true, .interrupted), (.interrupted, true, false, .interrupted),
    (.invariantBroken("x"), false, true, .broken), (.invariantBroken("x"), true, false, .broken),
  ]) func `the gravest wins`(end: RunEnd, isVoid: Bool, held: Bool, verdict: Verdict) {
    #expect(Verdict(end: end, isVoid: isVoid, thresholdsHeld: held) == verdict)
  }

  @Test func `only a run that held its thresholds ends with 0`() {
    let codes = Verdict.allCases.map(\.exitStatus.rawValue)
    #expect(codes == [4, 130, 6, 5, 1, 0])
  }
}

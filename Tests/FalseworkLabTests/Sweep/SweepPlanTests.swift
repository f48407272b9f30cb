// SPDX-License-Identifier: Apache-2.0
import FalseworkLab
import FalseworkScenario
import Testing

@Suite struct SweepPlanTests {
  @Test func `the last key turns fastest, and every variant has the same seeds`() throws {
    let plan = try Small.plan("a=1,2", "b=x,y,z", seeds: 2)
    #expect(plan.variants == 6)
    #expect(plan.runs == 12)
    #expect((0..<6).map { plan.values(of: $0).joined() } == ["1x", "1y", "1z", "2x", "2y", "2z"])
    for variant in 0..<6 {
      #expect(plan.variant(at: plan.places(of: variant)) == variant)
      let seeds = (0..<plan.runs).map { plan.run($0) }.filter { $0.variant == variant }.map(\.seed)
      #expect(seeds == [1, 2])
    }
    for number in 0..<plan.runs { #expect(plan.number(of: plan.run(number)) == number) }
    #expect(plan.number(of: SweepRun(variant: 0, seed: 3)) == nil)
    #expect(plan.number(of: SweepRun(variant: 6, seed: 1)) == nil)
  }

  @Test func `a value is laid over the file after those of --set, under the name of its option`()
    throws
  {
    let overrides = try Small.plan("a.b=1,2").overrides(of: 1)
    #expect(overrides.map(\.path) == ["seed", "a.b"])
    #expect(overrides[1].value == "2")
    #expect(overrides[1].label == "--vary a.b")
  }

  @Test(arguments: 1...7) func `every run is in exactly one shard`(count: Int) {
    let shards = (1...count).map { Shard(index: $0, count: count) }
    for number in 0..<100 { #expect(shards.count { $0.contains(number) } == 1) }
    // Of each variant of at least so many seeds every shard has some.
    for shard in shards { #expect((20..<20 + count).count { shard.contains($0) } == 1) }
  }

  @Test(arguments: [
    ("1/1", true), ("3/8", true), ("8/8", true), ("0/8", false), ("9/8", false), ("3", false),
    ("3/8/1", false), ("-1/8", false), ("a/b", false), ("1/0", false),
  ])
  func `a shard is one of so many, counted from one`(text: String, isOne: Bool) {
    #expect((Shard(parsing: text) != nil) == isOne)
  }

  @Test func `a plan reads back what it wrote`() throws {
    var plan = try Small.plan("a=0s...1s/500ms", "b='x, y',z", seeds: 50)
    plan.settings = ["rotation.begin=20s", "duration=until the rotation ends, plus 10s"]
    plan.timeScale = 3
    #expect(try SweepPlan(parsing: plan.text) == plan)
    let one = try Small.plan(seeds: 1)
    #expect(try SweepPlan(parsing: one.text) == one)
  }

  @Test(arguments: [
    "", "seeds 1...2\n", "what is this\n", "time-scale 1\nfingerprint x\nseeds x\n",
  ])
  func `what is no plan is refused`(text: String) {
    #expect(throws: SweepProblem.self) { try SweepPlan(parsing: text) }
  }

  @Test func `runs of another plan count if only seeds and values are more`() throws {
    let plan = try Small.plan("a=1,2")
    var other = plan
    other.seeds.count = 9
    other.axes[0].values.append("3")
    #expect(plan.difference(from: other) == nil)
    for change in [
      { $0.program = "falsework 2" }, { $0.fingerprint = "x" }, { $0.settings = [] },
      { $0.timeScale = 2 }, { $0.axes[0].path = "c" },
    ] as [(inout SweepPlan) -> Void] {
      var other = plan
      change(&other)
      #expect(plan.difference(from: other) != nil)
    }
  }

  @Test func `a product beyond all use is none`() {
    #expect(SweepPlan.product([100, 100]) == 10_000)
    #expect(SweepPlan.product([10_000, 10_000, 10_000]) == nil)
    #expect(SweepPlan.product([Int.max, 2]) == nil)
  }
}

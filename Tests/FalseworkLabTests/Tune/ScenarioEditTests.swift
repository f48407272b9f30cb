// SPDX-License-Identifier: Apache-2.0
import FalseworkLab
import Testing

@Suite struct ScenarioEditTests {
  @Test(arguments: [
    ("seed: 1  # x\n", "seed", "2", "seed: 2  # x\n"),
    (
      "proxy: a\nrotation:\n  wait: 1s # w\nload:\n  users: 1\n", "rotation.wait", "5s",
      "proxy: a\nrotation:\n  wait: 5s # w\nload:\n  users: 1\n"
    ),
    // A key that cannot stand beside it goes.
    (
      "rotation:\n  strategy: kill\n  begin: 3m\n", "rotation.drain", "5s",
      "rotation:\n  begin: 3m\n  drain: 5s\n"
    ),
    (
      "rotation: restart  # why\n", "rotation.settle", "5s",
      "rotation:\n  strategy: restart  # why\n  settle: 5s\n"
    ),
    ("rotation: restart\n", "rotation.drain", "5s", "rotation:\n  drain: 5s\n"),
    (
      "rotation: {strategy: maint, begin: 5s}\nseed: 1\n", "rotation.begin", "9s",
      "rotation: {strategy: maint, begin: 9s}\nseed: 1\n"
    ),
    (
      "rotation: {strategy: maint, begin: 5s}\n", "rotation.drain", "1s",
      "rotation: {begin: 5s, drain: 1s}\n"
    ),
    (
      "cluster:\n  service:\n    workers: 2\n    backlog: 9\n\nload: {users: 1}\n",
      "cluster.service.workers", "8",
      "cluster:\n  service:\n    workers: 8\n    backlog: 9\n\nload: {users: 1}\n"
    ),
    (
      "load:\n  users: 1\n\nrotation:\n  begin: 1s\n", "load.wait", "2s",
      "load:\n  users: 1\n  wait: 2s\n\nrotation:\n  begin: 1s\n"
    ),
    (
      "rotation:\n  strategy: drain\n  wait: 1s\n  begin: 1s\n\nthresholds:\n  p99: \"< 1s\"\n",
      "rotation.drain", "5s",
      "rotation:\n  begin: 1s\n  drain: 5s\n\nthresholds:\n  p99: \"< 1s\"\n"
    ),
    (
      "proxy: a\n", "rotation.drain", "until idle, at most 5s",
      "proxy: a\nrotation:\n  drain: \"until idle, at most 5s\"\n"
    ),
  ])
  func `a value is put where a person would put it`(
    text: String, path: String, value: String, expected: String
  ) {
    #expect(ScenarioEdit.text(text, setting: path, to: value) == expected)
  }

  @Test(arguments: [
    ("load:\n  tasks:\n    - a\n", "load.tasks.0.weight"), ("about: |\n  x\n", "about"),
    ("load: &x {users: 1}\n", "load.users"),
  ])
  func `a style that it does not know is left alone`(text: String, path: String) {
    #expect(ScenarioEdit.text(text, setting: path, to: "1") == nil)
  }
}

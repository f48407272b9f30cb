// SPDX-License-Identifier: Apache-2.0

extension ScenarioKey {
  static let rotation: [ScenarioKey] = [
    .init(
      "rotation.preset",
      "`openstack-ansible`, `openstack-ansible-2017`, `kolla-ansible`, `kubernetes` or `aws-alb`",
      "one of five",
      "What a tool does unless it is told otherwise; every other key is laid over it.",
      not: "blue-green"),
    .init(
      "rotation.strategy", "`kill`, `restart`, `maint`, `drain`, `fail-check` or `ramp`",
      "one of five", "What is done to a node and to whom it is told.",
      not: "drain", "maint", "blue-green"),
    .init(
      "rotation.drain", "wait", "one of five", "Short for `strategy: drain` with this `wait`.",
      not: "strategy", "maint", "wait", "blue-green"),
    .init(
      "rotation.maint", "wait", "one of five", "Short for `strategy: maint` with this `wait`.",
      not: "strategy", "drain", "wait", "blue-green"),
    .init(
      "rotation.wait", "wait", "`0s`",
      "How long after telling the proxy the node is stopped. `kill` and `restart` tell nobody and "
        + "do not wait.", not: "drain", "maint", "blue-green"),
    .init(
      "rotation.ramp", "duration or mapping",
      "no weights; with `strategy: ramp` the defaults below",
      "Weights that a node goes through before it is stopped and when it is back.",
      not: "blue-green"),
    .init(
      "rotation.ramp.down", "list of percentages", "`[75%, 50%, 25%, 0%]`",
      "Of the weight of the configuration, before the stop; the strategy `ramp` ends with 0%."),
    .init(
      "rotation.ramp.up", "list of percentages", "`[25%, 50%, 75%, 100%]`",
      "The same at the return; ends with 100%."),
    .init("rotation.ramp.every", "duration", "`5s`", "From one weight to the next."),
    .init(
      "rotation.signal", "`terminate`, `kill` or `graceful`",
      "`kill` for the strategy `kill`, otherwise `terminate`",
      "How a node is stopped: SIGTERM, SIGKILL, or the server's own order to finish first."),
    .init("rotation.begin", "duration", "`10s`", "How long after the load began."),
    .init(
      "rotation.batch", "count, percentage or list of them", "`1`",
      "Nodes that are out together. Of a list the last is repeated until no node is left.",
      not: "blue-green"),
    .init(
      "rotation.canary", "count or mapping", "none",
      "The first nodes, which get requests little by little.", not: "blue-green"),
    .init("rotation.canary.nodes", "count", "`1`", "How many of the first nodes."),
    .init(
      "rotation.canary.weights", "list of percentages", "`[100%]`",
      "Of their own weight, one batch with its gate after the other; ends with 100%."),
    .init(
      "rotation.canary.soak", "duration", "`gate.soak`", "How long each of these is looked on."),
    .init(
      "rotation.surge", "list of nodes", "none",
      "Nodes that are started first, and stopped when all others are done.", not: "blue-green"),
    .init(
      "rotation.blue-green", "mapping", "one of five",
      "A second set of nodes is started, the proxy is switched over, the first set is stopped.",
      not: "preset", "strategy", "drain", "maint", "wait", "ramp", "batch", "canary", "surge"),
    .init("rotation.blue-green.green", "list of nodes", "required", "The second set."),
    .init(
      "rotation.blue-green.weights", "list of percentages", "none: at once",
      "What the second set gets of its weight; the first set gets the rest. Ends with 100%."),
    .init(
      "rotation.blue-green.scale-down-delay", "duration", "`30s`",
      "How long the first set is kept after the switch."),
    .init("rotation.order", "list of nodes", "all, in their order", "Which nodes, in which order."),
    .init("rotation.down", "duration", "`0s`", "How long a node stays away after its exit."),
    .init(
      "rotation.ready", "`when answering` or `at once`", "`when answering`",
      "When the proxy is told that the node is back."),
    .init(
      "rotation.await-up", "`true` or `false`", "`true`",
      "Whether to wait until the proxy itself says UP."),
    .init("rotation.settle", "duration", "`2s`", "How long to wait after each batch."),
    .init(
      "rotation.poll", "duration", "`100ms`", "The time between two looks at a node or the proxy."),
    .init(
      "rotation.patience", "duration", "`1m`",
      "How long a node may take to exit, to answer or to be UP before the rotation is given up."),
    .init(
      "rotation.gate", "duration or mapping", "none", "What must hold after each batch."),
    .init(
      "rotation.gate.soak", "duration", "`0s`",
      "How long a batch is looked on after its end, before it is judged."),
    .init(
      "rotation.gate.ready", "count", "any",
      "So many nodes are UP to the proxy during all of the soak."),
    .init(
      "rotation.gate.failures", "count or percentage", "any",
      "Requests that may fail since the batch began. One above a count ends the batch at once; a "
        + "share is judged at the end of the soak."),
    .init(
      "rotation.gate.p99", "duration", "any",
      "The most that 99 in a hundred requests took since the batch began."),
    .init(
      "rotation.gate.requests", "count", "`1`",
      "With fewer requests than this nothing is judged: the gate waits, at most `patience`."),
    .init(
      "rotation.floor", "count", "none",
      "Never fewer nodes ready than this: a plan that cannot keep it is refused, and a batch waits "
        + "until enough others are UP, at most `patience`."),
    .init(
      "rotation.on-abort", "`stop` or `rollback`", "`stop`",
      "A rotation that is given up leaves all as it is, or takes the nodes back to the release that "
        + "they came from, in reverse order, the same way."),
    .init(
      "rotation.steps", "list of steps", "the nodes of `order`",
      "What is done, in this order: nodes, and what they share."),
    .init(
      "rotation.steps[].nodes", "list of nodes, `all` or `rest`", "one of six",
      "These nodes, as the strategy says. `rest` is those that no step before has named.",
      not: "database", "keys", "cache", "check", "pause", "as", "kind", "on", "to"),
    .init(
      "rotation.steps[].database", "`expand`, `migrate`, `contract` or `sync`", "one of six",
      "`keystone-manage db_sync` with this phase; `sync` is without one: all three.",
      not: "nodes", "keys", "cache", "check", "pause", "kind", "on", "to"),
    .init(
      "rotation.steps[].keys",
      "`setup`, `rotate`, `distribute`, `distribute half` or `remove`", "one of six",
      "What is done to a node's keys. Half stops before the new primary key is there.",
      not: "nodes", "database", "cache", "check", "pause", "as"),
    .init(
      "rotation.steps[].cache", "`flush`", "one of six", "The caches forget what they hold.",
      not: "nodes", "database", "keys", "check", "pause", "as", "kind", "to"),
    .init(
      "rotation.steps[].check", "`fail` or `pass`", "one of six",
      "The health check of a node fails from now on, whatever else it does, or passes again.",
      not: "nodes", "database", "keys", "cache", "pause", "as", "kind", "to"),
    .init(
      "rotation.steps[].pause", "duration", "one of six", "Nothing is done for so long.",
      not: "nodes", "database", "keys", "cache", "check", "as", "kind", "on", "to"),
    .init(
      "rotation.steps[].as", "release", "the one that the rotation leads to",
      "Whose code runs a step of the database.",
      not: "nodes", "keys", "cache", "check", "pause"),
    .init(
      "rotation.steps[].kind", "`fernet`, `jws` or `credential`", "`fernet`", "Whose keys.",
      not: "nodes", "database", "cache", "check", "pause"),
    .init(
      "rotation.steps[].on", "node", "the first node; for `cache` all",
      "Where a step of keys, of the cache or of the check is done.", not: "nodes", "database",
      "pause"),
    .init(
      "rotation.steps[].to", "list of nodes", "all others", "Where keys are distributed to.",
      not: "nodes", "database", "cache", "check", "pause"),
  ]
}

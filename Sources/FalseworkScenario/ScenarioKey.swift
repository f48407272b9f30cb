// SPDX-License-Identifier: Apache-2.0

/// A key that a scenario may have.
///
/// The reader takes exactly the keys of this table; the tables of `specs/scenario.md` and the
/// properties of `specs/scenario.schema.json` are held to it by tests.
package struct ScenarioKey: Equatable, Sendable {
  /// From the root, with dots: `rotation.wait`. `load.tasks[].weight` is a key of each element.
  package var path: String
  package var type: String
  package var standard: String
  package var meaning: String
  /// Keys of the same section that cannot stand beside this one. `--set` of this one takes them
  /// away.
  package var excludes: [String]

  init(
    _ path: String, _ type: String, _ standard: String, _ meaning: String,
    not excludes: String...
  ) {
    self.path = path
    self.type = type
    self.standard = standard
    self.meaning = meaning
    self.excludes = excludes
  }

  /// The mapping that the key is in; empty for the document itself.
  package var section: String {
    path.lastIndex(of: ".").map { String(path[..<$0]) } ?? ""
  }

  package var name: String {
    path.lastIndex(of: ".").map { String(path[path.index(after: $0)...]) } ?? path
  }

  package static let all: [ScenarioKey] =
    document + cluster + data + proxy + load + rotation + thresholds + network + field

  private static let bySection = Dictionary(grouping: all, by: \.section)

  /// The keys of a section in the order of the table; none if there is no such section.
  package static func keys(of section: String) -> [ScenarioKey] { bySection[section] ?? [] }

  package static func key(_ name: String, of section: String) -> ScenarioKey? {
    keys(of: section).first { $0.name == name }
  }

  /// The key that a single word in the place of a section stands for: `lifecycle: uwsgi` is
  /// `lifecycle: {like: uwsgi}`.
  package static let shortHands: [String: String] = [
    "cluster.nodes[]": "name",
    "cluster.release": "from",
    "cluster.token": "provider",
    "cluster.cache": "backend",
    "cluster.passwords": "mode",
    "cluster.service": "like",
    "cluster.lifecycle": "like",
    "cluster.data.projects[]": "name",
    "cluster.data.users[]": "name",
    "proxy": "config",
    "load.tasks[]": "journey",
    "load.tasks[].steps[]": "step",
    "load.credentials[]": "user",
    "rotation": "strategy",
    "rotation.ramp": "every",
    "rotation.gate": "soak",
    "rotation.canary": "nodes",
    "network": "latency",
    "field.load": "command",
  ]

  private static let document: [ScenarioKey] = [
    .init(
      "extends", "path", "nothing",
      "A scenario that this one changes: what stands here is laid over it, key by key."),
    .init("name", "text", "the name of the file", "What the run is called in its results."),
    .init("about", "text", "nothing", "What it shows and why."),
    .init(
      "seed", "whole number", "`1`",
      "Where all chance comes from: the same scenario and seed give the same simulated run."),
    .init(
      "duration", "duration, phrase or mapping",
      "`until the rotation ends, plus 10s`; without a rotation `1m`",
      "How long the load runs; no run is longer than a day. `falsework up` and `exec` run until "
        + "they are ended."),
    .init("duration.until", "`rotation`", "required", "What is waited for."),
    .init("duration.plus", "duration", "`0s`", "How long the load goes on after it."),
    .init("cluster", "mapping", "the defaults below", "The Keystone nodes."),
    .init("proxy", "path, text or mapping", "required", "The proxy before the nodes."),
    .init("load", "mapping", "no load", "Who asks for what, and how often."),
    .init("rotation", "strategy or mapping", "no rotation", "How the nodes are upgraded."),
    .init("thresholds", "mapping", "none", "What the run must keep to pass."),
    .init("network", "distribution or mapping", "the default below", "The simulated wires."),
  ]

  private static let cluster: [ScenarioKey] = [
    .init(
      "cluster.nodes", "count or list of nodes", "a node for each server of the proxy",
      "A count names them `keystone1`, `keystone2` and so on. A server of the proxy stands for the "
        + "node of its name."),
    .init("cluster.nodes[].name", "text", "required", "Its name."),
    .init("cluster.nodes[].release", "release", "`release.from`", "What it runs at first."),
    .init(
      "cluster.nodes[].provider", "provider", "`token.provider`", "How it makes and reads tokens."),
    .init(
      "cluster.nodes[].methods", "list of names", "as the release ships",
      "`[auth] methods`; tokens carry their places in this list."),
    .init("cluster.nodes[].default-domain", "text", "`default`", "`[identity] default_domain_id`."),
    .init(
      "cluster.nodes[].msgpack", "`old` or `new`", "as the release does",
      "The dialect that its tokens are packed in: before msgpack 1.0 or since."),
    .init(
      "cluster.nodes[].clock", "sign and duration", "`+0s`",
      "How far its clock is ahead of the others, or with `-` behind."),
    .init(
      "cluster.nodes[].keys", "`shared`, `own`, `none` or mapping", "`shared`",
      "Its Fernet keys at first: the cluster's, or those of a set-up of its own."),
    .init("cluster.nodes[].cache", "`none`, `own` or `shared`", "`cache`", "Its cache of tokens."),
    .init(
      "cluster.nodes[].password-hash", "algorithm", "`passwords.algorithm`",
      "What passwords are hashed by that are set on it."),
    .init(
      "cluster.passwords", "mode or mapping", "`plain`",
      "How passwords, and the secrets of application credentials, are kept."),
    .init(
      "cluster.passwords.mode", "`plain`, `modelled` or `real`", "`modelled`",
      "As they are; or with the algorithm that made the hash, what it cuts off and who can read it, but "
        + "without its work; or hashed for real."),
    .init(
      "cluster.passwords.algorithm",
      "`sha512_crypt`, `bcrypt`, `bcrypt_sha256`, `scrypt` or `pbkdf2_sha512`",
      "as each release writes", "`[identity] password_hash_algorithm`."),
    .init(
      "cluster.passwords.rounds", "count", "as the release has it",
      "`[identity] password_hash_rounds`; of bcrypt and scrypt the power of two."),
    .init(
      "cluster.passwords.both", "`true` or `false`", "`false`",
      "Pike's `rolling_upgrade_password_hash_compat`: a second hash, for Ocata."),
    .init(
      "cluster.passwords.seeded", "algorithm", "as `release.from` writes",
      "What the passwords of the data were hashed by."),
    .init("cluster.cache", "backend or mapping", "`none`", "The cache of tokens."),
    .init(
      "cluster.cache.backend", "`none`, `own` or `shared`", "`none`",
      "Kept by nobody, by each node for itself, or in a memcached that all nodes share."),
    .init(
      "cluster.cache.expiration", "duration", "`10m`", "`[cache] expiration_time`."),
    .init(
      "cluster.database", "release", "`release.from` if the rotation has steps for it",
      "What the shared database was synced to. Otherwise every release finds what it reads."),
    .init("cluster.release", "release or mapping", "the newest", "What the nodes run."),
    .init("cluster.release.from", "release", "required", "What they run at first."),
    .init(
      "cluster.release.to", "release", "the same",
      "What a node runs after it was rotated; not older than `from`."),
    .init("cluster.token", "provider or mapping", "the defaults below", "The tokens."),
    .init(
      "cluster.token.provider", "`uuid`, `pki`, `pkiz`, `fernet`, `jws` or `shipped`",
      "as `release.from` ships",
      "How tokens are made; one that the releases have. `shipped` is the default of whatever release a "
        + "node runs, and changes with it."),
    .init("cluster.token.expiration", "duration", "`1h`", "How long a token lives; whole seconds."),
    .init(
      "cluster.token.keys", "mapping of numbers to keys", "a pair made from the seed",
      "The Fernet keys of all nodes, as in a key repository: 0 is staged, the highest is primary."),
    .init(
      "cluster.token.max-active-keys", "count", "`3`",
      "`[fernet_tokens] max_active_keys`: so many stay after a rotation of the keys."),
    .init(
      "cluster.token.allow-expired-window", "duration", "`48h`",
      "How long after its end a token may still be fetched with `allow_expired`."),
    .init("cluster.service", "preset or mapping", "`instant`", "What answering costs a node."),
    .init(
      "cluster.service.like", "`measured` or `instant`", "`measured`",
      "Where the other values come from."),
    .init(
      "cluster.service.workers", "count", "as `like`: `2`",
      "Requests that are worked on at once; 0 for any number."),
    .init(
      "cluster.service.backlog", "count", "as `like`: `100`",
      "Requests that may wait for a worker; one more is closed without an answer."),
    .init(
      "cluster.service.authenticate", "distribution", "as `like`: `lognormal 225ms p99 245ms`",
      "`POST /v3/auth/tokens`."),
    .init(
      "cluster.service.validate", "distribution", "as `like`: `lognormal 10ms p99 42ms`",
      "`GET` and `HEAD /v3/auth/tokens`."),
    .init(
      "cluster.service.uncached", "distribution", "as `validate`",
      "A validation that no cache helps. Without a cache real nodes take 1.75 times what a login does."
    ),
    .init(
      "cluster.service.other", "distribution", "as `like`: `lognormal 10ms p99 42ms`",
      "Everything else of the API."),
    .init(
      "cluster.service.discovery", "distribution", "as `like`: `lognormal 10ms p99 42ms`",
      "Version documents, health checks and refusals."),
    .init(
      "cluster.lifecycle", "preset or mapping", "`instant`",
      "How long the phases of a node's life take."),
    .init(
      "cluster.lifecycle.like", "`uwsgi`, `measured` or `instant`", "`uwsgi`",
      "Where the other values come from."),
    .init(
      "cluster.lifecycle.listens", "distribution", "as `like`: `uniform 20ms 30ms`",
      "From the start until the socket listens."),
    .init(
      "cluster.lifecycle.loads", "distribution", "as `like`: `lognormal 2200ms p99 3900ms`",
      "From listening until the application answers; requests are held."),
    .init(
      "cluster.lifecycle.cut", "distribution", "as `like`: `uniform 0s 50ms`",
      "From SIGTERM until requests in flight are cut."),
    .init(
      "cluster.lifecycle.zombie", "distribution", "as `like`: `uniform 980ms 1020ms`",
      "From SIGTERM until the socket stops listening; what connects is held, then dropped."),
    .init(
      "cluster.lifecycle.finishing", "distribution", "as `like`: `uniform 1900ms 2100ms`",
      "The same after a graceful stop; requests in flight may take longer."),
    .init(
      "cluster.lifecycle.gone", "distribution", "as `like`: `uniform 2200ms 3s`",
      "From SIGTERM or the graceful stop until the process is gone."),
    .init(
      "cluster.lifecycle.killed", "distribution", "as `like`: `lognormal 1450ms p99 2040ms`",
      "From SIGKILL until the process is gone."),
    .init(
      "cluster.lifecycle.idle", "distribution", "`0s`; `measured`: `uniform 980ms 1020ms`",
      "How much later the socket closes and the process is gone if nothing was in flight at the "
        + "stop."),
    .init(
      "cluster.lifecycle.dies", "distribution", "`0s`; `measured`: `uniform 0s 3ms`",
      "From SIGKILL until the socket closes; what it accepts until then is dropped."),
    .init(
      "cluster.lifecycle.first", "distribution", "`0s`; `measured`: `uniform 105ms 155ms`",
      "What each worker's first request after a start takes longer."),
    .init(
      "cluster.lifecycle.warm-up", "distribution", "`0s`",
      "From the first answer of a started node until its caches are as they were."),
    .init(
      "cluster.lifecycle.cold", "factor", "`1`",
      "How many times as long a request takes at the beginning of `warm-up`; it falls evenly to 1."),
    .init(
      "cluster.cores", "count", "one for every worker",
      "Processor cores that all nodes share: more work than cores slows all of it down, requests "
        + "and the loading of applications alike. Each node has an equal part if it needs it. Times "
        + "are then those on a core of its own."),
    .init(
      "cluster.others", "count", "`0`",
      "Per mille of the cores that other programs take while the nodes could use all."),
    .init(
      "cluster.second", "distribution", "`1s`",
      "How long a second of work takes in a run, drawn once: a machine that is shared is not "
        + "always equally fast."),
    .init(
      "cluster.isolation", "`none` or `process`", "`none`",
      "Where nodes live in the live world: in the process of the run, or each in one of its own."),
    .init("cluster.data", "mapping", "the defaults below", "What the database holds."),
  ]

  private static let data: [ScenarioKey] = [
    .init("cluster.data.domains", "list of names", "`[Default]`", "The domains."),
    .init("cluster.data.projects", "list of projects", "`[admin, demo]`", "The projects."),
    .init("cluster.data.projects[].name", "text", "required", "Its name, its own in the cluster."),
    .init("cluster.data.projects[].domain", "text", "the first domain", "Its domain."),
    .init("cluster.data.users", "list of users", "`[admin, demo]`", "The users."),
    .init("cluster.data.users[].name", "text", "required", "Its name, its own in the cluster."),
    .init("cluster.data.users[].domain", "text", "the first domain", "Its domain."),
    .init("cluster.data.users[].password", "text", "`secret`", "Its password."),
    .init("cluster.data.users[].enabled", "`true` or `false`", "`true`", "Whether it may log in."),
    .init(
      "cluster.data.roles", "list of names", "`[admin, manager, member, reader, service]`",
      "The roles. Admin implies manager, manager member, member reader."),
    .init(
      "cluster.data.assignments", "list of assignments",
      "admin is `admin` on its project and on the system, demo `member` on its own, as far as they "
        + "exist", "Who has which role where."),
    .init("cluster.data.assignments[].user", "text", "required", "The user."),
    .init("cluster.data.assignments[].role", "text", "required", "The role."),
    .init(
      "cluster.data.assignments[].project", "text", "one of three", "The project.",
      not: "domain", "system"),
    .init(
      "cluster.data.assignments[].domain", "text", "one of three", "The domain.",
      not: "project", "system"),
    .init(
      "cluster.data.assignments[].system", "`all`", "one of three", "The whole system.",
      not: "project", "domain"),
    .init(
      "cluster.data.catalog", "list of services", "keystone, nova, glance and neutron",
      "The services of the catalog."),
    .init("cluster.data.catalog[].type", "text", "required", "Its type, such as `compute`."),
    .init("cluster.data.catalog[].name", "text", "its type", "Its name."),
    .init(
      "cluster.data.catalog[].url", "text", "this Keystone itself",
      "The URL of its three interfaces; `%(project_id)s` is replaced."),
    .init("cluster.data.region", "text", "`RegionOne`", "The region of all endpoints."),
  ]

  private static let proxy: [ScenarioKey] = [
    .init(
      "proxy.config", "path or text", "required",
      "A `haproxy.cfg`: a path, seen from the scenario, or the configuration itself as a literal block."
    ),
    .init(
      "proxy.inter", "duration", "as configured",
      "`inter` of every server: the time between checks."),
    .init(
      "proxy.fastinter", "duration", "as configured",
      "`fastinter` of every server: the same while it is on its way up or down."),
    .init(
      "proxy.downinter", "duration", "as configured",
      "`downinter` of every server: the same while it is down."),
    .init(
      "proxy.rise", "count", "as configured",
      "`rise` of every server: checks that pass until it is up."),
    .init(
      "proxy.fall", "count", "as configured",
      "`fall` of every server: checks that fail until it is down."),
    .init(
      "proxy.slowstart", "duration", "as configured",
      "`slowstart` of every server: how long its weight grows when it is back."),
    .init(
      "proxy.maxconn", "count", "as configured", "`maxconn` of every server: requests in flight."),
    .init(
      "proxy.retries", "count", "as configured", "`retries` of every backend."),
    .init(
      "proxy.redispatch", "`true` or `false`", "as configured",
      "`option redispatch` of every backend."),
    .init("proxy.balance", "algorithm", "as configured", "`balance` of every backend."),
    .init(
      "proxy.timeout-connect", "duration", "as configured", "`timeout connect` of every backend."),
    .init(
      "proxy.timeout-server", "duration", "as configured", "`timeout server` of every backend."),
    .init("proxy.timeout-queue", "duration", "as configured", "`timeout queue` of every backend."),
    .init("proxy.timeout-check", "duration", "as configured", "`timeout check` of every backend."),
  ]

  private static let load: [ScenarioKey] = [
    .init(
      "load.users", "count", "one of `users`, `rate`, `stages` and `replay`",
      "The closed model: so many users, each of which waits for its answers.",
      not: "rate", "stages", "replay", "arrivals", "limit"),
    .init(
      "load.spawn-rate", "rate", "all at once", "How fast the users begin.",
      not: "rate", "stages", "replay"),
    .init(
      "load.wait", "distribution, `pacing 1s` or `throughput 2/s`", "`0s`",
      "What a user waits after a journey; or how often it begins one.",
      not: "rate", "stages", "replay"),
    .init(
      "load.rate", "rate", "one of `users`, `rate`, `stages` and `replay`",
      "The open model: journeys begin at this rate, whatever the answers do.",
      not: "users", "spawn-rate", "wait", "stages", "replay"),
    .init(
      "load.stages", "list of stages", "one of `users`, `rate`, `stages` and `replay`",
      "The open model with a rate that changes, such as `30s to 500/s` and `1m at 500/s`; when the "
        + "stages are over, no journey begins.",
      not: "users", "spawn-rate", "wait", "rate", "replay"),
    .init(
      "load.replay", "path", "one of `users`, `rate`, `stages` and `replay`",
      "The open model with journeys as they were recorded: a line for each, with its time in "
        + "seconds or as a duration, and, if wanted, its task. The first is the begin.",
      not: "users", "spawn-rate", "wait", "rate", "stages", "arrivals"),
    .init(
      "load.arrivals", "`even` or `poisson`", "`even`", "How the journeys are spread in time.",
      not: "users", "replay"),
    .init(
      "load.limit", "count", "`10000`",
      "Journeys under way at most; those beyond wait, and the wait counts.", not: "users"),
    .init(
      "load.journey", "journey", "one of `journey` and `tasks`", "What everybody does.",
      not: "tasks"),
    .init(
      "load.tasks", "mapping of journeys to weights, or list", "one of `journey` and `tasks`",
      "What is done, and how often.", not: "journey"),
    .init(
      "load.tasks[].journey", "journey", "one of `journey` and `steps`", "A journey that is ready.",
      not: "steps"),
    .init("load.tasks[].name", "text", "the journey", "What it is called in the results."),
    .init(
      "load.tasks[].weight", "whole number or percentage", "`1`",
      "Its share of all journeys is its weight over the sum of all."),
    .init(
      "load.tasks[].steps", "list of steps", "one of `journey` and `steps`",
      "A journey of your own: its requests, back to back.", not: "journey"),
    .init(
      "load.tasks[].steps[].step", "step", "one of `step` and `request`", "A step that is ready.",
      not: "request", "headers", "body", "expect", "check", "capture"),
    .init(
      "load.tasks[].steps[].request", "method and path", "one of `step` and `request`",
      "Any request, such as `GET /v3`.", not: "step", "older-than"),
    .init(
      "load.tasks[].steps[].name", "text", "the step or the request",
      "What it is called in the results."),
    .init(
      "load.tasks[].steps[].headers", "mapping of names to values", "none",
      "Further fields of a request.", not: "step"),
    .init("load.tasks[].steps[].body", "text", "none", "The body of a request.", not: "step"),
    .init(
      "load.tasks[].steps[].expect", "status or list", "200 to 399",
      "The statuses of a request that count as success.", not: "step"),
    .init(
      "load.tasks[].steps[].check", "list of checks", "none",
      "What the answer of a request must be besides its status.", not: "step"),
    .init(
      "load.tasks[].steps[].check[].header", "text", "the body", "The field that is looked at.",
      not: "json"),
    .init(
      "load.tasks[].steps[].check[].json", "JSON path", "the body",
      "The value that is looked at, such as `token.roles[0].name`.", not: "header"),
    .init(
      "load.tasks[].steps[].check[].equals", "text", "a condition is required",
      "It is this, and nothing else."),
    .init("load.tasks[].steps[].check[].contains", "text", "none", "This is in it."),
    .init(
      "load.tasks[].steps[].check[].matches", "regular expression", "none",
      "This matches somewhere in it."),
    .init(
      "load.tasks[].steps[].check[].present", "`true` or `false`", "none",
      "It is there, or it is not."),
    .init(
      "load.tasks[].steps[].capture", "list of values", "none",
      "What later steps of the journey use of the answer.", not: "step"),
    .init(
      "load.tasks[].steps[].capture[].name", "name", "required",
      "`${name}` in a later step; `token` makes it the journey's token."),
    .init(
      "load.tasks[].steps[].capture[].header", "text", "the body", "The field that is taken.",
      not: "json"),
    .init(
      "load.tasks[].steps[].capture[].json", "JSON path", "the body", "The value that is taken.",
      not: "header"),
    .init(
      "load.tasks[].steps[].capture[].regex", "regular expression", "the whole",
      "Of it only the first group of the first match, or the match."),
    .init(
      "load.tasks[].steps[].capture[].default", "text", "the request has failed",
      "Taken if there is nothing to take."),
    .init(
      "load.tasks[].steps[].think", "distribution", "none", "A pause before this step."),
    .init(
      "load.tasks[].steps[].older-than", "duration", "`1m`",
      "How long ago the token of `validate-old` was issued at least.", not: "request"),
    .init(
      "load.tasks[].steps[].on-failure", "`continue` or `abort`", "as the load's",
      "Whether the journey goes on after this step has failed."),
    .init(
      "load.on-failure", "`continue` or `abort`", "`continue`",
      "The same for all steps. The script of 2017 went on, without a token."),
    .init(
      "load.credentials", "list of users", "the first user that has a project",
      "Who logs in: given to the users in turn."),
    .init("load.credentials[].user", "text", "required", "A user of the data."),
    .init(
      "load.credentials[].password", "text", "the user's",
      "Another password than the right one makes logins fail."),
    .init(
      "load.credentials[].project", "text", "the first project that the user has a role on",
      "What the token is for; without one it is unscoped."),
    .init(
      "load.credentials[].user-domain", "text", "that of the user in the data",
      "The name of the domain that the user is in."),
    .init(
      "load.credentials[].project-domain", "text", "that of the project in the data",
      "The name of the domain that the project is in."),
    .init(
      "load.connections", "`kept`, `journey` or `new`", "`kept`",
      "Whether a user keeps its connection as long as the server does, or takes a new one for each "
        + "journey or for each request."),
    .init("load.connect-timeout", "duration", "`10s`", "How long a connection may take."),
    .init(
      "load.first-byte-timeout", "duration", "none",
      "How long it may take from when a request was sent to the first byte of its answer."),
    .init(
      "load.server-header", "name of a field", "none",
      "The field of an answer that says which server gave it."),
    .init(
      "load.timeout", "duration", "`1m`",
      "How long a request may take from the moment it was due until it is answered whole."),
  ]

  private static let thresholds: [ScenarioKey] = [
    .init("thresholds.requests", "condition on a count", "none", "All requests."),
    .init("thresholds.failures", "condition on a count", "none", "Requests that failed."),
    .init("thresholds.failure-rate", "condition on a percentage", "none", "Failures of requests."),
    .init(
      "thresholds.lost-journeys", "condition on a count", "none",
      "Journeys with at least one failed request."),
    .init("thresholds.median", "condition on a duration", "none", "Half are faster."),
    .init("thresholds.p95", "condition on a duration", "none", "95 % are faster."),
    .init("thresholds.p99", "condition on a duration", "none", "99 % are faster."),
    .init("thresholds.p999", "condition on a duration", "none", "99.9 % are faster."),
    .init("thresholds.max", "condition on a duration", "none", "The slowest."),
    .init(
      "thresholds.service-p99", "condition on a duration", "none",
      "99 % are faster, counted from when they were sent."),
    .init(
      "thresholds.rate", "condition on a count", "none", "Requests a second, decimals cut off."),
    .init(
      "thresholds.longest-gap", "condition on a duration", "none",
      "The longest time without a successful answer."),
    .init(
      "thresholds.longest-outage", "condition on a duration", "none",
      "The longest time without a success in which a request was waiting or had failed."),
    .init(
      "thresholds.bad-time", "condition on a duration", "none",
      "Time in which requests failed or nobody was served."),
    .init(
      "thresholds.availability", "condition on a percentage", "none",
      "The share of the run that was no bad time."),
    .init(
      "thresholds.budget", "condition on a percentage", "none",
      "The bad time's share of what 99.9 % allow in thirty days."),
    .init(
      "thresholds.refused-tokens", "condition on a count", "none",
      "Uses of tokens of the run that were answered 401 or 404."),
    .init(
      "thresholds.lateness", "condition on a duration", "none",
      "The load itself: 99 % of its requests are taken up sooner after they were due."),
    .init(
      "thresholds.rotation", "condition on a duration", "none",
      "From the first step of the rotation to the last."),
  ]

  private static let network: [ScenarioKey] = [
    .init(
      "network.latency", "distribution", "`100us`",
      "One way, for each message, in the simulated world; the live world has real wires.")
  ]
}

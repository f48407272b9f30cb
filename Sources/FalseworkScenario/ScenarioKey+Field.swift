// SPDX-License-Identifier: Apache-2.0

extension ScenarioKey {
  static let field: [ScenarioKey] =
    [
      .init(
        "field", "mapping", "none", "The real proxy and the real nodes, for `--world field`."),
      .init(
        "field.url", "URL", "the first `bind` of the frontend",
        "Where the load goes in: `http://host:port`."),
      .init(
        "field.socket", "path or address", "the first `stats socket` with level admin",
        "HAProxy's runtime API: a path from the root, or `host:port`."),
      .init(
        "field.log", "address", "none",
        "Where HAProxy's log is listened for, `host:port` of UDP: its `log` line leads there."),
      .init("field.nodes", "list of nodes", "all alike", "In what nodes differ."),
      .init("field.nodes[].name", "text", "required", "A node of the cluster."),
      .init(
        "field.nodes[].address", "address", "that of its `server` line",
        "Where the node itself answers."),
    ] + commands("field.nodes[]", "that of all nodes") + commands("field", "none") + [
      .init(
        "field.database", "command", "none", "Runs a step `database`; `{phase}` and `{release}`."),
      .init(
        "field.keys", "command", "none",
        "Runs a step `keys`; `{order}`, `{kind}`, `{node}` and `{to}`."),
      .init("field.cache", "command", "none", "Runs a step `cache`; `{node}` is empty for all."),
      .init(
        "field.check", "command", "none",
        "Makes a node fail its health check and pass it again, for `fail-check`: `{order}` is `fail` "
          + "or `pass`."),
      .init("field.timeout", "duration", "`1m`", "How long each command may take."),
      .init("field.poll", "duration", "`100ms`", "Between two looks at `show stat`."),
      .init(
        "field.watch", "duration", "`250ms`",
        "Between two looks at each node, for its phases; `0s` looks only when the rotation does."),
      .init(
        "field.load", "command or mapping", "the scenario's load",
        "A load tool of your own in the place of ours."),
      .init(
        "field.load.command", "command", "required",
        "Begins with the run and gets SIGTERM at its end; `{url}` is the frontend."),
      .init(
        "field.load.patience", "duration", "`30s`",
        "How long it may take to end; then it is killed."),
    ]

  private static func commands(_ section: String, _ standard: String) -> [ScenarioKey] {
    [
      .init("\(section).start", "command", standard, "Starts a node."),
      .init(
        "\(section).stop", "command", standard,
        "Stops a node as SIGTERM does, and ends when it is gone."),
      .init("\(section).kill", "command", standard, "The same as SIGKILL does."),
      .init("\(section).graceful", "command", standard, "The same, letting it finish first."),
      .init(
        "\(section).upgrade", "command", standard,
        "Installs `{release}`, after the stop and before the start."),
    ]
  }
}

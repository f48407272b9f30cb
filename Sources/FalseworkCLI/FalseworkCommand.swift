// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

/// The program `falsework`.
@main
struct FalseworkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "falsework",
    abstract: "A mock Keystone behind an HAProxy-like proxy, under load, in rotation.",
    discussion: """
      With this proxy configuration, this load and this rotation timing: which requests fail, why,
      and which timing would have lost none?

        falsework run specs/scenarios/first-upgrade.yaml --world simulated
        falsework run specs/scenarios/first-upgrade.yaml --time-scale 10
        falsework up specs/scenarios/fixture.yaml
        falsework exec specs/scenarios/fixture.yaml -- openstack token issue
      """,
    subcommands: [ProxyCommand.self])
}

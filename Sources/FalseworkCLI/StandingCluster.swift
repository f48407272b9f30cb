// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLive
import FalseworkReport
import FalseworkScenario
import NIOCore
import NIOPosix

/// A cluster that stands for other programs: what `falsework up` and `falsework exec` share.
struct StandingCluster {
  let scenario: Scenario
  let cluster: LiveCluster
  private let group: MultiThreadedEventLoopGroup

  /// - Parameters:
  ///   - keepsAddresses: listens where the configuration says, or on ports of the system's choice.
  ///   - database: a file of SQLite that keeps the database.
  ///   - observer: told what happens, on the cluster's event loop.
  static func start(
    _ options: ScenarioOptions, keepsAddresses: Bool, database: String? = nil,
    observer: @escaping @Sendable (RunEvent) -> Void
  ) async throws -> StandingCluster {
    let scenario = try options.read()
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    do {
      var liveOptions = LiveCluster.Options(
        keepsAddresses: keepsAddresses, socketPath: nil,
        childCommand: NodeCommand.command(options))
      liveOptions.database = try database.map {
        try KeptDatabase.open($0, credentialKeys: .null) { scenario.makeStore() }
      }
      let cluster = try await LiveCluster.start(
        scenario, seed: scenario.seed, options: liveOptions, on: group.next(), observer: observer)
      guard cluster.entrance != nil else {
        try await cluster.end()
        throw CommandEnd(
          status: .scenario,
          message: "\(scenario.proxy.file): no frontend leads to a node of the scenario")
      }
      return StandingCluster(scenario: scenario, cluster: cluster, group: group)
    } catch let end as CommandEnd {
      throw end
    } catch let error as LiveError {
      var message = "\(error)"
      if case .portInUse = error, keepsAddresses { message += "; --ports any takes free ones" }
      throw CommandEnd(status: .environment, message: message)
    } catch {
      throw CommandEnd(status: .environment, message: "\(error)")
    }
  }

  func end() async throws {
    try await cluster.end()
    try await group.shutdownGracefully()
  }

  var url: String { (cluster.url ?? "") + "/v3" }

  var nodeURLs: [(name: String, url: String)] {
    scenario.cluster.nodes.indices.map { index in
      let address = cluster.address(of: NodeID(index))
      return (
        scenario.cluster.nodes[index],
        "http://\(address.ipAddress ?? "127.0.0.1"):\(address.port ?? 0)/v3"
      )
    }
  }

  /// What OpenStack's clients read: the first user of the data that has a role on a project.
  var environment: [(name: String, value: String)] {
    let data = scenario.cluster.data
    var project: String?
    let user = data.users.first { user in
      for grant in data.grants where grant.user == user.name {
        if case .project(let name) = grant.target {
          project = name
          return true
        }
      }
      return false
    }
    var variables = [
      ("OS_AUTH_URL", url), ("OS_IDENTITY_API_VERSION", "3"), ("OS_AUTH_TYPE", "password"),
      ("OS_REGION_NAME", data.region), ("OS_INTERFACE", "public"),
    ]
    guard let user, let project else { return variables }
    variables += [
      ("OS_USERNAME", user.name), ("OS_PASSWORD", user.password),
      ("OS_USER_DOMAIN_NAME", user.domain), ("OS_PROJECT_NAME", project),
      (
        "OS_PROJECT_DOMAIN_NAME",
        data.projects.first { $0.name == project }?.domain ?? user.domain
      ),
    ]
    return variables
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import Glibc
import NIOCore
import Testing

@testable import FalseworkLive

@Suite struct LiveClusterTests {
  private static func withCluster(
    _ body: (LiveCluster) async throws -> Void
  ) async throws {
    let scenario = try LiveScenario.read(rotation: "", length: "1s")
    try await withLoop { loop in
      let cluster = try await LiveCluster.start(
        scenario, seed: 1, options: .anywhere, on: loop, observer: { _ in })
      try await body(cluster)
      try await cluster.end()
    }
  }

  @Test func `the runtime API answers over its socket and takes a node out`() async throws {
    try await Self.withCluster { cluster in
      let states = try await cluster.command("show servers state")
      #expect(states.hasPrefix("1\n# be_id be_name srv_id srv_name "), "\(states.prefix(80))")
      #expect(try await cluster.command("set server back/keystone1 state maint") == "\n")
      #expect(try await cluster.command("show stat").contains("back,keystone1"))

      let client = try RawClient(path: cluster.runtimePath)
      try client.send("prompt\nget weight back/keystone2\nquit\n")
      #expect(try client.receiveAll() == "\n> 1 (initial 1)\n\n> ")
    }
  }

  @Test func `a client reaches the nodes through the proxy and goes on when one is stopped`()
    async throws
  {
    try await Self.withCluster { cluster in
      let port = try #require(cluster.entrance?.port)
      let client = try RawClient(port: port)
      for stopped in [nil, NodeID(0)] {
        if let stopped {
          try await cluster.loop.submit { cluster.stop(stopped, .kill) }.get()
        }
        for _ in 0..<4 {
          try client.send("GET /v3 HTTP/1.1\r\nHost: k\r\n\r\n")
          #expect(try client.answer().status == 200)
        }
      }
    }
  }

  @Test func `nothing is left of a cluster that ended`() async throws {
    let scenario = try LiveScenario.read(rotation: "", length: "1s")
    try await withLoop { loop in
      let cluster = try await LiveCluster.start(
        scenario, seed: 1, options: .anywhere, on: loop, observer: { _ in })
      let path = cluster.runtimePath
      let port = try #require(cluster.entrance?.port)
      let nodePort = cluster.address(of: NodeID(0)).port ?? 0
      #expect(access(path, F_OK) == 0)
      try await cluster.end()
      #expect(access(path, F_OK) != 0)
      let directory = path.split(separator: "/").dropLast().joined(separator: "/")
      #expect(access("/" + directory, F_OK) != 0)
      #expect(throws: RawClient.Failure.self) { try RawClient(port: port) }
      #expect(throws: RawClient.Failure.self) { try RawClient(port: nodePort) }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
package import NIOCore

/// A node of a cluster, wherever it lives.
package enum NodeHost {
  /// On this process's event loop.
  case inside(NodeServer)

  package var address: SocketAddress {
    switch self {
    case .inside(let server): server.address
    }
  }

  func begin(as release: Release) throws(LiveError) {
    switch self {
    case .inside(let server): try server.begin(as: release)
    }
  }

  func start(as release: Release) {
    switch self {
    case .inside(let server): server.start(as: release)
    }
  }

  func stop(_ signal: StopSignal) {
    switch self {
    case .inside(let server): server.stop(signal)
    }
  }

  func shutDown() {
    switch self {
    case .inside(let server): server.shutDown()
    }
  }
}

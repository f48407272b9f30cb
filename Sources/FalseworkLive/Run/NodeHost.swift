// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
package import NIOCore

/// A node of a cluster, wherever it lives.
package enum NodeHost {
  /// On this process's event loop.
  case inside(NodeServer)
  case child(ChildNode)

  package var address: SocketAddress {
    switch self {
    case .inside(let server): server.address
    case .child(let child): child.address
    }
  }

  func start(as release: Release) {
    switch self {
    case .inside(let server): server.start(as: release)
    case .child(let child): child.start(as: release)
    }
  }

  func stop(_ signal: StopSignal) {
    switch self {
    case .inside(let server): server.stop(signal)
    case .child(let child): child.stop(signal)
    }
  }

  func shutDown() {
    switch self {
    case .inside(let server): server.shutDown()
    case .child(let child): child.shutDown()
    }
  }
}

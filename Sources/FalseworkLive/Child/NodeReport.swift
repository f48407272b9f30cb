// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone

/// What a node in a child process tells its parent, a line each.
enum NodeReport: Equatable {
  case turned(NodePhase)
  case failed(String)

  var line: String {
    switch self {
    case .turned(let phase): "phase \(phase.rawValue)\n"
    case .failed(let reason): "failed \(reason.filter { $0 != "\n" })\n"
    }
  }

  /// Nil for a line that no child of ours writes.
  init?(line: some StringProtocol) {
    let parts = line.split(separator: " ", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    switch parts[0] {
    case "phase":
      guard let phase = NodePhase(rawValue: String(parts[1])) else { return nil }
      self = .turned(phase)
    case "failed": self = .failed(String(parts[1]))
    default: return nil
    }
  }
}

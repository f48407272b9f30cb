// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// `track`: names become servers, and chains must end at one that is checked.
extension ConfigurationReader {
  mutating func resolveTracking(_ result: inout ProxyConfiguration) {
    let tracking = drafts.filter { $0.section != .frontend }.flatMap { draft in
      draft.servers.map { (draft.name, $0) }
    }
    for (index, (proxy, server)) in tracking.enumerated() {
      guard let name = server.track else { continue }
      let place = "'server \(proxy)/\(server.name)' : "
      let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
      let backend = parts.count == 2 ? parts[0] : proxy
      guard let found = tracking.firstIndex(where: { $0.0 == backend && $0.1.name == parts.last })
      else {
        let missing =
          parts.count == 2 && !tracking.contains { $0.0 == backend }
          ? "required proxy '\(backend)'" : "required server '\(parts.last ?? "")'"
        alert(server.line, place + "unable to find \(missing) for tracking.")
        continue
      }
      if server.checked {
        alert(server.line, place + "unable to enable checks and tracking at the same time!")
        continue
      }
      result.servers[index].track = ServerID(found)
    }
    for (index, (proxy, server)) in tracking.enumerated() where result.servers[index].track != nil {
      var seen = [index]
      var last = index
      while let next = result.servers[last].track {
        last = next.index
        if seen.contains(last) { break }
        seen.append(last)
      }
      let place = "'server \(proxy)/\(server.name)' : "
      let name = server.track!.contains("/") ? server.track! : "\(proxy)/\(server.track!)"
      if result.servers[last].track != nil {
        alert(
          server.line,
          place + "unable to track \(name) as it belongs to a tracking chain looping back to "
            + "\(proxy)/\(server.name).")
      } else if !tracking[last].1.checked {
        alert(
          server.line,
          place + "unable to use \(name) for tracking as it does not have any check nor agent "
            + "enabled.")
      }
    }
  }
}

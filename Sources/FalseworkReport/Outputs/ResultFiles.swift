// SPDX-License-Identifier: Apache-2.0

/// A file that `--out DIR` writes.
package struct ResultFile: Equatable, Sendable {
  package var name: String
  package var bytes: [UInt8]
}

extension RunResult {
  /// What goes into the directory of a result. This module touches no files: whoever calls it writes
  /// them.
  package var files: [ResultFile] {
    let csv = ResultCSV(self)
    var files = [
      ResultFile(name: "result.json", bytes: ResultJSON(self).bytes),
      ResultFile(name: "events.csv", bytes: csv.events),
      ResultFile(name: "otlp.json", bytes: ResultOTLP(self).bytes),
      ResultFile(name: "locust_requests.json", bytes: LocustJSON(self).bytes),
    ]
    files += LocustCSV(self).files(prefix: "locust")
    if !requests.isEmpty { files.append(ResultFile(name: "requests.csv", bytes: csv.requests)) }
    return files
  }
}

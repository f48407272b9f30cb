// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What tests read of a result in JSON.
struct RunJSON: Decodable {
  struct Description: Decodable {
    var seed: UInt64
    var world: String
    var timeScale: Int
  }

  struct Ended: Decodable {
    var how: String
  }

  struct Row: Decodable {
    var requests: Int
    var failures: Int
  }

  var scenario: Description
  var durationS: Double
  var ended: Ended
  var exitCode: Int32
  var inFlight: Int
  var total: Row

  static func read(_ data: Data) throws -> RunJSON {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(RunJSON.self, from: data)
  }

  static func read(_ text: String) throws -> RunJSON { try read(Data(text.utf8)) }
}

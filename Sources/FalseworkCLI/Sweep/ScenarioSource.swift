// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto
import FalseworkLab
import FalseworkReport
import FalseworkScenario

/// A scenario whose files were read once, to be read as one variant after another on any thread.
struct ScenarioSource: Sendable {
  let path: String
  /// The scenario and every file that it names, as they were at the begin.
  private let files: [String: [UInt8]]
  private let timeScale: Int64

  init(_ options: ScenarioOptions) throws(CommandEnd) {
    let seen = SeenFiles()
    let reader = ScenarioReader(
      environment: { TextFile.environment($0) },
      load: { path throws(UnreadableFile) in
        let bytes = try TextFile.read(path)
        seen.files[path] = bytes
        return bytes
      })
    do {
      _ = try reader.read(
        options.scenario, overrides: options.values.compactMap { ScenarioOverride(parsing: $0) })
    } catch {
      // A variant may mend what is wrong here, such as a key that is missing; what cannot be
      // opened stays wrong.
      guard seen.files[options.scenario] != nil else {
        throw CommandEnd(status: .scenario, message: error.description)
      }
    }
    path = options.scenario
    files = seen.files
    timeScale = options.timeScale
  }

  private final class SeenFiles {
    var files: [String: [UInt8]] = [:]
  }

  /// Of all files together.
  var fingerprint: String {
    var text: [UInt8] = []
    // Where they are is not what they say: the same scenario may lie elsewhere on another machine.
    for name in files.keys.sorted() {
      text += Array("\(files[name]!.count)\n".utf8) + files[name]!
    }
    return SHA256.digest(text).prefix(12).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  func bytes(of path: String) -> [UInt8]? { files[path] }

  /// - Parameter changed: files that say something else than they did.
  func read(
    _ overrides: [ScenarioOverride], changed: [String: [UInt8]] = [:]
  ) throws(ScenarioProblems) -> Scenario {
    let reader = ScenarioReader(
      environment: { TextFile.environment($0) },
      load: { [files] path throws(UnreadableFile) in
        if let bytes = changed[path] ?? files[path] { return bytes }
        return try TextFile.read(path)
      })
    let scenario = try reader.read(path, overrides: overrides)
    return timeScale == 1 ? scenario : scenario.divided(by: timeScale)
  }
}

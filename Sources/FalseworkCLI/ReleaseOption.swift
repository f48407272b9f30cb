// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkReport

/// `--release`, wherever a command takes it.
enum ReleaseOption {
  /// The newest if none is named.
  static func read(_ text: String?) throws(CommandEnd) -> Release {
    guard let text else { return .newest }
    if let found = Release(named: text) { return found }
    let names = Release.all.map(\.name)
    let near = nearestWord(to: text, among: names).map { "; did you mean '\($0)'?" } ?? ""
    throw CommandEnd(
      status: .usage,
      message: "--release: there is no release '\(text)'; there are \(names[0]) to "
        + "\(names[names.count - 1])\(near)")
  }
}

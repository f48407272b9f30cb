// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkReport

/// `--release`, wherever a command takes it.
enum ReleaseOption {
  /// The newest if none is named.
  static func read(_ text: String?) throws(CommandEnd) -> Release {
    guard let text else { return .newest }
    do throws(UnknownRelease) {
      return try Release.find(text)
    } catch {
      throw CommandEnd(status: .usage, message: "--release: \(error)")
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkRotation
import FalseworkScenario

/// A plan that somebody uses already, to be measured beside what a search finds.
struct Incumbent {
  var name: String
  var overrides: [ScenarioOverride]

  /// Presets that are measured if nobody names others.
  static let usual = [
    RotationPreset.openStackAnsible, .kollaAnsible, .kubernetes,
  ].map(\.rawValue)

  init(name: String, overrides: [ScenarioOverride]) {
    self.name = name
    self.overrides = overrides
  }

  /// Reads the name of a preset, or `NAME: PATH=VALUE; PATH=VALUE`.
  ///
  /// - Parameter begin: when the rotation of a preset begins.
  init?(parsing text: String, begin: Interval) {
    guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else {
      guard let preset = RotationPreset(rawValue: text) else { return nil }
      self.init(preset, begin: begin)
      return
    }
    var overrides: [ScenarioOverride] = []
    for piece in text[text.index(after: colon)...].split(separator: ";") {
      guard let override = ScenarioOverride(parsing: String(piece.drop { $0 == " " })) else {
        return nil
      }
      overrides.append(
        ScenarioOverride(
          path: override.path, value: override.value, label: "--incumbent \(override.path)"))
    }
    guard !overrides.isEmpty else { return nil }
    self.init(name: String(text[..<colon]), overrides: overrides)
  }

  /// A tool with the rotation and the health checks that it has unless it is told otherwise.
  private init(_ preset: RotationPreset, begin: Interval) {
    let (inter, rise, fall) =
      switch preset {
      case .openStackAnsible: ("12s", "3", "3")
      case .openStackAnsible2017: ("12s", "2", "2")
      case .kollaAnsible: ("2s", "2", "5")
      case .kubernetes: ("10s", "1", "3")
      case .awsALB: ("30s", "5", "2")
      }
    name = preset.rawValue
    overrides = [
      ("rotation", "{preset: \(preset.rawValue), begin: \(begin)}"), ("proxy.inter", inter),
      ("proxy.rise", rise), ("proxy.fall", fall),
    ].map { ScenarioOverride(path: $0, value: $1, label: "--incumbent \($0)") }
  }
}

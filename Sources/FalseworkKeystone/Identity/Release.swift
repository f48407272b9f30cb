// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// A release of Keystone: a row of `ReleaseHistory`, cheap to copy and to compare.
///
/// `kilo`, `2015.1`, `23.0.1` or `24` name one. A code name, a series or a bare number stands for
/// the last version of that release; a full version for the row that it is in, so that the
/// versions of a release that differ (23.0.0 cuts passwords as no other does) can be had.
@dynamicMemberLookup
package struct Release: Hashable, Comparable, Sendable {
  /// Row of `ReleaseHistory.profiles`.
  private let row: Int

  private init(row: Int) {
    self.row = row
  }

  package static func < (a: Release, b: Release) -> Bool { a.row < b.row }

  /// Oldest first, with all versions that differ.
  package static let versions = ReleaseHistory.profiles.indices.map { Release(row: $0) }

  /// One for each release, the last of its versions; oldest first.
  package static let all = versions.filter { release in
    let next = release.row + 1
    return next == versions.count || profiles[next].number != profiles[release.row].number
  }

  package static let newest = all[all.count - 1]

  private static let profiles = ReleaseHistory.profiles

  package var profile: ReleaseProfile { Self.profiles[row] }

  package subscript<Value>(dynamicMember path: KeyPath<ReleaseProfile, Value>) -> Value {
    Self.profiles[row][keyPath: path]
  }

  /// What it is called, and found again by: the code name; for a version that is not the last of
  /// its release that version.
  package var name: String { isLast ? self.codeName : self.version }

  /// Whether it is what the code name stands for.
  private var isLast: Bool {
    row + 1 == Self.profiles.count || Self.profiles[row + 1].number != number
  }

  // MARK: Asked for with each request

  package var number: Int { Self.profiles[row].number }
  package var usesFlask: Bool { Self.profiles[row].errors.usesFlask }
  package var hasHealthcheck: Bool { Self.profiles[row].discovery.hasHealthcheck }
  package var hasSystemScope: Bool { Self.profiles[row].identity.hasSystemScope }
  package var hasPasswordExpiry: Bool { Self.profiles[row].body.hasPasswordExpiry }
  package var hasAllowExpired: Bool { Self.profiles[row].tokens.allowsExpired }
  package var revokesChains: Bool { Self.profiles[row].revocation.takesChains }
  package var seesReadOnlyBackends: Bool { Self.profiles[row].revocation.seesReadOnlyBackends }
  package var authMethods: [String] { Self.profiles[row].identity.authMethods }
  package var fernetVersions: ClosedRange<Int> { Self.profiles[row].tokens.fernetVersions }
  package var fernetPadding: FernetPadding { Self.profiles[row].tokens.padding }
  package var providers: [TokenProvider] { Self.profiles[row].tokens.providers }
  package var defaultProvider: TokenProvider { Self.profiles[row].tokens.defaultProvider }
}

// MARK: Names

/// What there is instead of a release that nobody knows.
package struct UnknownRelease: Error, Equatable, CustomStringConvertible {
  package let text: String
  /// The name that was probably meant.
  package let nearest: String?

  package var description: String {
    let meant = nearest.map { "; did you mean '\($0)'? " } ?? ". "
    return "there is no release '\(text)'\(meant)There are \(Release.list)"
  }
}

extension Release {
  /// By code name, series (`2024.1`) or version (`23.0.0`, `23`), in any case.
  package init?(named text: String) {
    guard let row = Self.row(named: text.lowercased()) else { return nil }
    self.row = row
  }

  package static func find(_ text: String) throws(UnknownRelease) -> Release {
    if let release = Release(named: text) { return release }
    throw UnknownRelease(
      text: text, nearest: nearestWord(to: text.lowercased(), among: names))
  }

  /// Every name that stands for a release: code names, series, versions that differ.
  package static let names =
    all.map(\.codeName) + all.map(\.series) + versions.map(\.version)

  /// `kilo (2015.1: 2015.1.0, 2015.1.2, 2015.1.3), liberty (2015.2: 8.0.0, 8.0.1), …`.
  package static let list = all.map { release in
    let versions = versions.filter { $0.number == release.number }.map(\.version)
    return "\(release.codeName) (\(release.series): \(versions.joined(separator: ", ")))"
  }.joined(separator: ", ")

  private static func row(named text: String) -> Int? {
    if let release = all.first(where: { $0.codeName == text || $0.series == text }) {
      return release.row
    }
    guard let version = numbers(text) else { return nil }
    if version.count == 1 { return all.first { $0.number == version[0] && $0.number > 7 }?.row }
    // Kilo's versions begin with its year, all others with their number.
    let wanted = profiles.indices.filter { index in
      let first = version[0] == 2015 ? version.prefix(2) == [2015, 1] : version[0] > 7
      return first
        && (profiles[index].number == version[0]
          || version[0] == 2015 && profiles[index].number == 7)
    }
    return wanted.last { !version.lexicographicallyPrecedes(numbers(profiles[$0].version) ?? []) }
  }

  /// The numbers of a dotted version.
  private static func numbers(_ text: String) -> [Int]? {
    var numbers: [Int] = []
    for part in text.split(separator: ".", omittingEmptySubsequences: false) {
      guard let number = Int(part), part.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }) else {
        return nil
      }
      numbers.append(number)
    }
    return numbers
  }
}

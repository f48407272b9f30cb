// SPDX-License-Identifier: Apache-2.0

/// A release of Keystone, as far as a client or another node can tell it from the next.
///
/// Sources: the release notes and tagged trees of openstack/keystone, and measurements on the
/// packaged releases 12 to 30.
package struct Release: Equatable, Comparable, Sendable {
  /// The major version: 7 stands for Kilo (2015.1), 8 is Liberty, 30 is 2026.2.
  package let number: Int
  /// The code name, in lower case; empty since 2023.1 has none of its own in use.
  package let name: String
  /// `2015.1`, or the year's series since 2023.
  package let series: String
  /// What `GET /v3` calls itself.
  package let apiVersion: String
  package let apiUpdated: String

  package static func < (a: Release, b: Release) -> Bool { a.number < b.number }

  /// Oldest first.
  package static let all: [Release] = [
    .init(7, "kilo", "2015.1", "v3.4", "2015-03-30"),
    .init(8, "liberty", "2015.2", "v3.4", "2015-03-30"),
    .init(9, "mitaka", "2016.1", "v3.6", "2016-04-04"),
    .init(10, "newton", "2016.2", "v3.7", "2016-10-06"),
    .init(11, "ocata", "2017.1", "v3.8", "2017-02-22"),
    .init(12, "pike", "2017.2", "v3.8", "2017-02-22"),
    .init(13, "queens", "2018.1", "v3.10", "2018-02-28"),
    .init(14, "rocky", "2018.2", "v3.10", "2018-02-28"),
    .init(15, "stein", "2019.1", "v3.12", "2019-01-22"),
    .init(16, "train", "2019.2", "v3.13", "2019-07-19"),
    .init(17, "ussuri", "2020.1", "v3.14", "2020-04-07"),
    .init(18, "victoria", "2020.2", "v3.14", "2020-04-07"),
    .init(19, "wallaby", "2021.1", "v3.14", "2020-04-07"),
    .init(20, "xena", "2021.2", "v3.14", "2020-04-07"),
    .init(21, "yoga", "2022.1", "v3.14", "2020-04-07"),
    .init(22, "zed", "2022.2", "v3.14", "2020-04-07"),
    .init(23, "antelope", "2023.1", "v3.14", "2020-04-07"),
    .init(24, "bobcat", "2023.2", "v3.14", "2020-04-07"),
    .init(25, "caracal", "2024.1", "v3.14", "2020-04-07"),
    .init(26, "dalmatian", "2024.2", "v3.14", "2020-04-07"),
    .init(27, "epoxy", "2025.1", "v3.14", "2020-04-07"),
    .init(28, "flamingo", "2025.2", "v3.14", "2020-04-07"),
    .init(29, "gazpacho", "2026.1", "v3.14", "2020-04-07"),
    .init(30, "hibiscus", "2026.2", "v3.14", "2020-04-07"),
  ]

  package static let newest = all[all.count - 1]

  private init(
    _ number: Int, _ name: String, _ series: String, _ apiVersion: String, _ apiUpdated: String
  ) {
    self.number = number
    self.name = name
    self.series = series
    self.apiVersion = apiVersion
    self.apiUpdated = apiUpdated
  }

  /// By code name, series (`2024.1`) or version (`23.0.0`, `23`), in any case.
  package init?(named text: String) {
    let lower = text.lowercased()
    let major = lower.split(separator: ".").first.flatMap { Int($0) }
    let found = Self.all.first {
      $0.name == lower || $0.series == lower || (lower == "30" && $0.number == 30)
        || ($0.number == major && $0.number > 7)
    }
    guard let found else { return nil }
    self = found
  }

  // MARK: What the release can do

  /// Payload versions of Fernet tokens that it reads.
  package var fernetVersions: ClosedRange<Int> {
    switch number {
    case ..<8: 0...4
    case 8: 0...6
    case 9...12: 0...7
    case 13...22: 0...9
    default: 0...10
    }
  }

  package var defaultProvider: TokenProvider { number < 11 ? .uuid : .fernet }
  package var providers: [TokenProvider] { number < 14 ? [.uuid, .fernet] : [.fernet] }

  /// `[auth] methods` as the release ships it, in its order.
  package var authMethods: [String] {
    var methods = ["external", "password", "token", "oauth1"]
    if number >= 11 { methods.append("mapped") }
    if number >= 13 { methods.append("application_credential") }
    if number >= 30 { methods.append("ec2credential") }
    return methods
  }

  /// How it writes bytes. Pike, Queens and Rocky were measured to write the old family, Stein and
  /// later the new one. (Stein, Train and Ussuri as they were first shipped, with msgpack below 1.0,
  /// wrote the old one too, and read both; that is not told apart here.)
  package var messagePackDialect: MessagePack.Dialect { number >= 15 ? .bin : .raw }
  package var listsVersion2: Bool { number <= 13 }
  package var hasHealthcheck: Bool { number >= 11 }
  package var hasSystemScope: Bool { number >= 13 }
  package var hasPasswordExpiry: Bool { number >= 11 }
  package var hasAllowExpired: Bool { number >= 11 }
  /// Stein moved the API to Flask: errors are written otherwise, and an unexpected exception is
  /// left to the container, where before it became a JSON answer.
  package var usesFlask: Bool { number >= 15 }
  /// `DELETE /v3/auth/tokens` takes all tokens of the chain unless it is told not to.
  package var revokesChains: Bool { number >= 30 }
}

package enum TokenProvider: String, CaseIterable, Equatable, Sendable {
  case fernet
  case uuid
}

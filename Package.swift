// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// A module that decides: no IO, no clock, no Foundation; see specs/architecture.md.
func brain(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.byName(name: name)] + dependencies, exclude: exclude)
}

/// Every module that decides.
let brains: [Target.Dependency] = [
  "FalseworkCore", "FalseworkCrypto", "FalseworkHTTP", "FalseworkKeystone", "FalseworkProxy",
  "FalseworkLoad", "FalseworkRotation",
]

let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
]

let package = Package(
  name: "falsework",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Falsework", targets: ["Falsework"]),
    .executable(name: "falsework", targets: ["FalseworkCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    .systemLibrary(name: "CLibSSL", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    brain("FalseworkCore", []),
    brain("FalseworkCrypto", ["CLibSSL", "CZlib"]),
    brain("FalseworkHTTP", ["FalseworkCore"]),
    brain(
      "FalseworkKeystone",
      [
        "FalseworkCore", "FalseworkHTTP", "FalseworkCrypto",
        .product(name: "DequeModule", package: "swift-collections"),
      ]),
    brain(
      "FalseworkProxy",
      [
        "FalseworkCore", "FalseworkHTTP",
        .product(name: "DequeModule", package: "swift-collections"),
      ]),
    brain(
      "FalseworkLoad",
      [
        "FalseworkCore", "FalseworkHTTP",
        .product(name: "Histogram", package: "hdrhistogram-swift"),
        .product(name: "DequeModule", package: "swift-collections"),
      ]),
    brain("FalseworkRotation", ["FalseworkCore"]),
    .target(
      name: "FalseworkScenario", dependencies: brains + [.product(name: "Yams", package: "Yams")]),
    .target(
      name: "FalseworkReport",
      dependencies: brains + [
        "FalseworkScenario", .product(name: "Histogram", package: "hdrhistogram-swift"),
      ]),
    .target(
      name: "FalseworkSim",
      dependencies: brains + [
        "FalseworkScenario", "FalseworkReport",
        .product(name: "HeapModule", package: "swift-collections"),
      ]),
    .target(
      name: "FalseworkLab",
      dependencies: brains + ["FalseworkScenario", "FalseworkReport", "FalseworkSim"]),
    .target(
      name: "FalseworkLive", dependencies: brains + nio + ["FalseworkScenario", "FalseworkReport"]),
    .target(
      name: "FalseworkStorage",
      dependencies: [
        "FalseworkCore", "FalseworkKeystone", .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .target(
      name: "Falsework",
      dependencies: brains + [
        "FalseworkScenario", "FalseworkReport", "FalseworkSim", "FalseworkLive",
      ]),
    .executableTarget(
      name: "FalseworkCLI",
      dependencies: brains + [
        "FalseworkScenario", "FalseworkReport", "FalseworkSim", "FalseworkLive", "Falsework",
        "FalseworkLab", "FalseworkStorage",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ] + nio),
    tests("FalseworkCore"),
    tests("FalseworkCrypto"),
    tests(
      "FalseworkHTTP",
      [
        "FalseworkCore",
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
      ] + nio),
    tests("FalseworkKeystone", exclude: ["Vectors"]),
    tests("FalseworkProxy"),
    tests("FalseworkLoad"),
    tests("FalseworkRotation"),
    tests("FalseworkScenario"),
    tests("FalseworkReport", exclude: ["Golden"]),
    tests("FalseworkSim"),
    tests("FalseworkLab"),
    tests("FalseworkLive", nio),
    tests(
      "FalseworkStorage",
      ["FalseworkCore", "FalseworkKeystone", .product(name: "GRDB", package: "GRDB.swift")]),
    tests("Falsework"),
    tests("FalseworkCLI", exclude: ["Golden"]),
    .testTarget(name: "FalseworkTidyTests"),
  ]
)

// One loop, the same settings for every target of ours: what each costs is in specs/architecture.md.
for target in package.targets where target.type != .system {
  target.swiftSettings = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
  ]
}

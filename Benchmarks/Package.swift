// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// The modules that decide, by symbolic links, and a program that runs each in a loop. A package of
// its own, so that it needs neither the event loops nor anything else that only the product needs,
// and one package, so that it sees what the product's targets show to each other.
let package = Package(
  name: "falsework-benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    .systemLibrary(name: "CLibSSL", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "FalseworkCore"),
    .target(name: "FalseworkCrypto", dependencies: ["CLibSSL", "CZlib"]),
    .target(
      name: "FalseworkHTTP",
      dependencies: ["FalseworkCore", .product(name: "DequeModule", package: "swift-collections")]),
    .target(
      name: "FalseworkKeystone",
      dependencies: [
        "FalseworkCore", "FalseworkHTTP", "FalseworkCrypto",
        .product(name: "DequeModule", package: "swift-collections"),
      ]),
    .target(
      name: "FalseworkProxy",
      dependencies: [
        "FalseworkCore", "FalseworkHTTP",
        .product(name: "DequeModule", package: "swift-collections"),
      ]),
    .target(
      name: "FalseworkLoad",
      dependencies: [
        "FalseworkCore", "FalseworkHTTP",
        .product(name: "Histogram", package: "hdrhistogram-swift"),
        .product(name: "DequeModule", package: "swift-collections"),
      ]),
    .executableTarget(
      name: "Micro",
      dependencies: [
        "FalseworkCore", "FalseworkHTTP", "FalseworkKeystone", "FalseworkProxy", "FalseworkLoad",
      ]),
  ]
)

for target in package.targets where target.type != .system {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
  ]
}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkCore
import FalseworkLive
import FalseworkProxy
import Glibc
import NIOCore
import NIOPosix

/// `falsework proxy`: the reverse proxy alone.
struct ProxyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "proxy",
    abstract: "Run the proxy with a haproxy.cfg, against any servers.",
    discussion: """
        falsework proxy -f haproxy.cfg
        falsework proxy -c -f haproxy.cfg       # check only: exit 0 if it is valid, 1 if not

      Ends on SIGINT and SIGTERM. What it reads of a haproxy.cfg, and what it refuses, is listed in
      specs/proxy-keywords.md.
      """)

  @Option(name: [.customShort("f"), .customLong("file")], help: "The configuration.")
  var file: String

  @Flag(name: [.customShort("c"), .customLong("check")], help: "Check the configuration and exit.")
  var checksOnly = false

  mutating func run() async throws {
    let configuration = try ConfigurationFile.read(file)
    if checksOnly {
      print("Configuration file is valid")
      return
    }
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = group.next()
    let server = try await loop.submit {
      let server = try ProxyServer(
        configuration: configuration, options: .init(binds: .configured), loop: loop,
        clock: LiveClock(), tell: { _ in }, log: { line in print(line) })
      try server.start()
      return server
    }.get()
    _ = await SignalWatch.first(of: [SIGINT, SIGTERM])
    try await loop.submit { server.stop() }.get()
    try await group.shutdownGracefully()
  }
}

/// Reads a `haproxy.cfg` from the disk.
enum ConfigurationFile {
  /// - Throws: `ExitCode(1)` after every finding was written to standard error.
  static func read(_ path: String) throws -> ProxyConfiguration {
    let reading = ProxyConfiguration.read(try TextFile.read(path), file: path) { name in
      getenv(name).map { String(cString: $0) }
    }
    for problem in reading.problems { TextFile.complain(problem.description) }
    guard let configuration = reading.configuration else { throw ExitCode(1) }
    return configuration
  }
}

/// Text files and standard error, without Foundation.
enum TextFile {
  static func read(_ path: String) throws -> String {
    guard let file = fopen(path, "r") else {
      throw ValidationError("\(path): \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { break }
      bytes.append(contentsOf: chunk[0..<count])
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ValidationError("\(path): not UTF-8 text")
    }
    return text
  }

  static func complain(_ text: String) {
    let line = Array((text + "\n").utf8)
    var from = 0
    while from < line.count {
      let written = line[from...].withUnsafeBytes {
        unsafe write(STDERR_FILENO, $0.baseAddress, $0.count)
      }
      guard written > 0 else { return }
      from += written
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkCore
import FalseworkLive
import FalseworkProxy
import FalseworkReport
import FalseworkScenario
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
        falsework proxy -c -f haproxy.cfg       # check only, as haproxy -c: 0 if valid,
                                                # 1 if not, 2 if nothing would listen

      Ends on SIGINT and SIGTERM. What it reads of a haproxy.cfg, and what it refuses,
      is listed in specs/proxy-keywords.md; its runtime API, on the sockets of the
      stats socket lines, is in specs/runtime-api.md.
      """)

  @Option(name: [.customShort("f"), .customLong("file")], help: "The configuration.")
  var file: String

  @Flag(name: [.customShort("c"), .customLong("check")], help: "Check the configuration and exit.")
  var checksOnly = false

  mutating func run() async throws {
    if checksOnly { return try check() }
    let configuration = try ConfigurationFile.read(file)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = group.next()
    // From here on: whoever sees it listen may end it at once.
    let signals = SignalStream([SIGINT, SIGTERM, SIGHUP])
    let standing: Standing
    do {
      standing = try await loop.submit { try Standing(configuration, loop) }.get()
    } catch {
      throw CommandEnd(status: .environment, message: "\(error)")
    }
    while await signals.first() == SIGHUP {
      do {
        try await loop.submit { try standing.reload() }.get()
        TextFile.complain("certificates were read again")
      } catch {
        TextFile.complain("certificates stay as they were: \(error)")
      }
    }
    try await loop.submit { standing.stop() }.get()
    try await group.shutdownGracefully()
  }

  /// Ends as `haproxy -c` does.
  private func check() throws {
    let configuration: ProxyConfiguration
    do {
      configuration = try ConfigurationFile.read(file)
      _ = try ProxySecrets(reading: configuration)
    } catch let end as CommandEnd {
      if let message = end.message { TextFile.complain(message) }
      throw ExitCode(1)
    } catch {
      TextFile.complain("\(file): \(error)")
      throw ExitCode(1)
    }
    // The warning has said why.
    if configuration.frontends.allSatisfy(\.binds.isEmpty) { throw ExitCode(2) }
    Terminal.write("Configuration file is valid\n", to: .output)
  }

  /// The proxy with its runtime API, on one event loop.
  private final class Standing: @unchecked Sendable {
    private let server: ProxyServer
    private let runtime: RuntimeServer

    init(_ configuration: ProxyConfiguration, _ loop: any EventLoop) throws {
      let clock = LiveClock()
      let sink = LogSink(
        clock: {
          clock.tick()
          return clock.began + (clock.now - .start)
        },
        print: { destination, bytes in
          let text = String(decoding: bytes, as: UTF8.self)
          if case .stdout = destination {
            Terminal.write(text, to: .output)
          } else {
            TextFile.complain(String(text.dropLast()))
          }
        })
      let logs = (configuration.frontendRules + configuration.backendRules).contains {
        !$0.logs.isEmpty
      }
      server = try ProxyServer(
        configuration: configuration, options: .init(binds: .configured), loop: loop,
        clock: clock, tell: { _ in }, log: logs ? { sink.send($0) } : nil)
      runtime = RuntimeServer(server)
      try server.start()
      try runtime.openConfigured()
    }

    func reload() throws {
      try server.reloadCertificates()
    }

    func stop() {
      runtime.close()
      server.stop()
    }
  }
}

/// Reads a `haproxy.cfg` from the disk.
enum ConfigurationFile {
  /// Every finding goes to standard error.
  static func read(_ path: String) throws(CommandEnd) -> ProxyConfiguration {
    let bytes: [UInt8]
    do {
      bytes = try TextFile.read(path)
    } catch {
      throw CommandEnd(status: .scenario, message: "\(path): \(error.reason)")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw CommandEnd(status: .scenario, message: "\(path): this is not UTF-8 text")
    }
    let reading = ProxyConfiguration.read(
      text, file: path, environment: TextFile.environment, files: contents)
    for problem in reading.problems { TextFile.complain(problem.description) }
    guard let configuration = reading.configuration else {
      throw CommandEnd(status: .scenario, message: nil)
    }
    return configuration
  }

  /// Of a file that the configuration names; nil if it cannot be read, which the reader then says.
  private static func contents(_ path: String) -> [UInt8]? {
    do {
      return try TextFile.read(path)
    } catch {
      return nil
    }
  }
}

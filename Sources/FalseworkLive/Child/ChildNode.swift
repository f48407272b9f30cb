// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkKeystone
import Glibc
package import NIOCore
import NIOPosix

/// A node of a cluster that lives in a child process and is stopped by real signals.
///
/// The parent keeps the node's port while the child is down. What a node is (a zombie, loading …) the
/// child plays itself and tells; that it is gone the parent sees by itself. Confined to its event loop.
package final class ChildNode: @unchecked Sendable {
  package typealias Event = NodeServer.Event

  private struct Running {
    var process: ChildProcess
    var channel: (any Channel)?
    /// The order to stop was given.
    var stopped = false
    /// No sooner than this is the process counted as gone.
    var goneAt = Instant.start
  }

  package let id: NodeID
  package let name: String
  private let loop: any EventLoop
  private let clock: LiveClock
  private let port: PortReservation
  private let command: [String]
  /// From SIGKILL until the process group of a real node is gone; ours is gone at once.
  private let killed: Distribution
  private var generator: SeededGenerator
  private let observer: (ChildNode, Event) -> Void
  private var running: Running?
  private var phase = NodePhase.stopped
  /// A start that came while the last process was still going.
  private var startNext: Release?
  private var ready: EventLoopPromise<Void>?
  private var timer: WakeTimer?

  /// - Parameters:
  ///   - command: starts a child; `--name`, `--release`, `--port` and, for one that serves from the
  ///     start, `--standing` are added.
  ///   - observer: called on the event loop.
  package init(
    id: NodeID, name: String, command: [String], killed: Distribution, seed: UInt64,
    clock: LiveClock, loop: any EventLoop, observer: @escaping (ChildNode, Event) -> Void
  ) throws(LiveError) {
    self.id = id
    self.name = name
    self.command = command
    self.killed = killed
    self.clock = clock
    self.loop = loop
    self.observer = observer
    generator = SeededGenerator(seed: seed, stream: "child/\(name)")
    port = try PortReservation(host: "127.0.0.1", port: 0)
    timer = WakeTimer(loop: loop, clock: clock) { [self] in woke() }
  }

  package var address: SocketAddress { port.address }

  // MARK: Life

  /// Starts a child that serves from the start. The future succeeds when it does.
  package func begin(as release: Release) throws(LiveError) -> EventLoopFuture<Void> {
    let ready = loop.makePromise(of: Void.self)
    self.ready = ready
    do throws(LiveError) {
      try spawn(release, standing: true)
    } catch {
      self.ready = nil
      ready.fail(error)
      throw error
    }
    return ready.futureResult
  }

  package func start(as release: Release) {
    clock.tick()
    guard running == nil else {
      if phase != .serving, phase != .loading, phase != .starting { startNext = release }
      return
    }
    do {
      try spawn(release, standing: false)
    } catch {
      observer(self, .failed(error))
    }
  }

  package func stop(_ signal: StopSignal) {
    clock.tick()
    guard running != nil else { return }
    running?.stopped = true
    switch signal {
    case .terminate: running?.process.signal(SIGTERM)
    case .graceful: running?.process.signal(SIGUSR1)
    case .kill:
      running?.goneAt = clock.now + killed.sample(using: &generator)
      running?.process.signal(SIGKILL)
      turn(.refusing)
    }
  }

  /// Ends the child, whatever it is doing, and waits for its end.
  package func shutDown() {
    timer?.disarm()
    timer = nil
    startNext = nil
    guard let running = running.take() else { return }
    running.process.signal(SIGKILL)
    close(running.process.control)
    _ = running.process.reap()
    running.channel?.close(promise: nil)
  }

  private func spawn(_ release: Release, standing: Bool) throws(LiveError) {
    var arguments = command
    arguments += [
      "--name", name, "--release", release.name, "--port", "\(address.port ?? 0)",
    ]
    if standing { arguments.append("--standing") }
    let process = try ChildProcess.spawn(arguments)
    running = Running(process: process)
    let listener = Listening(self, process.pid)
    NIOPipeBootstrap(group: loop)
      .channelInitializer { [box = LoopBox(listener)] channel in
        do {
          try channel.pipeline.syncOperations.addHandler(box.value)
          return channel.eventLoop.makeSucceededVoidFuture()
        } catch {
          return channel.eventLoop.makeFailedFuture(error)
        }
      }
      .takingOwnershipOfDescriptor(input: process.status)
      .assumeIsolated().whenSuccess { [self] channel in
        if running?.process.pid == process.pid {
          running?.channel = channel
        } else {
          channel.close(promise: nil)
        }
      }
  }

  private func turn(_ next: NodePhase) {
    guard phase != next else { return }
    phase = next
    observer(self, .turned(next))
  }

  // MARK: What the child says

  private func heard(_ report: NodeReport, from pid: pid_t) {
    guard running?.process.pid == pid else { return }
    clock.tick()
    switch report {
    case .turned(.stopped): return  // Its end is seen, not believed.
    case .turned(let phase):
      turn(phase)
      guard phase == .serving else { return }
      ready.take()?.succeed()
    case .failed(let reason):
      let error = LiveError.child("\(name): \(reason)")
      guard let ready = ready.take() else { return observer(self, .failed(error)) }
      ready.fail(error)
    }
  }

  /// The child's end of the line is closed: it is ending.
  private func ended(_ pid: pid_t) {
    guard let running, running.process.pid == pid else { return }
    clock.tick()
    close(running.process.control)
    let exit = running.process.reap()
    if !running.stopped {
      let error = LiveError.child("\(name) ended by itself: \(exit)")
      if let ready = ready.take() {
        ready.fail(error)
      } else {
        observer(self, .failed(error))
      }
    }
    turn(.refusing)
    if clock.now >= running.goneAt {
      gone()
    } else {
      timer?.arm(for: running.goneAt)
    }
  }

  private func woke() {
    guard let running else { return }
    if clock.now >= running.goneAt { gone() } else { timer?.arm(for: running.goneAt) }
  }

  private func gone() {
    running = nil
    turn(.stopped)
    observer(self, .exited)
    if let release = startNext.take() { start(as: release) }
  }

  /// Reads the lines of one child.
  private final class Listening: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let node: ChildNode
    private let pid: pid_t
    private var text = ""

    init(_ node: ChildNode, _ pid: pid_t) {
      self.node = node
      self.pid = pid
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      text += String(buffer: unwrapInboundIn(data))
      while let end = text.firstIndex(of: "\n") {
        if let report = NodeReport(line: text[..<end]) { node.heard(report, from: pid) }
        text.removeSubrange(...end)
      }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
      node.ended(pid)
    }
  }
}

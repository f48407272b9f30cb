// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkKeystone

/// The life of a node, phase by phase, with the times as the lab found them.
@Suite struct KeystoneNodeTests {
  @Test func `a start refuses, then listens and holds, then answers all that waited`() {
    var run = NodeRun(serving: false)
    run.start()
    run.run(to: 19)
    #expect(run.lines() == ["0 starting"])
    run.run(to: 20)
    #expect(run.lines() == ["20 listen", "20 loading"])
    run.send(0)
    run.send(1)
    run.run(to: 2_019)
    #expect(run.lines() == [] && run.node.queued == 2)
    run.run(to: 2_020)
    #expect(run.lines() == ["2020 serving", "2020 answer 0 200", "2020 answer 1 200"])
    #expect(run.node.release.name == "ocata" && run.node.queued == 0)
    #expect(run.node.nextWake == .never)
  }

  @Test func `a started node is cold, and takes less and less time until it is warm`() {
    var times = NodeRun.times
    times.warmUp = .constant(.seconds(10))
    times.cold = 300
    var run = NodeRun(takes: .milliseconds(100), times: times, serving: false)
    run.start()
    // It serves at 2,020; half of its time later it takes twice as long, and at the end as ever.
    for (number, at) in [2_020, 7_020, 12_020].enumerated() {
      run.run(to: Int64(at))
      run.send(UInt32(number))
    }
    run.run(to: 20_000)
    #expect(
      run.lines().filter { $0.contains("answer") } == [
        "2320 answer 0 200", "7220 answer 1 200", "12120 answer 2 200",
      ])
  }

  @Test func `a node that stood from the beginning is warm`() {
    var times = NodeRun.times
    times.warmUp = .constant(.seconds(10))
    times.cold = 300
    var run = NodeRun(takes: .milliseconds(100), times: times)
    run.send(0)
    run.run(to: 1_000)
    #expect(run.lines() == ["100 answer 0 200"])
  }

  @Test func `SIGTERM cuts what is in flight, then holds and drops, then refuses, then is gone`() {
    var run = NodeRun(takes: .milliseconds(225))
    run.accept(9)
    run.send(0)
    run.run(to: 100)
    run.stop(.terminate)
    #expect(run.lines() == ["100 zombie"])
    run.send(1)
    run.run(to: 139)
    #expect(run.lines() == [])
    run.run(to: 1_099)
    // The idle connection and the one in flight are cut; what came after the signal is held.
    #expect(run.lines() == ["140 fin 0", "140 fin 9"])
    #expect(run.node.inFlight == 0)
    run.run(to: 1_100)
    #expect(run.lines() == ["1100 fin 1", "1100 unlisten", "1100 refusing"])
    run.run(to: 5_000)
    #expect(run.lines() == ["2600 stopped", "2600 exited"])
  }

  @Test func `what ends between the signal and the cut is still answered`() {
    var run = NodeRun(takes: .milliseconds(225))
    run.send(0)
    run.run(to: 200)
    run.stop(.terminate)
    run.run(to: 300)
    #expect(run.lines() == ["200 zombie", "225 answer 0 200", "240 fin 0"])
  }

  @Test func `SIGKILL cuts and refuses at once`() {
    var run = NodeRun(takes: .milliseconds(225))
    run.send(0)
    run.run(to: 100)
    run.stop(.kill)
    #expect(run.lines() == ["100 fin 0", "100 unlisten", "100 refusing"])
    run.run(to: 5_000)
    #expect(run.lines() == ["1500 stopped", "1500 exited"])
  }

  @Test func `a graceful stop finishes what it has, and gives newcomers nothing`() {
    var run = NodeRun(takes: .milliseconds(2_200))
    run.accept(9)
    run.send(0)
    run.stop(.graceful)
    run.send(1)
    run.run(to: 2_199)
    // Its time is over, but a request is in flight.
    #expect(run.lines() == ["0 finishing"])
    run.run(to: 5_000)
    #expect(
      run.lines() == [
        "2200 answer 0 200", "2200 fin 0", "2200 fin 1", "2200 fin 9", "2200 unlisten",
        "2200 refusing", "2500 stopped", "2500 exited",
      ])
  }

  @Test func `an idle node that is stopped gracefully closes when its time is over`() {
    var run = NodeRun()
    run.accept(0)
    run.stop(.graceful)
    run.request(0)
    run.run(to: 5_000)
    #expect(
      run.lines() == [
        "0 finishing", "0 answer 0 200", "1900 fin 0", "1900 unlisten", "1900 refusing",
        "2500 stopped", "2500 exited",
      ])
  }

  @Test func `a process that has still something in flight is not gone`() {
    var run = NodeRun(takes: .milliseconds(4_000))
    run.send(0)
    run.stop(.graceful)
    run.run(to: 3_999)
    #expect(run.lines() == ["0 finishing"])
    run.run(to: 5_000)
    #expect(
      run.lines() == [
        "4000 answer 0 200", "4000 fin 0", "4000 unlisten", "4000 refusing", "4000 stopped",
        "4000 exited",
      ])
  }

  @Test func `a start while the old process is going waits for its end`() {
    var run = NodeRun()
    run.stop(.terminate)
    run.start("pike")
    run.run(to: 3_000)
    #expect(
      run.lines() == [
        "0 zombie", "1000 unlisten", "1000 refusing", "2500 stopped", "2500 exited",
        "2500 starting", "2520 listen", "2520 loading",
      ])
    #expect(run.node.release.name == "pike")
  }

  @Test func `a stop calls off the start that waited`() {
    for signal in StopSignal.allCases {
      var run = NodeRun()
      run.stop(.terminate)
      run.start()
      run.stop(signal)
      run.run(to: 10_000)
      #expect(run.node.phase == .stopped && run.node.nextWake == .never)
    }
  }

  @Test func `a kill does not put off the end of what is going`() {
    for (killAt, gone) in [(1_050, 2_450), (2_400, 2_500)] as [(Int64, Int64)] {
      var run = NodeRun()
      run.stop(.terminate)
      run.run(to: killAt)
      _ = run.lines()
      run.stop(.kill)
      run.run(to: 9_000)
      #expect(run.lines() == ["\(gone) stopped", "\(gone) exited"])
    }
  }

  @Test func `a stop while it starts or loads ends that`() {
    var starting = NodeRun(serving: false)
    starting.start()
    starting.stop(.terminate)
    starting.run(to: 9_000)
    #expect(starting.lines() == ["0 starting", "0 refusing", "2500 stopped", "2500 exited"])
    var loading = NodeRun(serving: false)
    loading.start()
    loading.run(to: 100)
    loading.send(0)
    loading.stop(.terminate)
    loading.run(to: 9_000)
    #expect(
      loading.lines() == [
        "0 starting", "20 listen", "20 loading", "100 zombie", "140 fin 0", "1100 unlisten",
        "1100 refusing", "2600 stopped", "2600 exited",
      ])
  }

  @Test func `a graceful stop while it loads drops who waited, for nothing can be finished`() {
    var run = NodeRun(serving: false)
    run.start()
    run.run(to: 100)
    run.send(0)
    _ = run.lines()
    run.stop(.graceful)
    run.run(to: 9_000)
    #expect(
      run.lines() == [
        "100 fin 0", "100 finishing", "2000 unlisten", "2000 refusing", "2600 stopped",
        "2600 exited",
      ])
  }

  /// Every pair of a phase and a thing that is done in it: nothing traps, a process that was told
  /// to go is gone in the end, and one that was started serves.
  @Test(arguments: NodePhase.allCases, ["terminate", "kill", "graceful", "start"])
  func `whatever is asked in whatever phase comes to rest`(phase: NodePhase, action: String) {
    var run = NodeRun(takes: .milliseconds(225), serving: false)
    switch phase {
    case .stopped: break
    case .starting: run.start()
    case .loading:
      run.start()
      run.run(to: 100)
    default:
      run.start()
      run.run(to: 3_000)
      if phase == .zombie { run.stop(.terminate) }
      if phase == .finishing { run.stop(.graceful) }
      if phase == .refusing { run.stop(.kill) }
    }
    #expect(run.node.phase == phase)
    run.send(0)
    if let signal = StopSignal(rawValue: action) { run.stop(signal) } else { run.start("pike") }
    run.run(to: 60_000)
    let ends: NodePhase = action == "start" ? .serving : .stopped
    #expect(run.node.phase == ends)
    #expect(run.node.nextWake == .never && run.node.inFlight == 0 && run.node.queued == 0)
    let listens = run.log.filter { $0.what == "listen" }.count
    let unlistens = run.log.filter { $0.what == "unlisten" }.count
    #expect(listens - unlistens == (ends == .serving ? 1 : 0))
  }

  @Test func `to wake it early changes nothing`() {
    var run = NodeRun(takes: .milliseconds(225))
    run.send(0)
    run.run(to: 224)
    run.wake()
    #expect(run.lines() == [] && run.node.inFlight == 1)
  }

  @Test func `a node without inertia is there and gone at once`() {
    var run = NodeRun(times: .instant, serving: false)
    run.start()
    run.wake()
    #expect(run.lines() == ["0 starting", "0 listen", "0 loading", "0 serving"])
    for signal in StopSignal.allCases {
      run.stop(signal)
      run.wake()
      #expect(run.node.phase == .stopped)
      run.start()
      run.wake()
      #expect(run.node.phase == .serving)
    }
  }

  @Test func `to begin twice is a bug`() async {
    await #expect(processExitsWith: .failure) {
      var run = NodeRun()
      var effects: [KeystoneNode.Effect] = []
      run.node.begin(as: .newest, now: .start, into: &effects)
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkReport
import FalseworkScenario

/// The wire between whoever asks and the frontends.
extension Simulation {
  // MARK: The load's effects

  mutating func flushLoad() {
    var index = 0
    while index < loadEffects.count {
      switch loadEffects[index] {
      case .connect(let slot):
        while clientOfSlot.count <= Int(slot.index) { clientOfSlot.append(nil) }
        clientOfSlot[Int(slot.index)] = (slot, nil)
        connect(.load(slot))
      case .send(let slot, let call):
        if let client = client(of: slot) { ask(client, .call(call)) }
      case .close(let slot):
        guard let entry = clientOfSlot[Int(slot.index)], entry.slot == slot else { break }
        clientOfSlot[Int(slot.index)] = nil
        if let client = entry.client { hangUp(client) }
      case .ended(let outcome):
        if options.traces { trace.add(now, "load: ended \(outcome)") }
        checkers.requestEnded(outcome, now: now)
        events.append(.request(outcome))
        if watchesRequests { tellRotation(of: outcome) }
      case .finished:
        loadFinished = true
      }
      index += 1
    }
    loadEffects.removeAll(keepingCapacity: true)
    rearm(0)
  }

  private func client(of slot: SlotID) -> ClientID? {
    guard let entry = clientOfSlot[Int(slot.index)], entry.slot == slot else { return nil }
    return entry.client
  }

  mutating func connect(_ caller: Caller) {
    // Ephemeral ports come round; the range is wide enough that no living connection has the same.
    nextPort = nextPort == 60_999 ? 32_768 : nextPort + 1
    fabric.send(
      .callerConnects(caller, scenario.entrance, port: nextPort), now: now)
  }

  mutating func ask(_ client: ClientID, _ question: Question) {
    guard downstreams.contains(client) else { return }
    var last = downstreams[client]!.lastUp
    fabric.send(.callerAsks(client, question), now: now, after: &last)
    downstreams[client]!.lastUp = last
  }

  mutating func hangUp(_ client: ClientID) {
    guard downstreams.contains(client) else { return }
    var last = downstreams[client]!.lastUp
    fabric.send(.callerCloses(client), now: now, after: &last)
    downstreams[client]!.lastUp = last
  }

  // MARK: At the frontend

  mutating func deliverToFrontend(_ message: Message) {
    switch message {
    case .callerConnects(let caller, let frontend, let port):
      let client = downstreams.insert(
        Downstream(caller: caller, frontend: frontend, port: port))
      // The kernel completes the handshake; a paused frontend takes the connection later.
      tellCaller(client, .callerConnected(caller, client, port: port))
      if pausedFrontends[frontend.index] {
        backlog.append(client)
      } else {
        accept(client)
      }
    case .callerAsks(let client, let question):
      guard downstreams.contains(client) else { return }
      downstreams[client]!.question = question
      if downstreams[client]!.accepted { request(client) }
    case .callerCloses(let client):
      guard let downstream = downstreams[client] else { return }
      if downstream.accepted {
        // Our callers close both ways at once: a server that writes to them is reset. What they asked
        // stays until the proxy has done with it.
        downstreams[client]!.hasLeft = true
        proxy.clientClosed(client, .reset, now: now, into: &proxyEffects)
        flushProxy()
      } else {
        downstreams.remove(client)
      }
    default:
      preconditionFailure("no message for a frontend: \(message)")
    }
  }

  private mutating func accept(_ client: ClientID) {
    guard let downstream = downstreams[client] else { return }
    downstreams[client]!.accepted = true
    if options.traces { trace.add(now, "proxy: accepted c\(client) from port \(downstream.port)") }
    proxy.accepted(
      client, on: downstream.frontend,
      from: ClientAddress(ip: ClientAddress.loopback, port: downstream.port), now: now,
      into: &proxyEffects)
    if downstream.question != nil { request(client) }
    flushProxy()
  }

  private mutating func request(_ client: ClientID) {
    guard let question = downstreams[client]?.question else { return }
    if options.traces { trace.add(now, "proxy: requested c\(client) \(question)") }
    checkers.requested(client, now: now)
    proxy.requested(
      client,
      Proxy.RequestHead(
        method: .get, keepAlive: true, complete: true, began: now, bytes: 0, kept: true),
      readsRequests ? message(of: question) : nil, now: now, into: &proxyEffects)
    flushProxy()
  }

  mutating func resumeFrontend(_ frontend: FrontendID) {
    pausedFrontends[frontend.index] = false
    while !pausedFrontends[frontend.index],
      let place = backlog.firstIndex(where: { downstreams[$0]?.frontend == frontend })
    {
      accept(backlog.remove(at: place))
    }
  }

  // MARK: Back at the caller

  mutating func tellCaller(_ client: ClientID, _ message: Message) {
    guard downstreams[client]?.hasLeft == false else { return }
    var last = downstreams[client]!.lastDown
    fabric.send(message, now: now, after: &last)
    downstreams[client]!.lastDown = last
  }

  mutating func deliverToCaller(_ message: Message) {
    switch message {
    case .callerConnected(.load(let slot), let client, let port):
      guard let entry = clientOfSlot[Int(slot.index)], entry.slot == slot else {
        // It gave up meanwhile.
        return hangUp(client)
      }
      clientOfSlot[Int(slot.index)] = (slot, client)
      load!.connected(slot, localPort: port, now: now, into: &loadEffects)
      flushLoad()
    case .callerConnected(.guest(let guest), let client, _):
      guestConnected(guest, client)
    case .callerAnswered(let client, let reply, let body):
      guard let caller = downstreams[client]?.caller else { return }
      switch caller {
      case .load(let slot):
        load!.answered(slot, reply, now: now, into: &loadEffects)
        flushLoad()
      case .guest(let guest): guestAnswered(guest, reply, body)
      }
    case .callerClosed(let client, let how):
      guard let downstream = downstreams.remove(client) else { return }
      switch downstream.caller {
      case .load(let slot):
        if let entry = clientOfSlot[Int(slot.index)], entry.slot == slot {
          clientOfSlot[Int(slot.index)] = nil
        }
        load!.closed(slot, how, now: now, into: &loadEffects)
        flushLoad()
      case .guest(let guest): guestClosed(guest)
      }
    default:
      preconditionFailure("no message for a caller: \(message)")
    }
  }
}

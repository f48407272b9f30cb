// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy

/// Requests that a test makes beside the load.
extension Simulation {
  /// A question on a connection of its own, to a frontend or to a node.
  struct Guest: Sendable {
    var question: KeystoneCall
    var answer: GuestAnswer?
    var client: ClientID?
  }

  /// What came back; a connection that ended without an answer has status 0.
  package struct GuestAnswer: Equatable, Sendable {
    package var status: Int
    package var subjectToken: String?
    package var body: [UInt8]
  }

  /// Asks, lets virtual time pass until the answer is there, and returns it.
  ///
  /// - Parameters:
  ///   - node: asks this node by itself; nil asks the first frontend.
  ///   - patience: how much virtual time may pass.
  /// - Returns: nil if no answer came in that time.
  package mutating func exchange(
    _ call: KeystoneCall, node: NodeID?, patience: Interval
  ) -> GuestAnswer? {
    let guest = GuestID(guests.count)
    guests.append(Guest(question: call))
    if let node {
      fabric.send(.peerConnects(.guest(guest), node), now: now)
    } else {
      connect(.guest(guest))
    }
    let end = now + patience
    while guests[guest.index].answer == nil, nextEvent <= end { step() }
    if let client = guests[guest.index].client { hangUp(client) }
    return guests[guest.index].answer
  }

  mutating func guestConnected(_ guest: GuestID, _ client: ClientID) {
    guests[guest.index].client = client
    ask(client, .keystone(guests[guest.index].question))
  }

  mutating func guestReachedNode(_ guest: GuestID, _ connection: NodeConnectionID) {
    askNode(connection, guests[guest.index].question, close: true)
  }

  mutating func guestAnswered(_ guest: GuestID, _ reply: LoadEngine.Reply, _ body: [UInt8]) {
    guests[guest.index].answer = GuestAnswer(
      status: reply.status, subjectToken: reply.subjectToken, body: body)
  }

  mutating func guestClosed(_ guest: GuestID) {
    guard guests[guest.index].answer == nil else { return }
    guests[guest.index].answer = GuestAnswer(status: 0, subjectToken: nil, body: [])
  }
}

// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// What a node is, in truth.
///
///     stopped ─start→ starting ─listens→ loading ─loads→ serving
///        ▲                                                  │ SIGTERM        │ graceful
///        │                                                  ▼                ▼
///        └──── gone ─── refusing ◀──── zombie time ──── zombie          finishing
///                          ▲                                                 │
///                          └──────────────── idle, and its time over ────────┘
///
/// SIGKILL leads from anywhere to `refusing` at once.
package enum NodePhase: String, CaseIterable, Equatable, Sendable {
  case stopped
  /// The process exists, the socket does not: connections are refused.
  case starting
  /// Listens; requests are held until the application is loaded.
  case loading
  case serving
  /// Told to finish: requests in flight go on, new connections get nothing.
  case finishing
  /// Told to stop: nothing works any more, but the socket still listens, and what connects is
  /// held and then dropped.
  case zombie
  /// The socket is closed, the process not yet gone.
  case refusing
}

package enum StopSignal: String, CaseIterable, Equatable, Sendable {
  /// SIGTERM.
  case terminate
  /// SIGKILL.
  case kill
  /// The server's own order to finish first, where it has one.
  case graceful
}

/// How long each phase of a node's life takes.
package struct NodeTimes: Equatable, Sendable {
  /// From the start of the process until its socket listens.
  package var listens: Distribution
  /// From listening until the application answers.
  package var loads: Distribution
  /// From SIGTERM until requests in flight are cut.
  package var cut: Distribution
  /// From SIGTERM until the socket stops listening and what it accepted is dropped.
  package var zombie: Distribution
  /// The same after a graceful stop; requests in flight may take longer.
  package var finishing: Distribution
  /// From SIGTERM, or the graceful stop, until the process is gone.
  package var gone: Distribution
  /// From SIGKILL until the process group is gone.
  package var killed: Distribution
  /// How much longer the socket listens, and the process is there, if nothing was in flight at the
  /// stop. Seen with uwsgi, whose master looks after its workers once a second: a worker that has a
  /// request is noticed a round earlier than one that waits for one.
  package var idle = Distribution.constant(.zero)
  /// From SIGKILL until its socket is closed: the processes of a group die one after the other, and
  /// what the last of them could still accept is dropped.
  package var dies = Distribution.constant(.zero)
  /// What each worker's first request after a start costs more.
  package var first = Distribution.constant(.zero)
  /// From the first answer of a started application until its caches are as they were.
  package var warmUp = Distribution.constant(.zero)
  /// How long a request takes at the beginning of that time, in percent of what it takes after it;
  /// it falls evenly. 100 has no such time.
  package var cold = 100

  package init(
    listens: Distribution, loads: Distribution, cut: Distribution, zombie: Distribution,
    finishing: Distribution, gone: Distribution, killed: Distribution
  ) {
    self.listens = listens
    self.loads = loads
    self.cut = cut
    self.zombie = zombie
    self.finishing = finishing
    self.gone = gone
    self.killed = killed
  }

  /// As measured on real Keystone under uwsgi with two workers and `die-on-term`: four users at a
  /// pace of one pair a second, two processor cores. A busier machine loads more slowly
  /// (3.3 s in the middle without waits between), an idle one in 1.6 s.
  package static let uwsgi = NodeTimes(
    listens: Distribution(.uniform(.milliseconds(20), .milliseconds(30))),
    loads: Distribution(.lognormal(median: .milliseconds(2_200), p99: .milliseconds(3_900))),
    cut: Distribution(.uniform(.zero, .milliseconds(50))),
    zombie: Distribution(.uniform(.milliseconds(980), .milliseconds(1_020))),
    finishing: Distribution(.uniform(.milliseconds(1_900), .milliseconds(2_100))),
    gone: Distribution(.uniform(.milliseconds(2_200), .milliseconds(3_000))),
    killed: Distribution(.lognormal(median: .milliseconds(1_450), p99: .milliseconds(2_040))))

  /// The same machine, with its causes apart: `loads` is the work of one worker, to be done on a
  /// machine of two cores that all share. Alone that takes 1.6 to 1.8 s; while four users keep the
  /// other node busy, twice as long.
  package static let measured = {
    var times = NodeTimes.uwsgi
    times.loads = Distribution(.lognormal(median: .milliseconds(1_700), p99: .milliseconds(2_000)))
    times.gone = Distribution(.uniform(.milliseconds(2_100), .milliseconds(3_000)))
    times.idle = Distribution(.uniform(.milliseconds(980), .milliseconds(1_020)))
    times.dies = Distribution(.uniform(.zero, .milliseconds(3)))
    times.first = Distribution(.uniform(.milliseconds(105), .milliseconds(155)))
    return times
  }()

  /// A node without inertia: what a fixture wants.
  package static let instant = NodeTimes(
    listens: .constant(.zero), loads: .constant(.zero), cut: .constant(.zero),
    zombie: .constant(.zero), finishing: .constant(.zero), gone: .constant(.zero),
    killed: .constant(.zero))

  package func divided(by divisor: Int64) -> NodeTimes {
    var times = NodeTimes(
      listens: listens.divided(by: divisor), loads: loads.divided(by: divisor),
      cut: cut.divided(by: divisor), zombie: zombie.divided(by: divisor),
      finishing: finishing.divided(by: divisor), gone: gone.divided(by: divisor),
      killed: killed.divided(by: divisor))
    times.idle = idle.divided(by: divisor)
    times.dies = dies.divided(by: divisor)
    times.first = first.divided(by: divisor)
    times.warmUp = warmUp.divided(by: divisor)
    times.cold = cold
    return times
  }
}

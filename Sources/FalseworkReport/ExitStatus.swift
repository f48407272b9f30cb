// SPDX-License-Identifier: Apache-2.0

/// The exit codes of `falsework`, documented in specs/result.md.
package enum ExitStatus: Int32, CaseIterable, Sendable {
  /// The run took place and kept all its thresholds.
  case held = 0
  case missed = 1
  /// The command line was wrong.
  case usage = 2
  /// The scenario or the proxy's configuration was wrong; nothing ran.
  case scenario = 3
  /// The program broke one of its own invariants: its result is not to be trusted.
  case broken = 4
  /// The load could not keep its pace: the run says nothing about the servers.
  case void = 5
  /// The rotation was given up.
  case aborted = 6
  /// The run could not begin, for example because a port is in use.
  case environment = 7
  /// A threshold was missed, as k6 says it (`--k6-exit-codes`).
  case missedAsK6 = 99
  /// Ctrl-C, as shells count it: 128 and the number of the signal.
  case interrupted = 130

  package var meaning: String {
    switch self {
    case .held: "the run took place and kept all its thresholds"
    case .missed: "a threshold was missed"
    case .usage: "the command line was wrong"
    case .scenario: "the scenario or the proxy's configuration was wrong"
    case .broken: "an invariant of the program was broken"
    case .void: "the load could not keep its pace: the run says nothing"
    case .aborted: "the rotation was given up"
    case .environment: "the run could not begin"
    case .missedAsK6: "a threshold was missed, with --k6-exit-codes"
    case .interrupted: "interrupted"
    }
  }
}

/// How a run came to its end.
package enum RunEnd: Equatable, Sendable {
  case completed
  /// Ctrl-C or another order to stop: the result is what there was so far.
  case interrupted
  case rotationAborted(String)
  /// A threshold with `or abort` was missed.
  case thresholdMissed(String)
  case invariantBroken(String)
  /// A load tool of the user's own ended with an error.
  case loadFailed(String)

  package var label: String {
    switch self {
    case .completed: "completed"
    case .interrupted: "interrupted"
    case .rotationAborted: "rotation aborted"
    case .thresholdMissed: "threshold missed"
    case .invariantBroken: "invariant broken"
    case .loadFailed: "load failed"
    }
  }

  package var reason: String? {
    switch self {
    case .completed, .interrupted: nil
    case .rotationAborted(let reason), .thresholdMissed(let reason), .invariantBroken(let reason),
      .loadFailed(let reason):
      reason
    }
  }
}

/// What is to be made of a run, the gravest first.
package enum Verdict: String, CaseIterable, Sendable {
  case broken
  case interrupted
  case aborted
  case void
  case missed
  case held

  package init(end: RunEnd, isVoid: Bool, thresholdsHeld: Bool) {
    self =
      switch end {
      case .invariantBroken: .broken
      case .interrupted: .interrupted
      case .rotationAborted: .aborted
      case .thresholdMissed, .loadFailed: .missed
      case .completed: isVoid ? .void : thresholdsHeld ? .held : .missed
      }
  }

  package var exitStatus: ExitStatus {
    switch self {
    case .broken: .broken
    case .interrupted: .interrupted
    case .aborted: .aborted
    case .void: .void
    case .missed: .missed
    case .held: .held
    }
  }
}

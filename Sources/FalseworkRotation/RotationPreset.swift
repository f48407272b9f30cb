// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// What the tools that upgrade a Keystone, or anything else behind a load balancer, do unless they are
/// told otherwise. `specs/rotation/presets.md` says where each value comes from.
package enum RotationPreset: String, CaseIterable, Equatable, Sendable {
  case openStackAnsible = "openstack-ansible"
  case openStackAnsible2017 = "openstack-ansible-2017"
  case kollaAnsible = "kolla-ansible"
  case kubernetes
  case awsALB = "aws-alb"

  package var plan: RotationPlan {
    var plan = RotationPlan.standard
    switch self {
    case .openStackAnsible:
      plan.strategy = .maint
      plan.laterBatches = [.percent(100)]
      plan.awaitUp = false
      plan.settle = .zero
    case .openStackAnsible2017:
      plan.awaitUp = false
    case .kollaAnsible:
      plan.batch = .percent(100)
      plan.awaitUp = false
      plan.settle = .zero
    case .kubernetes:
      plan.strategy = .maint
      plan.batch = .percent(25)
      plan.settle = .zero
      plan.patience = .seconds(600)
    case .awsALB:
      plan.strategy = .drain
      plan.wait = .untilIdle(cap: .seconds(300))
      plan.settle = .zero
      plan.patience = .seconds(600)
    }
    return plan
  }
}

extension RotationPlan {
  /// What every knob is unless it is set; of no nodes yet.
  package static let standard = RotationPlan(
    strategy: .restart, signal: .terminate, begin: .seconds(10), batch: .count(1), order: [],
    wait: .fixed(.zero), down: .zero, ready: .whenAnswering, awaitUp: true, settle: .seconds(2),
    poll: .milliseconds(100), patience: .seconds(60))
}

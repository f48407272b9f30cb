// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
package import FalseworkKeystone

extension ServiceModel {
  /// A real node: Keystone under uwsgi with two workers, memcached and twelve rounds of bcrypt,
  /// asked through HAProxy by one user at a time, so that nothing waits in it.
  ///
  /// Authentication had a median of 224 ms and a 99th percentile of 245 ms, validation 10 ms and
  /// 42 ms. Other calls were not timed apart and are taken to cost what a validation does. 100 is
  /// the listen queue that uwsgi ships with.
  package static let measured = ServiceModel(
    workers: 2, backlog: 100,
    authenticate: Distribution(.lognormal(median: .milliseconds(225), p99: .milliseconds(245))),
    validate: Distribution(.lognormal(median: .milliseconds(10), p99: .milliseconds(42))),
    other: Distribution(.lognormal(median: .milliseconds(10), p99: .milliseconds(42))),
    discovery: Distribution(.lognormal(median: .milliseconds(10), p99: .milliseconds(42))))
}

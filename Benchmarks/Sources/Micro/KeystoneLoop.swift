// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone

/// A node's identity service, from the call to the answer's bytes.
enum KeystoneLoop {
  static func validate(_ count: Int) { run(count, rendered: true) }
  static func validateUnrendered(_ count: Int) { run(count, rendered: false) }

  private static func run(_ count: Int, rendered: Bool) {
    var generator = SeededGenerator(seed: 1, stream: "keys")
    guard let release = Release.all.first(where: { $0.name == "ocata" }) else {
      preconditionFailure("no Ocata")
    }
    var service = IdentityService(
      release: release,
      options: IdentityService.Options(
        provider: .fernet, keys: .setup(using: &generator), lifetime: .seconds(3_600)),
      seed: 1, stream: "micro")
    var store = IdentityStore(.standard)
    let now = UTCTime(seconds: 1_790_000_000)
    let base = "http://127.0.0.1:5000"
    let request = AuthRequest.password(
      user: "admin", userDomain: "Default", password: "secret", project: "admin",
      projectDomain: "Default")
    let issued = service.answer(
      .authenticate(request, catalog: true), now: now, base: base, rendered: true, store: &store)
    guard let token = issued.subjectToken else { preconditionFailure("no token: \(issued)") }
    let call = KeystoneCall.validate(
      caller: token, subject: token, catalog: true, allowExpired: false)
    var output: [UInt8] = []
    for _ in 0..<count {
      let answer = service.answer(call, now: now, base: base, rendered: rendered, store: &store)
      guard answer.status == 200 else { preconditionFailure("\(answer.status)") }
      output.removeAll(keepingCapacity: true)
      if rendered { answer.append(to: &output, head: false, close: false) }
    }
    keep(output.count)
  }
}

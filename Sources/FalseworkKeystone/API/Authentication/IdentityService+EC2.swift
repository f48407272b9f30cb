// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkCrypto

/// `POST /v3/ec2tokens` and `/v3/s3tokens`: a service asks for the token of whoever signed a request
/// with an EC2 credential (`keystone/api/_shared/EC2_S3_Resource.py`).
extension IdentityService {
  mutating func ec2(
    _ request: APIRequest, _ endpoint: Endpoint, _ context: APIContext, rendered: Bool,
    _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    if release.identity.guardsEC2Tokens {
      try context.require("\(endpoint)_validate")
    }
    guard context.body.isTruthy else { throw .badRequest("request must include a request body") }
    let sent =
      ["credentials", "credential", "ec2Credentials"].compactMap { name in
        context.body[name].flatMap { $0.isTruthy ? $0 : nil }
      }.first ?? .object([:])
    guard let access = sent["access"]?.string else { throw .unauthorized }
    guard let row = store.credentials[Credentials.hash(access)], row.type == "ec2",
      let blob = JSONValue(Array(row.blob.utf8).span)
    else { throw .notFound("EC2 access key not found.") }
    try checkSignature(of: sent, secret: blob["secret"]?.string ?? "", endpoint)
    let project = row.projectID ?? ""
    guard let found = store.project(project) else { throw .missingRow("project", project) }
    guard let user = store.user(row.userID) else { throw .missingRow("user", row.userID) }
    guard user.enabled, found.enabled else { throw .unauthorized }
    try checkTime(of: sent, now: context.now)
    let token = try issue(
      blob: blob, userID: user.id, projectID: project, now: context.now, store)
    var answer = try answer(
      with: token, status: 200, catalog: true, base: context.base, rendered: rendered, &store)
    if endpoint == .s3tokens { answer.subjectToken = nil }
    return answer
  }

  private mutating func issue(
    blob: JSONValue, userID: String, projectID: String, now: UTCTime, _ store: IdentityStore
  ) throws(KeystoneError) -> TokenPayload {
    var token = TokenPayload(
      userID: userID, methods: ["ec2credential"],
      expiresAt: UTCTime(seconds: (now + options.lifetime).seconds),
      issuedAt: UTCTime(seconds: now.seconds), auditIDs: [Base64URL.encode(generator.bytes(16))])
    token.projectID = projectID
    if let id = blob["trust_id"]?.string {
      guard let trust = store.trusts[id], trust.deletedAt == nil else {
        throw .missingRow("trust", id)
      }
      token.trustID = id
      if trust.impersonation { token.userID = trust.trusteeUserID }
    }
    token.applicationCredentialID = blob["app_cred_id"]?.string
    token.accessTokenID = blob["access_token_id"]?.string
    try mint(token, now: now, store)
    return token
  }

  private func checkSignature(
    of sent: JSONValue, secret: String, _ endpoint: Endpoint
  ) throws(KeystoneError) {
    let given = Array((sent["signature"]?.string ?? "").utf8)
    var expected: [String?] = []
    if endpoint == .s3tokens {
      expected = [EC2Signature.expected(s3: sent["token"]?.string ?? "", secret: secret)]
    } else {
      let host = sent["host"]?.string ?? ""
      // A client may sign the name of the host without the port.
      for name in [host, String(host.prefix { $0 != ":" })] {
        expected.append(EC2Signature.expected(sent, secret: secret, host: name))
      }
    }
    for case let text? in expected {
      let bytes = Array(text.utf8)
      if equalInConstantTime(bytes.span, given.span) { return }
    }
    throw .unauthorized
  }

  /// `[credential] auth_ttl`: a signature is good for a quarter of an hour.
  private func checkTime(of sent: JSONValue, now: UTCTime) throws(KeystoneError) {
    let parameters = sent["params"]
    let text =
      parameters?["Timestamp"]?.string ?? parameters?["X-Amz-Date"]?.string
      ?? sent["headers"]?["X-Amz-Date"]?.string
    guard let text else { return }
    guard let time = EC2Time.read(text) else { throw .unauthorized }
    guard now <= time + .seconds(900) else { throw .unauthorized }
  }
}

/// `2026-01-02T03:04:05Z`, or the same without what parts it.
enum EC2Time {
  static func read(_ text: String) -> UTCTime? {
    let digits = text.utf8.filter { (0x30...0x39).contains($0) }.map { Int($0 - 0x30) }
    guard digits.count >= 14 else { return nil }
    func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
    let (year, month, day) = (number(0..<4), number(4..<6), number(6..<8))
    // Later years are beyond what nanoseconds in 64 bits reach.
    guard (1970...2200).contains(year), (1...12).contains(month), (1...31).contains(day) else {
      return nil
    }
    // Days since 1970 of a date of the Gregorian calendar, with the year beginning in March.
    let y = month > 2 ? year : year - 1
    let era = y / 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    let ofEra = y % 400
    let days = era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + dayOfYear - 719_468
    let seconds = days * 86_400 + number(8..<10) * 3_600 + number(10..<12) * 60 + number(12..<14)
    return UTCTime(seconds: Int64(seconds))
  }
}

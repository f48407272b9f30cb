// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP

/// Heads as they go through the proxy.
enum CodecLoop {
  static func run(_ count: Int) {
    let token = String(repeating: "gAAAAABn", count: 23)
    let request = Array(
      """
      GET /v3/auth/tokens HTTP/1.1\r
      host: 127.0.0.1:5000\r
      user-agent: falsework\r
      accept: application/json\r
      x-auth-token: \(token)\r
      x-subject-token: \(token)\r
      \r

      """.utf8)
    let response = Array(
      """
      HTTP/1.1 200 OK\r
      content-type: application/json\r
      content-length: 2048\r
      x-subject-token: \(token)\r
      vary: X-Auth-Token\r
      x-openstack-request-id: req-6a1f2d38-77a4-4c5e-9d11-0f3c8a5b7e21\r
      \r

      """.utf8)
    var requests = HTTPParser(kind: .request, limits: .haproxy)
    var responses = HTTPParser(kind: .response, limits: .haproxy)
    var head = HTTPHead()
    for _ in 0..<count {
      guard requests.parse(request.span, into: &head) == .head,
        responses.parse(response.span, into: &head) == .head
      else { preconditionFailure("the sample is no message") }
    }
    keep(head.status)
  }
}

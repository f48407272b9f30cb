// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// `POST /v3/OS-OAUTH2/token`: client credentials (RFC 6749, 4.4), which here are those of an
/// application (`keystone/api/os_oauth2.py`). Errors are those of OAuth 2.0, not Keystone's.
extension IdentityService {
  mutating func oauth2(
    _ request: APIRequest, _ context: APIContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let base = context.base
    let form = KeystoneRouter.pairs(String(decoding: request.body, as: UTF8.self)[...])
    func field(_ name: String) -> String? { form.first { $0.name == name }?.value }
    guard let grant = field("grant_type") else {
      return oauth2Refusal(400, "invalid_request", "The parameter grant_type is required.", base)
    }
    guard grant == "client_credentials" else {
      return oauth2Refusal(
        400, "unsupported_grant_type", "The parameter grant_type \(grant) is not supported.", base)
    }
    var client = (id: field("client_id"), secret: field("client_secret"))
    if let basic = Self.basic(request.fields.authorization) { client = basic }
    guard let id = client.id, !id.isEmpty, let secret = client.secret, !secret.isEmpty else {
      return oauth2Refusal(401, "invalid_client", "Client authentication failed.", base)
    }
    let data: JSONObject = ["id": .string(id), "secret": .string(secret)]
    var login = AuthRequest(
      methods: ["application_credential"], user: nil, password: nil, token: nil, scope: .unstated)
    login.sent = .init(
      identity: .object(["application_credential": .object(data)]), scope: nil,
      fields: request.fields, target: request.target)
    let token: TokenPayload
    do throws(KeystoneError) {
      token = try authenticate(login, now: context.now, base: base, store: &store)
    } catch {
      switch error.status {
      case 401: return oauth2Refusal(401, "invalid_client", error.message, base)
      case 400: return oauth2Refusal(400, "invalid_request", error.message, base)
      default:
        return oauth2Refusal(
          error.status, "other_error",
          "An unknown error occurred and failed to get an OAuth2.0 access token.", base)
      }
    }
    let text = try seal(token, base: base, store: &store)
    var json = JSONWriter(.compact)
    json.object {
      $0.member("access_token", text)
      $0.member("expires_in", Int(options.lifetime.nanoseconds / 1_000_000_000))
      $0.member("token_type", "Bearer")
    }
    return KeystoneAnswer(status: 200, operation: .other, body: json.bytes + [0x0A])
  }

  private static func basic(_ authorization: String?) -> (id: String?, secret: String?)? {
    guard let authorization, authorization.lowercased().hasPrefix("basic ") else { return nil }
    let plain = authorization.dropFirst(6).prefix { $0 != "=" }
      .map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
    guard let bytes = Base64URL.decode(String(plain).utf8),
      let text = String(validating: bytes, as: UTF8.self), let colon = text.firstIndex(of: ":")
    else { return nil }
    return (String(text[..<colon]), String(text[text.index(after: colon)...]))
  }

  func oauth2Refusal(
    _ status: Int, _ error: String, _ description: String, _ base: String
  ) -> KeystoneAnswer {
    var json = JSONWriter(.compact)
    json.object {
      $0.member("error", error)
      $0.member("error_description", description)
    }
    var answer = KeystoneAnswer(status: status, operation: .other, body: json.bytes + [0x0A])
    answer.speaksPlainly = true
    if status == 401 {
      answer.fields = [.init(name: "WWW-Authenticate", value: "Keystone uri=\"\(base)/v3\"")]
    }
    return answer
  }
}

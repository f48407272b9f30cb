// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto

/// Signatures of Amazon's APIs, as a service passes them on to Keystone: versions 0, 1, 2 and 4 for
/// EC2 (`keystoneclient/contrib/ec2/utils.py`), 1 and 4 for S3 (`keystone/api/s3tokens.py`).
enum EC2Signature {
  /// The signature that the request of a client should carry; nil if it is of no version that there
  /// is.
  static func expected(_ request: JSONValue, secret: String, host: String) -> String? {
    let parameters = request["params"]?.object ?? [:]
    func value(_ name: String) -> String { parameters[name]?.pythonText ?? "" }
    let key = Array(secret.utf8)
    switch parameters["SignatureVersion"]?.pythonText {
    case "0":
      return Base64.encode(
        HMACSHA1.code(Array((value("Action") + value("Timestamp")).utf8), key: key))
    case "1":
      let text = parameters.keys.sorted { $0.lowercased() < $1.lowercased() }
        .map { $0 + value($0) }.joined()
      return Base64.encode(HMACSHA1.code(Array(text.utf8), key: key))
    case "2":
      var signed = parameters
      signed["SignatureMethod"] = .string("HmacSHA256")
      let head = [request["verb"], request["path"]].map { $0?.string ?? "" }
      let text = "\(head[0])\n\(host)\n\(head[1])\n" + canonical(signed)
      return Base64.encode(code(text, key))
    case nil:
      return version4(request, parameters, secret)
    default:
      return nil
    }
  }

  private static func canonical(_ parameters: JSONObject) -> String {
    parameters.keys.sorted().map { name in
      OAuth1.encoded(name) + "=" + OAuth1.encoded(parameters[name]?.pythonText ?? "")
    }.joined(separator: "&")
  }

  private static func version4(
    _ request: JSONValue, _ parameters: JSONObject, _ secret: String
  ) -> String? {
    var fields: [String: String] = [:]
    for (name, value) in request["headers"]?.object?.members ?? [] {
      fields[name.lowercased()] = value.pythonText
    }
    let authorization = request["headers"]?["Authorization"]?.string
    func part(_ name: String) -> String {
      guard let authorization else { return parameters["X-Amz-" + name]?.string ?? "" }
      guard let found = authorization.firstRange(of: name + "=") else { return "" }
      return String(authorization[found.upperBound...].prefix { $0 != "," })
    }
    guard let verb = request["verb"]?.string, let path = request["path"]?.string,
      authorization?.hasPrefix("AWS4-HMAC-SHA256") == true
        || parameters["X-Amz-Algorithm"]?.string == "AWS4-HMAC-SHA256"
    else { return nil }
    let signed = part("SignedHeaders")
    let canonicalFields = signed.split(separator: ";").compactMap { name in
      fields[String(name)].map { name + ":" + $0 }
    }.joined(separator: "\n")
    let whole = [
      verb.uppercased(), path, verb.uppercased() == "POST" ? "" : canonical(parameters),
      canonicalFields + "\n", signed, request["body_hash"]?.string ?? "",
    ].joined(separator: "\n")
    let credential = part("Credential").split(separator: "/").map(String.init)
    let date = fields["x-amz-date"] ?? parameters["X-Amz-Date"]?.string ?? ""
    guard credential.count == 5, date.hasPrefix(credential[1]) else { return nil }
    let text = [
      "AWS4-HMAC-SHA256", date, credential[1...].joined(separator: "/"),
      UUIDText.text(of: SHA256.digest(Array(whole.utf8))),
    ].joined(separator: "\n")
    return UUIDText.text(of: code(text, signingKey(secret, Array(credential[1...]))))
  }

  /// What S3 signs is sent along, in URL-safe base64.
  static func expected(s3 token: String, secret: String) -> String? {
    guard let bytes = Base64URL.decode(String(token.prefix { $0 != "=" }).utf8) else { return nil }
    guard bytes.starts(with: "AWS4".utf8) else {
      return Base64.encode(HMACSHA1.code(bytes, key: Array(secret.utf8)))
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    guard lines.count == 4, lines[0] == "AWS4-HMAC-SHA256" else { return nil }
    let scope = lines[2].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard scope.count == 4, scope[3] == "aws4_request", ["s3", "iam", "sts"].contains(scope[2])
    else { return nil }
    return UUIDText.text(of: HMACSHA256.code(bytes.span, key: signingKey(secret, scope)))
  }

  private static func signingKey(_ secret: String, _ scope: [String]) -> [UInt8] {
    scope.reduce(Array(("AWS4" + secret).utf8)) { key, part in code(part, key) }
  }

  private static func code(_ text: String, _ key: [UInt8]) -> [UInt8] {
    let bytes = Array(text.utf8)
    return HMACSHA256.code(bytes.span, key: key)
  }
}

// SPDX-License-Identifier: Apache-2.0
package import FalseworkHTTP

/// The address that a client used: what links in answers begin with.
extension KeystoneRouter {
  /// Since Stein the scheme is taken from `X-Forwarded-Proto` (Werkzeug's `ProxyFix`). Only a node
  /// that is told to believes the rest that proxies say, `Forwarded` before `X-Forwarded-…`
  /// (`oslo_middleware.http_proxy_to_wsgi`). A port that goes without saying is left out.
  package static func base(
    _ head: HTTPHead, _ bytes: Span<UInt8>, otherwise own: (host: String, port: Int),
    release: Release, parsesProxyFields: Bool
  ) -> String {
    var scheme = "http"
    var host = head.first(.host).map { bytes.text($0.value) } ?? ""
    var prefix = ""
    if release.usesFlask || parsesProxyFields, let field = head.first(.xForwardedProto) {
      scheme = lastWord(bytes.text(field.value)) ?? scheme
    }
    if parsesProxyFields {
      for field in head.fields where field.id == .other {
        switch bytes.text(field.name).lowercased() {
        case "x-forwarded-host": host = bytes.text(field.value)
        case "x-forwarded-prefix": prefix = bytes.text(field.value)
        default: continue
        }
      }
      if let forwarded = forwarded(head, bytes) {
        scheme = forwarded.proto ?? scheme
        host = forwarded.host ?? host
      }
    }
    if host.isEmpty { host = "\(own.host):\(own.port)" }
    let standard = scheme == "https" ? ":443" : ":80"
    if host.hasSuffix(standard) { host.removeLast(standard.count) }
    while prefix.hasSuffix("/") { prefix.removeLast() }
    return scheme + "://" + host + prefix
  }

  private static func lastWord(_ list: String) -> String? {
    list.split(separator: ",").last.map { $0.filter { !$0.isWhitespace } }
      .flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The first element of `Forwarded` (RFC 7239): the proxy that the client spoke to.
  private static func forwarded(
    _ head: HTTPHead, _ bytes: Span<UInt8>
  ) -> (proto: String?, host: String?)? {
    for field in head.fields
    where field.id == .other && bytes.equalsIgnoringCase("forwarded", in: field.name) {
      var found: (proto: String?, host: String?) = (nil, nil)
      let first = bytes.text(field.value).prefix { $0 != "," }
      for pair in first.split(separator: ";") {
        let parts = pair.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { continue }
        let value = parts[1].filter { $0 != "\"" && !$0.isWhitespace }
        switch parts[0].filter({ !$0.isWhitespace }).lowercased() {
        case "proto": found.proto = value
        case "host": found.host = value
        default: continue
        }
      }
      return found
    }
    return nil
  }
}

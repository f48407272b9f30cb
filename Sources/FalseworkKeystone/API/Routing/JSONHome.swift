// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// The home document of the API (draft-nottingham-json-home), made from the table of routes: what a
/// client that asks for `application/json-home` is told about the paths that there are.
enum JSONHome {
  private static let base = "https://docs.openstack.org/api/openstack-identity/3/"

  /// - Parameter prefix: `/v3` where the document is that of all versions.
  static func document(_ release: Release, prefix: String) -> [UInt8] {
    var json = JSONWriter(.spaced)
    json.object {
      $0.member("resources") { resources in
        for route in Route.all where release.number >= route.since && !route.isAlias {
          resource(&resources, relation: route.endpoint.rawValue, route, prefix)
          if let second = secondRelation(of: route.endpoint) {
            resource(&resources, relation: second, route, prefix)
          }
        }
      }
    }
    return json.bytes
  }

  private static func resource(
    _ json: inout JSONWriter, relation: String, _ route: Route, _ prefix: String
  ) {
    json.member(base + relation) { resource in
      var names: [String] = []
      for case .parameter(let name) in route.segments { names.append(name) }
      if names.isEmpty {
        resource.member("href", prefix + route.template)
      } else {
        resource.member("href-template", prefix + route.template)
        resource.member("href-vars") { variables in
          for name in names { variables.member(name, base + parameter(name)) }
        }
      }
      if isExperimental(route.endpoint) {
        resource.member("hints") { $0.member("status", "experimental") }
      }
    }
  }

  /// Two that federation had before they became everybody's.
  private static func secondRelation(of endpoint: Endpoint) -> String? {
    switch endpoint {
    case .authProjects: "ext/OS-FEDERATION/1.0/rel/projects"
    case .authDomains: "ext/OS-FEDERATION/1.0/rel/domains"
    default: nil
    }
  }

  private static func isExperimental(_ endpoint: Endpoint) -> Bool {
    switch endpoint {
    case .limits, .limit, .limitModel, .registeredLimits, .registeredLimit: true
    default: false
    }
  }

  private static func parameter(_ name: String) -> String {
    switch name {
    case "idp_id", "protocol_id", "mapping_id", "service_provider_id":
      "ext/OS-FEDERATION/1.0/param/" + name
    case "endpoint_group_id": "ext/OS-EP-FILTER/1.0/param/" + name
    case "trust_id": "ext/OS-TRUST/1.0/param/" + name
    case "consumer_id", "request_token_id", "access_token_id": "ext/OS-OAUTH1/1.0/param/" + name
    case "group", "option": "param/config_" + name
    case "value": "param/tag_value"
    case "prior_role_id", "implied_role_id": "param/role_id"
    default: "param/" + name
    }
  }

  /// Whether a client would rather have this document than plain JSON (RFC 9110, 12.5.1): named
  /// with more weight, or with as much and more exactly.
  static func isPreferred(by accept: String?) -> Bool {
    guard let accept else { return false }
    let ranges = accept.lowercased().split(separator: ",").map { range in
      let parts = range.split(separator: ";").map { part in part.filter { !$0.isWhitespace } }
      let quality = parts.dropFirst().first { $0.hasPrefix("q=") }
      return (
        type: parts.first ?? "", weight: quality.map { thousandths($0.dropFirst(2)) } ?? 1_000
      )
    }
    func weight(_ type: String) -> (Int, Int) {
      for (exactness, name) in [(2, type), (1, "application/*"), (0, "*/*")] {
        let fitting = ranges.filter { $0.type == name }
        if let best = fitting.map(\.weight).max() { return (best, best > 0 ? exactness : 0) }
      }
      return (0, 0)
    }
    return weight("application/json-home") > weight("application/json")
  }

  /// `0.125` is 125.
  private static func thousandths(_ text: Substring) -> Int {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard let whole = parts.first.flatMap({ Int($0) }) else { return 0 }
    guard parts.count > 1 else { return whole * 1_000 }
    let digits = (parts[1] + "000").prefix(3)
    return whole * 1_000 + (Int(digits) ?? 0)
  }
}

extension Discovery {
  /// `GET /` and `GET /v3`, in the form that the client would rather have.
  static func answer(_ request: APIRequest, _ release: Release, base: String) -> KeystoneAnswer {
    let ofAll = request.place == .versions
    if JSONHome.isPreferred(by: request.fields.accept) {
      return KeystoneAnswer(
        status: 200, operation: .discovery, contentType: .jsonHome,
        body: JSONHome.document(release, prefix: ofAll ? "/v3" : ""))
    }
    return ofAll ? versionsAnswer(release, base: base) : versionAnswer(release, base: base)
  }

  static func versionsAnswer(_ release: Release, base: String) -> KeystoneAnswer {
    KeystoneAnswer(
      status: 300, operation: .discovery,
      fields: [.init(name: "Location", value: base + "/v3/")],
      body: versions(release, base: base))
  }

  static func versionAnswer(_ release: Release, base: String) -> KeystoneAnswer {
    KeystoneAnswer(status: 200, operation: .discovery, body: version(release, base: base))
  }
}

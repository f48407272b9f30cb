// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// The version documents (Identity API v3, "API versions").
enum Discovery {
  static func versions(_ release: Release, base: String) -> [UInt8] {
    var json = JSONWriter(.spaced)
    json.object {
      $0.member("versions") { versions in
        versions.list(
          "values",
          { values in
            values.object { version3(&$0, release, base) }
            if release.discovery.listsVersion2 { values.object { version2(&$0, base) } }
          })
      }
    }
    return json.bytes
  }

  static func version(_ release: Release, base: String) -> [UInt8] {
    var json = JSONWriter(.spaced)
    json.object { $0.member("version") { version3(&$0, release, base) } }
    return json.bytes
  }

  private static func version3(_ json: inout JSONWriter, _ release: Release, _ base: String) {
    json.member("id", release.discovery.version)
    json.member("status", "stable")
    json.member("updated", release.discovery.updated + "T00:00:00Z")
    json.list(
      "links",
      { links in
        links.object {
          $0.member("rel", "self")
          $0.member("href", base + "/v3/")
        }
      })
    json.list("media-types", { mediaType(&$0, "v3") })
  }

  private static func version2(_ json: inout JSONWriter, _ base: String) {
    json.member("id", "v2.0")
    json.member("status", "deprecated")
    json.member("updated", "2016-08-04T00:00:00Z")
    json.list(
      "links",
      { links in
        links.object {
          $0.member("rel", "self")
          $0.member("href", base + "/v2.0/")
        }
        links.object {
          $0.member("rel", "describedby")
          $0.member("type", "text/html")
          $0.member("href", "https://docs.openstack.org/")
        }
      })
    json.list("media-types", { mediaType(&$0, "v2.0") })
  }

  private static func mediaType(_ json: inout JSONWriter, _ version: String) {
    json.object {
      $0.member("base", "application/json")
      $0.member("type", "application/vnd.openstack.identity-\(version)+json")
    }
  }
}

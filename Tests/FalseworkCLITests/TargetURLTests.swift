// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkCLI

@Suite struct TargetURLTests {
  @Test(arguments: [
    ("http://a", false, "a", 80, "/"), ("https://a", true, "a", 443, "/"),
    ("http://a:8080/x?y=1", false, "a", 8_080, "/x?y=1"),
    ("https://[::1]:8443/v3", true, "::1", 8_443, "/v3"),
    ("http://[::1]", false, "::1", 80, "/"),
  ]) func `a URL is read in its parts`(
    text: String, isSecure: Bool, host: String, port: Int, path: String
  ) throws {
    let url = try TargetURL(text)
    #expect(url.isSecure == isSecure && url.host == host && url.port == port && url.path == path)
  }

  @Test(arguments: [
    "", "a", "ftp://a", "http://", "http://:80", "http://a:", "http://a:0", "http://a:65536",
    "http://a:x/", "https://[::1", "http://[::1]x",
  ]) func `what is no URL is refused`(text: String) {
    #expect(throws: CommandEnd.self) { try TargetURL(text) }
  }
}

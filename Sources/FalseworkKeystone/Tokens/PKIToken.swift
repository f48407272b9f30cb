// SPDX-License-Identifier: Apache-2.0
package import FalseworkCrypto

/// Tokens of the providers `pki` and `pkiz`: the whole answer, signed
/// (python-keystoneclient, `common/cms.py`).
///
/// The server verifies none of it: it looks the token up in its table, under the MD5 of the id.
/// Services verified it, with the certificate that they fetched.
package enum PKIToken {
  /// `PKIZ_`, then base64 of what zlib made of the PEM text.
  private static let packedPrefix = "PKIZ_"
  private static let begin = "-----BEGIN CMS-----"
  private static let end = "-----END CMS-----"
  /// What a packed token may come to; the largest seen of a real catalog were some 8 kB.
  private static let longest = 1 << 20

  package static func seal(_ body: [UInt8], packed: Bool, signer: CMSSigner) -> String {
    let pem = signer.sign(body)
    if packed {
      return packedPrefix + Base64URL.encode(Zlib.compress(Array(pem.utf8)), padded: true)
    }
    // Lines joined, and `/` made safe for a URL; `+` and `=` stay.
    return pem.replacing(begin, with: "").replacing(end, with: "").replacing("\n", with: "")
      .replacing("/", with: "-")
  }

  /// Whether Keystone takes an id for one of these and looks it up by its digest.
  package static func isOne(_ id: String) -> Bool {
    id.hasPrefix("MII") || id.hasPrefix(packedPrefix)
  }

  /// The key of the row of a token: `[token] hash_algorithm` is MD5, and ids of other kinds stay
  /// as they are.
  package static func rowKey(_ id: String) -> String {
    isOne(id) ? UUIDText.text(of: MD5.digest(Array(id.utf8))) : id
  }

  /// The PEM text that an id stands for; nil if it is none.
  package static func pem(of id: String) -> String? {
    if id.hasPrefix(packedPrefix) {
      guard let packed = Base64URL.decode(String(id.dropFirst(packedPrefix.count)).utf8),
        let text = Zlib.decompress(packed, limit: longest)
      else { return nil }
      return String(validating: text, as: UTF8.self)
    }
    guard id.hasPrefix("MII"), id.utf8.count <= longest else { return nil }
    var pem = begin + "\n"
    var column = 0
    for character in id.utf8 {
      pem.unicodeScalars.append(character == 0x2D ? "/" : Unicode.Scalar(character))
      column += 1
      if column % 64 == 0 { pem += "\n" }
    }
    return pem + (column % 64 == 0 ? "" : "\n") + end + "\n"
  }
}

extension CMSSigner {
  /// The certificate of every node of a fake cluster, as `keystone-manage pki_setup` makes one. Its
  /// key is no secret, and the same in every run, so that a run makes the same tokens each time.
  package static let standard = CMSSigner(
    certificatePEM: """
      -----BEGIN CERTIFICATE-----
      MIIDkTCCAnmgAwIBAgIUW7y007EdNJHrn0NJjJSodqWupOcwDQYJKoZIhvcNAQEL
      BQAwVzELMAkGA1UEBhMCVVMxDjAMBgNVBAgMBVVuc2V0MQ4wDAYDVQQHDAVVbnNl
      dDEOMAwGA1UECgwFVW5zZXQxGDAWBgNVBAMMD3d3dy5leGFtcGxlLmNvbTAgFw0y
      NjExMjQyMzIwMjNaGA8yMTI2MTAzMTIzMjAyM1owVzELMAkGA1UEBhMCVVMxDjAM
      BgNVBAgMBVVuc2V0MQ4wDAYDVQQHDAVVbnNldDEOMAwGA1UECgwFVW5zZXQxGDAW
      BgNVBAMMD3d3dy5leGFtcGxlLmNvbTCCASIwDQYJKoZIhvcNAQEBBQADggEPADCC
      AQoCggEBAJ8sdR2HaQhf1ipLsuqARF6f8F7XL4rkPcIjpDqN8Kk+rotAwwQ2296E
      whimPJW6ef9oD9D3YF1pooMu/iwFuH7VfbAH/4lmbQjheXFXBrYJ2TW3XnigZdxB
      uid6ZsvvIlK4yRzmMyRILIcFsgeP7fnYCW0l+oPK+Iu0M4uzh9Iwln/PgCA6T33w
      LZAmc69M/C9ORQxntdxEceO7AClOMecvf1u5NmxT1pFWtln9jIIr2EzR4+FDqYuz
      IOYnF2whEgRRmCupaAzQ9V6UG4fuCsHyrTsdyB9Q8pBOEAmffRujOmHLaVEZGPJ/
      eBSnvftGjtPuroBcYZBpF+o1O+zBN5kCAwEAAaNTMFEwHQYDVR0OBBYEFIeUIdA2
      nRq1h9wwTwXCYK6HgIVqMB8GA1UdIwQYMBaAFIeUIdA2nRq1h9wwTwXCYK6HgIVq
      MA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADggEBAH85KtQwpxVQmVZP
      ylnz1guV8xXaDP+ytoglhuc+TiIDcPq7bsK6b8l1Q0LZ/LSuVxQMjfNRxuan8NmG
      LCEM0K9g3Yd3X4Z/RbA5bGaj4cDuQTN1ziFK2rx9lMJZseJbiHEwuPPo7VsB/GNY
      EpZy/YXZ4mC7a4HShCb2bN49IhwbaK4uGsojCWIyroRkeblKVTaA22hbA/4GpN7O
      o/waKTk1reO6aZQk7GKCkKrOAcDR/tLk8HitvKXc6ykHZP+UIfYZD5yh1rMJoLnG
      FnzQfZKeLQoC3KSVaAFxfqrIYstWaG1wTOcwMKCIHDK/qAfQxVxjMQWo5r6j8VZY
      qr6cCc0=
      -----END CERTIFICATE-----

      """,
    keyPEM: """
      -----BEGIN PRIVATE KEY-----
      MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCfLHUdh2kIX9Yq
      S7LqgERen/Be1y+K5D3CI6Q6jfCpPq6LQMMENtvehMIYpjyVunn/aA/Q92BdaaKD
      Lv4sBbh+1X2wB/+JZm0I4XlxVwa2Cdk1t154oGXcQbonembL7yJSuMkc5jMkSCyH
      BbIHj+352AltJfqDyviLtDOLs4fSMJZ/z4AgOk998C2QJnOvTPwvTkUMZ7XcRHHj
      uwApTjHnL39buTZsU9aRVrZZ/YyCK9hM0ePhQ6mLsyDmJxdsIRIEUZgrqWgM0PVe
      lBuH7grB8q07HcgfUPKQThAJn30bozphy2lRGRjyf3gUp737Ro7T7q6AXGGQaRfq
      NTvswTeZAgMBAAECggEABE95JXFRDhXAUDloETMjhtd4dC0KH84CASOjcyV8Xqzw
      n5tDnLXamupH8lBwJBLecmTwRrWoQadWbAyF/A20mxSveGijCibAraSjfAcCCsR2
      Ah8i2wvm7kHGZ4LITV3+tTRFV/fA60rcD9T+5vcGGAW6bZ8Ba3e/5tKcsbwNIcs9
      nDJPhxzlQdgqX+1XuJ6W5sRV1BzhflXS8ybmu+XJ4KLeqyg6pfRtYd+F+pq7USdH
      fwEWWM4FhlbPgdDIYGZvVkqawSygxz/AVkvyPrVFqIw10Eitc1L8Xk3qU9A+xbJm
      6E6D8V4ZjdFz3xE+bJb0LKGTwoGullVq4/+1xr60bQKBgQDPdRwcMjFHQP1s3w5Z
      76RblKHG31nflTMeLyhxqI0UsFj0WZbAG7dWeI8jmDgaiZdfdSlbE1MLOuA71mqJ
      cpd5yFWp70JVkNRcfanlyn4xJIex0pXcbHB9TxdMtBdoM/K938n7H5tJXJK99y2L
      i4FmMDmzsbFMvo6U8QvpnSmC5QKBgQDEaxq1w6Nbk9TTgKHer36TpI552yoYBcAv
      CMwgi2ze+6li3jtx2lGpDieywtKec4kXU9eCASFKNFvqDknQxSrc+IWIyoBk5wNB
      kSRoNCYNNW+LuhpniIzEjEn2+iQ3GYBLEtbgxv71SBps8NpNSlHniU9NYDh28Msn
      NYOB6yDSpQKBgQC9VPDRntEwaVSgHrX3SGjkl7JJUJ+yGHVtj7ZGfIA9KHAWmQim
      zOS2ixJ/drWFKps2qDOVBf7dGd95XMcgJ6+smjPsAgq1EpdszdbXe8VNTjx1Am54
      m5LSGfN2sklGdVqNBQdOI1tSSaU2r7YmS6xNuad/oqTgGG0B6zdm/mLbLQKBgCyA
      F40Wxev5kj5Y5lONbyAEKENzZBYNN31wgM7ex8u9OKMttkoVLGsgyd22RgGgK28d
      j7Xki6ZENo7QreiewxdNNvPG7U/vBs3UFGuHZReZA6ykfVb3mOzu29MY2Ruiq25W
      1lgWvazUqSgFaXAZZnUOpujg4+oOo/g+J41HuCgBAoGAVy9aZjU+VS2qbckZEMZd
      /ZgMSvJnQYbkV7x25RnKWiAebPSZ3OFoRYrhw+ys6l4gq19BMhtIcnAFvp6wcchb
      DfLLhdZQq4lu7zxWj+vENxwS0tHismCZP7mjJtGN8MGdyTAAFYZPRrUNiqokQva3
      yl1XHu5KkBsOCMO/OlRX1jg=
      -----END PRIVATE KEY-----

      """)!
}

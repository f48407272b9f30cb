// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto
import Testing

@Suite struct SignatureKeyTests {
  private static let message = Array("what is signed".utf8)

  @Test(arguments: SignatureCurve.allCases) func `a signature is verified by its own key alone`(
    curve: SignatureCurve
  ) throws {
    let key = SignatureKey.generate(curve)
    let signature = key.sign(Self.message)
    let widths: [SignatureCurve: Int] = [
      .p256: 64, .p384: 96, .p521: 132, .ed25519: 64, .ed448: 114,
    ]
    #expect(signature.count == widths[curve])
    let copy = try #require(SignatureKey(publicPEM: key.publicPEM))
    #expect(copy.curve == curve && !copy.isPrivate)
    #expect(copy.verifies(signature, of: Self.message))
    #expect(!copy.verifies(signature, of: Self.message + [0]))
    #expect(!copy.verifies(Array(signature.dropLast()), of: Self.message))
    #expect(!copy.verifies([], of: Self.message))
    #expect(!copy.verifies([UInt8](repeating: 0, count: signature.count), of: Self.message))
    #expect(!SignatureKey.generate(curve).verifies(signature, of: Self.message))
    let again = try #require(SignatureKey(privatePEM: key.privatePEM))
    #expect(again.publicPEM == key.publicPEM && again.isPrivate)
  }

  @Test func `the same secret number makes the same key`() throws {
    let key = try #require(SignatureKey(p256Secret: Array(1...32)))
    #expect(key.publicPEM == SignatureKey(p256Secret: Array(1...32))?.publicPEM)
    #expect(key.publicPEM != SignatureKey(p256Secret: Array(2...33))?.publicPEM)
  }

  @Test(arguments: [
    "", "no PEM", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
  ]) func `what is no key is none`(text: String) {
    #expect(SignatureKey(publicPEM: text) == nil)
    #expect(SignatureKey(privatePEM: text) == nil)
  }

  @Test func `many signatures keep their fixed width, whatever zeros they begin with`() throws {
    let key = try #require(SignatureKey(p256Secret: Array(1...32)))
    for number in 0..<300 {
      let message = [UInt8(number & 255), UInt8(number >> 8)]
      let signature = key.sign(message)
      #expect(signature.count == 64 && key.verifies(signature, of: message))
    }
  }
}

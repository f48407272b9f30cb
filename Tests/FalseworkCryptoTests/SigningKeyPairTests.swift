// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto
import Testing

@Suite struct SigningKeyPairTests {
  /// The sizes of what cryptography 50 writes for keystone-manage: a PKCS#8 file and a public one.
  @Test(arguments: [
    (SigningKeyPair.Algorithm.es256, 241, 178), (.es384, 306, 215), (.es512, 384, 268),
    (.edDSA, 119, 113),
  ]) func `a pair is PEM text of the size that Keystone's has`(
    algorithm: SigningKeyPair.Algorithm, privateSize: Int, publicSize: Int
  ) {
    let pair = SigningKeyPair(algorithm)
    #expect(pair.privateKey.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
    #expect(pair.publicKey.hasPrefix("-----BEGIN PUBLIC KEY-----\n"))
    #expect(pair.privateKey.utf8.count == privateSize)
    #expect(pair.publicKey.utf8.count == publicSize)
    #expect(SigningKeyPair(algorithm) != pair)
  }
}

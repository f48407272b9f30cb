// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Testing

@Suite struct UUIDTextTests {
  private static let bytes: [UInt8] = [
    0x8E, 0x80, 0x68, 0xBE, 0xAA, 0x27, 0x48, 0x93, 0x8B, 0x55, 0xB1, 0x95, 0x90, 0x5F, 0xBC, 0x8F,
  ]

  @Test(arguments: [
    "8e8068beaa2748938b55b195905fbc8f", "8E8068BEAA2748938B55B195905FBC8F",
    "8e8068be-aa27-4893-8b55-b195905fbc8f", "{8e8068be-aa27-4893-8b55-b195905fbc8f}",
    "urn:uuid:8e8068be-aa27-4893-8b55-b195905fbc8f", "8e8068beaa2748938b55b195905fbc8-f",
  ]) func `every spelling that Python takes is read`(text: String) {
    #expect(UUIDText.bytes(of: text) == Self.bytes)
  }

  @Test(arguments: [
    "", "default", "all", "8e8068beaa2748938b55b195905fbc8", "8e8068beaa2748938b55b195905fbc8ff",
    "8e8068beaa2748938b55b195905fbc8g", "8e8068beaa2748938b55b195905fbcé",
    String(repeating: "a", count: 64), "------------------------------------8e8068be",
  ]) func `any other text is no UUID`(text: String) {
    #expect(UUIDText.bytes(of: text) == nil)
  }

  @Test func `it is printed as 32 digits, or with hyphens after a prefix`() {
    #expect(UUIDText.text(of: Self.bytes) == "8e8068beaa2748938b55b195905fbc8f")
    #expect(
      UUIDText.hyphenated(Self.bytes, prefix: "req-")
        == "req-8e8068be-aa27-4893-8b55-b195905fbc8f")
  }

  @Test func `a random one carries version 4 and its variant`() {
    #expect(
      UUIDText.text(of: UUIDText.version4([UInt8](repeating: 0xFF, count: 16)))
        == "ffffffffffff4fffbfffffffffffffff")
    #expect(
      UUIDText.text(of: UUIDText.version4([UInt8](repeating: 0, count: 16)))
        == "00000000000040008000000000000000")
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto
import Testing

@Suite struct PasswordHashingTests {
  private static let password = Array("correct horse battery staple".utf8)
  private static let salt: [UInt8] = Array(1...16)

  /// Written by `keystone.common.password_hashers` of 29.0.0; the second by libcrypt alone.
  @Test(arguments: [
    "$2b$04$BUFGt/8/Do5/jVYysu9zkepem6fR5O7NcVgWL/iXWrIGVQFW6Klea",
    "$6$rounds=10000$saltsaltsaltsalt$2hRJdflXfJnD/vsP/cJ0bME7KGUz1WE7XZ2dsrstoHAaegl4T7BZLKvFcAYR"
      + "SouWV3/2xNuvTbd2lQrIqeYrO1",
    "$bcrypt-sha256$v=2,t=2b,r=4$.Nfd2nME8zur5mcbfXhCt.$EXXAAYs9BvjI0iR.cn.aa6Ofe9fXjta",
    "$scrypt$ln=16,r=8,p=1$r3BBdMpxghxr0lq50GUedA$yjGwTSqoTVVQSgkVs9gFfDqWbOhTUWqOTjewYxbGSx8",
    "$pbkdf2-sha512$25000$lWl8TRyu5FpocuFM7ybKHw$l4IoslFsMuVDgQFdG7J2+ABgrVgKfxQpunid3x3hmUwHcYSf/"
      + "5qJZMhfOvoeNt0rKJsTq9984Z9WOHMkhqDNdg",
  ])
  func `what Keystone wrote is verified, and no other password`(hash: String) {
    #expect(PasswordHashing.verify(Self.password, hash) == true)
    #expect(PasswordHashing.verify(Array("incorrect".utf8), hash) == false)
  }

  @Test func `what is made is of the form that Keystone keeps, and is verified`() {
    let made = [
      PasswordHashing.bcrypt(Self.password, rounds: 4, salt: Self.salt),
      PasswordHashing.bcryptSHA256(Self.password, rounds: 4, salt: Self.salt),
      PasswordHashing.sha512Crypt(Self.password, rounds: 1_000, salt: "abcdefgh"),
      PasswordHashing.scrypt(Self.password, log2: 4, salt: Self.salt),
      PasswordHashing.pbkdf2SHA512(Self.password, rounds: 10, salt: Self.salt),
    ]
    let heads = [
      "$2b$04$", "$bcrypt-sha256$v=2,t=2b,r=4$", "$6$rounds=1000$abcdefgh$",
      "$scrypt$ln=4,r=8,p=1$",
      "$pbkdf2-sha512$10$",
    ]
    for (hash, head) in zip(made, heads) {
      #expect(hash.hasPrefix(head))
      #expect(PasswordHashing.verify(Self.password, hash) == true)
      #expect(PasswordHashing.verify(Self.password + [0x21], hash) == false)
    }
  }

  @Test func `bcrypt sees 72 bytes, and bcrypt_sha256 all of them`() {
    let long = [UInt8](repeating: 0x61, count: 72)
    let bcrypt = PasswordHashing.bcrypt(long, rounds: 4, salt: Self.salt)
    #expect(PasswordHashing.verify(long + [0x62], bcrypt) == true)
    let sha256 = PasswordHashing.bcryptSHA256(long, rounds: 4, salt: Self.salt)
    #expect(PasswordHashing.verify(long + [0x62], sha256) == false)
  }

  /// passlib's own base64 has a dot for the plus.
  @Test func `a dot in a hash of PBKDF2 is a plus`() {
    let hash =
      "$pbkdf2-sha512$25000$lWl8TRyu5FpocuFM7ybKHw$l4IoslFsMuVDgQFdG7J2.ABgrVgKfxQpunid3x3hmUwHcYSf/"
      + "5qJZMhfOvoeNt0rKJsTq9984Z9WOHMkhqDNdg"
    #expect(PasswordHashing.verify(Self.password, hash) == true)
  }

  @Test(arguments: [
    "", "secret", "$", "$1$salt$hash", "$scrypt$ln=99,r=8,p=1$AA$AA", "$scrypt$ln=4$AA$AA",
    "$pbkdf2-sha512$0$AA$AA", "$pbkdf2-sha512$9$!$AA", "$bcrypt-sha256$v=2$AA",
  ])
  func `what is no hash is told apart from a wrong password`(text: String) {
    #expect(PasswordHashing.verify(Self.password, text) == nil)
  }

  @Test func `a password with a zero byte is never right`() {
    let hash = PasswordHashing.bcrypt([0x61], rounds: 4, salt: Self.salt)
    #expect(PasswordHashing.verify([0x61, 0, 0x62], hash) == nil)
  }
}

// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Users and groups of the system, by name or number.
enum Account {
  static func user(_ name: String) -> UInt32? {
    if let entry = unsafe getpwnam(name) { return unsafe entry.pointee.pw_uid }
    guard let number = UInt32(name), unsafe getpwuid(number) != nil else { return nil }
    return number
  }

  static func group(_ name: String) -> UInt32? {
    if let entry = unsafe getgrnam(name) { return unsafe entry.pointee.gr_gid }
    guard let number = UInt32(name), unsafe getgrgid(number) != nil else { return nil }
    return number
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Testing

@Suite struct KeyDistributionTests {
  private static let rules = KeyRepositoryRules(
    group: .tokens, release: .newest, maxActiveKeys: 3)

  private static func key(_ byte: UInt8) -> FernetKey {
    FernetKey(bytes: [UInt8](repeating: byte, count: 32))
  }

  private static let before = KeyDirectory(
    path: "/k", keys: FernetKeyRepository([0: key(10), 3: key(3), 4: key(4)]))

  private static func rotated(_ directory: KeyDirectory, staging byte: UInt8) -> KeyDirectory {
    var directory = directory
    directory.apply(rules.rotation(directory, owner: .given, staging: key(byte)))
    return directory
  }

  private static func reads(_ reader: KeyDirectory, _ writer: KeyDirectory) -> Bool {
    let token = FernetEnvelope.seal(
      [1], key: rules.keys(of: writer).primary, seconds: 0, iv: [UInt8](repeating: 0, count: 16))
    return (try? FernetEnvelope.open(token, repository: rules.keys(of: reader))) != nil
  }

  @Test(arguments: KeyDistribution.Order.allCases, ["missing", "before", "other"])
  func `after the copy both hold the same keys`(order: KeyDistribution.Order, name: String) {
    let source = Self.rotated(Self.before, staging: 11)
    let receivers = [
      "missing": KeyDirectory.missing("/k"), "before": Self.before,
      "other": KeyDirectory(path: "/k", keys: FernetKeyRepository([0: Self.key(77)])),
    ]
    var receiver = receivers[name]!
    receiver.apply(KeyDistribution.steps(from: source, to: receiver, order: order))
    #expect(receiver == source)
    #expect(KeyDistribution.steps(from: source, to: receiver, order: order).isEmpty)
  }

  @Test func `with the primary first both read each other's tokens throughout the copy`() {
    let source = Self.rotated(Self.before, staging: 11)
    var receiver = Self.before
    #expect(Self.reads(receiver, source) && Self.reads(source, receiver))
    let steps = KeyDistribution.steps(from: source, to: receiver, order: .primaryFirst)
    #expect(steps.count == 3)
    for step in steps {
      receiver.apply(step)
      #expect(Self.reads(receiver, source) && Self.reads(source, receiver))
    }
  }

  @Test func `as rsync copies, the receiver loses the first node's tokens until the end`() {
    let source = Self.rotated(Self.before, staging: 11)
    var receiver = Self.before
    let read = KeyDistribution.steps(from: source, to: receiver, order: .rsync).map { step in
      receiver.apply(step)
      return Self.reads(receiver, source)
    }
    // 3 is deleted, 0 is overwritten, 5 comes.
    #expect(read == [true, false, true])
  }

  @Test func `one rotation behind is harmless, two behind is not`() {
    let one = Self.rotated(Self.before, staging: 11)
    #expect(Self.reads(Self.before, one) && Self.reads(one, Self.before))
    let two = Self.rotated(one, staging: 12)
    #expect(!Self.reads(Self.before, two))
    // Its own primary is still a secondary there, with three keys.
    #expect(!Self.reads(two, Self.before))
  }

  @Test func `two nodes that rotate by themselves part at the second time`() {
    let (a1, b1) = (Self.rotated(Self.before, staging: 20), Self.rotated(Self.before, staging: 30))
    #expect(Self.reads(a1, b1) && Self.reads(b1, a1))
    let (a2, b2) = (Self.rotated(a1, staging: 21), Self.rotated(b1, staging: 31))
    #expect(!Self.reads(a2, b2) && !Self.reads(b2, a2))
  }

  @Test func `a repository of long ago makes what others read and reads nothing of theirs`() {
    let now = Self.rotated(Self.rotated(Self.before, staging: 11), staging: 12)
    let restored = Self.before
    #expect(!Self.reads(restored, now))
    var wide = KeyRepositoryRules(group: .tokens, release: .newest, maxActiveKeys: 9)
    wide.maxActiveKeys = 9
    var kept = Self.before
    for byte: UInt8 in [11, 12] {
      kept.apply(wide.rotation(kept, owner: .given, staging: Self.key(byte)))
    }
    #expect(Self.reads(kept, restored) && !Self.reads(restored, kept))
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import Testing

@Suite struct FernetKeyRepositoryTests {
  private static func key(_ byte: UInt8) -> FernetKey {
    FernetKey(bytes: [UInt8](repeating: byte, count: 32))
  }

  private static func numbers(_ repository: FernetKeyRepository) -> [Int] {
    repository.entries.map(\.number)
  }

  @Test func `setup leaves a staged and a primary key`() {
    var generator = SeededGenerator(seed: 1, stream: "keys")
    let repository = FernetKeyRepository.setup(using: &generator)
    #expect(Self.numbers(repository) == [0, 1])
    #expect(repository.primary == repository.entries[1].key)
    #expect(repository.entries[0].key != repository.entries[1].key)
  }

  @Test func `the primary is the highest, and reading begins there and ends with the staged`() {
    let repository = FernetKeyRepository([3: Self.key(3), 0: Self.key(0), 12: Self.key(12)])
    #expect(repository.primary == Self.key(12))
    #expect(repository.readingOrder.map(\.number) == [12, 3, 0])
  }

  @Test func `a repository without a key says so, and one with the null key uses it last`() {
    #expect(FernetKeyRepository([:]).defect == .noKeys)
    #expect(FernetKeyRepository([1: Self.key(1)]).defect == nil)
    let repository = FernetKeyRepository([
      FernetKeyRepository.nullKeyNumber: .null, 0: Self.key(0), 1: Self.key(1),
    ])
    #expect(repository.primary == Self.key(1))
    #expect(repository.readingOrder.last?.key == .null)
  }
}

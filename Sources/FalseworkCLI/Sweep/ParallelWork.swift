// SPDX-License-Identifier: Apache-2.0

/// Pieces of work on all cores. Each piece is a plain function of its input: what comes out does not
/// depend on how many there are at a time.
enum ParallelWork {
  /// - Parameters:
  ///   - jobs: pieces at a time.
  ///   - each: told of what is done, on one thread, in the order in which it was done; false ends it.
  static func run<Piece: Sendable, Product: Sendable>(
    _ pieces: [Piece], jobs: Int, _ work: @escaping @Sendable (Piece) -> Product,
    each: (Product) throws -> Bool
  ) async throws {
    try await withThrowingTaskGroup(of: Product.self) { group in
      var next = 0
      func begin() {
        guard next < pieces.count else { return }
        let piece = pieces[next]
        next += 1
        group.addTask { await Self.off(piece, work) }
      }
      for _ in 0..<max(1, jobs) { begin() }
      while let product = try await group.next() {
        guard try each(product) else {
          group.cancelAll()
          return
        }
        begin()
      }
    }
  }

  /// Away from the thread that asks for it.
  @concurrent private static func off<Piece: Sendable, Product: Sendable>(
    _ piece: Piece, _ work: @Sendable (Piece) -> Product
  ) async -> Product {
    work(piece)
  }
}

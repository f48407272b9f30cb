// SPDX-License-Identifier: Apache-2.0

/// One row of the database.
///
/// `Codable`, so that whoever keeps the database elsewhere can write and read any row without a
/// case for each kind (`IdentityStore.row(_:_:)`, `IdentityStore.restore(_:)`).
package protocol StoredRow: Codable, Equatable, Sendable {
  static var kind: IdentityStore.Kind { get }
  static var table: WritableKeyPath<IdentityStore, Table<Self>> { get }
  /// Unlike that of any other row of the kind.
  var key: String { get }
  /// What no other row of the kind may share; nil where Keystone demands nothing.
  var uniqueName: UniqueName? { get }
  /// The rows that this one is looked up by, or goes away with.
  var references: [Reference] { get }
}

extension StoredRow {
  package var uniqueName: UniqueName? { nil }
  package var references: [Reference] { [] }
}

/// A name and what it is unique in, such as a domain.
package struct UniqueName: Hashable, Sendable {
  package var scope: String
  package var name: String

  package init(_ name: String, in scope: String?) {
    self.scope = scope ?? ""
    self.name = name
  }
}

/// A column of a kind of rows that holds the id of another row.
package struct Reference: Hashable, Sendable {
  package enum Column: Hashable, Sendable {
    case user, group, project, domain, system, parent, role, service, endpoint, region
    case consumer, provider, trustor, trustee, other
  }
  package var kind: IdentityStore.Kind
  package var column: Column
  package var id: String

  package init(_ kind: IdentityStore.Kind, _ column: Column, _ id: String) {
    self.kind = kind
    self.column = column
    self.id = id
  }
}

/// Joins the parts of a key that is made of several ids. Ids that clients choose may have anything
/// in them but hardly this.
package func joinedKey(_ parts: String...) -> String { parts.joined(separator: "\u{1F}") }

/// Rows by key, in the order in which they were made.
///
/// A removed row leaves a gap, so that positions stay; when gaps are the greater part they are
/// closed.
package struct Table<Row: StoredRow>: Equatable, Sendable, Sequence {
  private var rows: [Row?] = []
  private var positions: [String: Int] = [:]

  package init() {}

  package var count: Int { positions.count }
  package var isEmpty: Bool { positions.isEmpty }

  package subscript(key: String) -> Row? {
    guard let position = positions[key] else { return nil }
    return rows[position]
  }

  package func contains(key: String) -> Bool { positions[key] != nil }

  /// The row that was there before.
  @discardableResult
  mutating func put(_ row: Row) -> Row? {
    if let position = positions[row.key] {
      let old = rows[position]
      rows[position] = row
      return old
    }
    positions[row.key] = rows.count
    rows.append(row)
    return nil
  }

  mutating func remove(_ key: String) -> Row? {
    guard let position = positions.removeValue(forKey: key) else { return nil }
    let old = rows[position]
    rows[position] = nil
    if rows.count > 64, rows.count > 2 * positions.count { closeGaps() }
    return old
  }

  private mutating func closeGaps() {
    rows = rows.filter { $0 != nil }
    for (position, row) in rows.enumerated() { positions[row!.key] = position }
  }

  package struct Iterator: IteratorProtocol {
    fileprivate var rows: [Row?]
    fileprivate var position = 0

    package mutating func next() -> Row? {
      while position < rows.count {
        defer { position += 1 }
        if let row = rows[position] { return row }
      }
      return nil
    }
  }

  package func makeIterator() -> Iterator { Iterator(rows: rows) }

  /// The same rows in the same order; gaps do not count.
  package static func == (a: Self, b: Self) -> Bool {
    a.count == b.count && a.elementsEqual(b)
  }
}

// SPDX-License-Identifier: Apache-2.0

/// A point of a map, in cells: the centre of the first cell is (0.5, 0.5).
package struct MapPoint: Equatable, Sendable {
  package var x: Double
  package var y: Double

  package init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}

package struct MapSegment: Equatable, Sendable {
  package var from: MapPoint
  package var to: MapPoint
}

/// Lines over a grid of cells.
package enum Contour {
  /// Along the edges between cells of which one is marked and the other is not.
  package static func border(
    columns: Int, rows: Int, _ isMarked: (_ column: Int, _ row: Int) -> Bool?
  ) -> [MapSegment] {
    var segments: [MapSegment] = []
    for row in 0..<rows {
      for column in 0..<columns {
        guard let here = isMarked(column, row) else { continue }
        let (x, y) = (Double(column), Double(row))
        if column + 1 < columns, let right = isMarked(column + 1, row), right != here {
          segments.append(MapSegment(from: MapPoint(x + 1, y), to: MapPoint(x + 1, y + 1)))
        }
        if row + 1 < rows, let below = isMarked(column, row + 1), below != here {
          segments.append(MapSegment(from: MapPoint(x, y + 1), to: MapPoint(x + 1, y + 1)))
        }
      }
    }
    return segments
  }

  /// Where a value that is known at the centres of the cells passes zero: linear between them
  /// (marching squares), and level from the outer centres to the edge of the map. A cell without a
  /// value has no line.
  package static func zero(
    columns: Int, rows: Int, _ value: (_ column: Int, _ row: Int) -> Double?
  ) -> [MapSegment] {
    // The centres, and a frame around them at the edge of the map.
    func place(_ index: Int, _ count: Int) -> Double {
      index == 0 ? 0 : index > count ? Double(count) : Double(index) - 0.5
    }
    func level(_ i: Int, _ j: Int) -> Double? {
      value(min(max(i - 1, 0), columns - 1), min(max(j - 1, 0), rows - 1))
    }
    var segments: [MapSegment] = []
    guard columns > 0, rows > 0 else { return [] }
    for j in 0...rows {
      for i in 0...columns {
        let corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)]
        let levels = corners.compactMap { level($0.0, $0.1) }
        guard levels.count == 4 else { continue }
        let points = corners.map { MapPoint(place($0.0, columns), place($0.1, rows)) }
        var crossings: [MapPoint] = []
        for side in 0..<4 {
          let next = (side + 1) % 4
          let (a, b) = (levels[side], levels[next])
          guard (a < 0) != (b < 0) else { continue }
          let share = a / (a - b)
          let (p, q) = (points[side], points[next])
          crossings.append(MapPoint(p.x + (q.x - p.x) * share, p.y + (q.y - p.y) * share))
        }
        // Four crossings are a saddle: two lines that do not meet.
        for pair in stride(from: 0, to: crossings.count - 1, by: 2)
        where crossings[pair] != crossings[pair + 1] {
          segments.append(MapSegment(from: crossings[pair], to: crossings[pair + 1]))
        }
      }
    }
    return segments
  }
}

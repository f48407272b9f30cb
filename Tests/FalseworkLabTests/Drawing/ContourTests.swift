// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkLab

@Suite struct ContourTests {
  @Test func `a border runs along the edges between marked cells and others`() {
    // The left column of two by two.
    let border = Contour.border(columns: 2, rows: 2) { column, _ in column == 0 }
    #expect(
      border == [
        MapSegment(from: MapPoint(1, 0), to: MapPoint(1, 1)),
        MapSegment(from: MapPoint(1, 1), to: MapPoint(1, 2)),
      ])
    #expect(Contour.border(columns: 2, rows: 2) { _, _ in true } == [])
    #expect(Contour.border(columns: 2, rows: 1) { column, _ in column == 0 ? true : nil } == [])
  }

  /// A plane through the map: every crossing lies on it, and the line goes from edge to edge.
  @Test func `a line of zero is straight where the value is`() {
    let segments = Contour.zero(columns: 5, rows: 4) { column, _ in Double(column) - 1.25 }
    #expect(!segments.isEmpty)
    for segment in segments {
      #expect(abs(segment.from.x - 1.75) < 1e-9)
      #expect(abs(segment.to.x - 1.75) < 1e-9)
    }
    let ys = segments.flatMap { [$0.from.y, $0.to.y] }
    #expect(ys.min() == 0)
    #expect(ys.max() == 4)
  }

  @Test func `where nothing passes zero or nothing is known there is no line`() {
    #expect(Contour.zero(columns: 3, rows: 3) { _, _ in 1 } == [])
    #expect(Contour.zero(columns: 3, rows: 3) { _, _ in nil } == [])
    #expect(Contour.zero(columns: 0, rows: 0) { _, _ in 1 } == [])
  }
}

// SPDX-License-Identifier: Apache-2.0

/// A map of two varied keys as SVG: a cell for each pair of values, the darker the more, with lines
/// over it. It needs nothing beside itself, and shows the same in a light and in a dark page.
package struct HeatMap: Sendable {
  package struct Axis: Sendable {
    package var title: String
    package var values: [String]

    package init(title: String, values: [String]) {
      self.title = title
      self.values = values
    }
  }

  package struct Cell: Sendable {
    package var value: Double
    /// Written into the cell, if it fits.
    package var text: String
    /// What a pointer on the cell is told, a line for each.
    package var note: [String]
    /// Not one request failed.
    package var isZero: Bool
    /// Beyond the bound of theory, or before it; nil if theory says nothing.
    package var margin: Double?

    package init(
      value: Double, text: String, note: [String], isZero: Bool, margin: Double?
    ) {
      self.value = value
      self.text = text
      self.note = note
      self.isZero = isZero
      self.margin = margin
    }
  }

  private let title: String
  private let unit: String
  private let x: Axis
  private let y: Axis
  private let boundLabel: String
  /// In rows; nil where nothing was played yet.
  private let cells: [[Cell?]]
  private let most: Double
  private let width: Double
  private let height: Double

  /// Room around the cells.
  private static let left = 96.0
  private static let top = 44.0
  private static let bottom = 92.0

  /// - Parameters:
  ///   - unit: what a cell counts, such as `failed requests a run`.
  ///   - cells: a row for each value of `y`.
  ///   - boundLabel: what theory's line is.
  package init(
    title: String, unit: String, x: Axis, y: Axis, cells: [[Cell?]], boundLabel: String
  ) {
    precondition(
      cells.count == y.values.count && cells.allSatisfy { $0.count == x.values.count },
      "\(cells.count) rows for \(y.values.count) values")
    self.title = title
    self.unit = unit
    self.x = x
    self.y = y
    self.cells = cells
    self.boundLabel = boundLabel
    most = cells.joined().compactMap { $0?.value }.max() ?? 0
    width = min(72, max(12, 640 / Double(x.values.count)))
    height = min(36, max(12, 480 / Double(y.values.count)))
  }

  package var text: String {
    let inner = (width * Double(x.values.count), height * Double(y.values.count))
    let size = (max(inner.0 + Self.left + 24, 480), inner.1 + Self.top + Self.bottom)
    var svg = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(n(size.0)) \(n(size.1))" \
      width="\(n(size.0))" height="\(n(size.1))" role="img" aria-label="\(title.escaped)" \
      font-family="system-ui, sans-serif" font-size="12">
      <rect width="100%" height="100%" fill="#ffffff"/>
      <text x="\(n(Self.left))" y="20" font-size="14" font-weight="600" fill="#1a1a1a">\
      \(title.escaped)</text>

      """
    svg += drawnCells + axes(inner.0, inner.1) + lines + legend(inner.1)
    return svg + "</svg>\n"
  }

  // MARK: Cells

  private var drawnCells: String {
    var svg = ""
    for (row, cells) in cells.enumerated() {
      for (column, cell) in cells.enumerated() {
        let (left, top) = (Self.left + Double(column) * width, Self.top + Double(row) * height)
        guard let cell else {
          svg += rectangle(left, top, "#ffffff", stroke: "#d0d0d0", note: "not played")
          continue
        }
        let colour = Self.colour(cell.isZero ? 0 : share(cell.value), isZero: cell.isZero)
        svg += rectangle(
          left, top, colour.text, stroke: "#ffffff", note: cell.note.joined(separator: "\n"))
        guard Double(cell.text.count) * 6.6 + 4 <= width, height >= 15 else { continue }
        svg += """
          <text x="\(n(left + width / 2))" y="\(n(top + height / 2 + 4))" text-anchor="middle" \
          font-size="11" fill="\(colour.isDark ? "#ffffff" : "#1a1a1a")" pointer-events="none">\
          \(cell.text.escaped)</text>

          """
      }
    }
    return svg
  }

  private func rectangle(
    _ left: Double, _ top: Double, _ fill: String, stroke: String, note: String
  ) -> String {
    """
    <rect x="\(n(left))" y="\(n(top))" width="\(n(width))" height="\(n(height))" fill="\(fill)" \
    stroke="\(stroke)" stroke-width="0.5"><title>\(note.escaped)</title></rect>

    """
  }

  /// Of the scale, by the logarithm: one failure is to be seen beside a thousand.
  private func share(_ value: Double) -> Double {
    guard most > 0, value > 0 else { return 0 }
    return naturalLogarithm(1 + value * 20) / naturalLogarithm(1 + most * 20)
  }

  /// From pale yellow to dark purple, which differ in lightness first: colour-blind readers and
  /// printers see the same. Zero has a colour of its own.
  static func colour(_ share: Double, isZero: Bool) -> (text: String, isDark: Bool) {
    if isZero { return ("#dcefe6", false) }
    let stops: [(Double, Double, Double)] = [
      (254, 240, 190), (249, 190, 116), (231, 111, 81), (168, 50, 98), (74, 20, 84),
    ]
    let place = min(max(share, 0), 1) * Double(stops.count - 1)
    let index = min(Int(place), stops.count - 2)
    let part = place - Double(index)
    let (a, b) = (stops[index], stops[index + 1])
    let mixed = [(a.0, b.0), (a.1, b.1), (a.2, b.2)].map {
      Int(($0.0 + ($0.1 - $0.0) * part).rounded())
    }
    let hex = mixed.map { value in
      let digits = String(value, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
    return ("#" + hex, share > 0.55)
  }

  // MARK: Axes

  private func axes(_ innerWidth: Double, _ innerHeight: Double) -> String {
    var svg = ""
    let longest = Double(x.values.map(\.count).max() ?? 1) * 7 + 8
    let everyX = max(1, Int((longest / width).rounded(.up)))
    for (index, value) in x.values.enumerated() where index % everyX == 0 {
      svg += label(
        Self.left + (Double(index) + 0.5) * width, Self.top + innerHeight + 16, "middle", value)
    }
    let everyY = max(1, Int((14 / height).rounded(.up)))
    for (index, value) in y.values.enumerated() where index % everyY == 0 {
      svg += label(
        Self.left - 6, Self.top + (Double(index) + 0.5) * height + 4, "end",
        value.count > 12 ? value.prefix(11) + "…" : value)
    }
    svg += label(
      Self.left + innerWidth / 2, Self.top + innerHeight + 34, "middle", x.title, isTitle: true)
    svg += label(Self.left - 6, Self.top - 8, "end", y.title, isTitle: true)
    return svg
  }

  private func label(
    _ x: Double, _ y: Double, _ anchor: String, _ text: String, isTitle: Bool = false
  ) -> String {
    """
    <text x="\(n(x))" y="\(n(y))" text-anchor="\(anchor)" fill="\(isTitle ? "#1a1a1a" : "#555555")"\
    \(isTitle ? " font-weight=\"600\"" : "")>\(text.escaped)</text>

    """
  }

  // MARK: Lines

  package var border: [MapSegment] {
    Contour.border(columns: x.values.count, rows: y.values.count) { cells[$1][$0]?.isZero }
  }

  package var bound: [MapSegment] {
    Contour.zero(columns: x.values.count, rows: y.values.count) { cells[$1][$0]?.margin }
  }

  private var lines: String {
    path(border, "stroke=\"#0b3d2e\" stroke-width=\"2.5\" stroke-linecap=\"square\"")
      // White beneath it, so that it is seen on dark cells too.
      + path(bound, "stroke=\"#ffffff\" stroke-width=\"4.5\"")
      + path(bound, "stroke=\"#1f5fbf\" stroke-width=\"2.5\" stroke-dasharray=\"7 4\"")
  }

  private func path(_ segments: [MapSegment], _ style: String) -> String {
    guard !segments.isEmpty else { return "" }
    func point(_ point: MapPoint) -> String {
      "\(n(Self.left + point.x * width)) \(n(Self.top + point.y * height))"
    }
    let steps = segments.map { "M\(point($0.from))L\(point($0.to))" }.joined()
    return "<path d=\"\(steps)\" fill=\"none\" \(style) pointer-events=\"none\"/>\n"
  }

  private func legend(_ innerHeight: Double) -> String {
    let y = Self.top + innerHeight + 54
    var svg = ""
    var place = Self.left
    for (share, isZero) in [
      (0.0, true), (0.0, false), (0.25, false), (0.5, false), (0.75, false), (1, false),
    ] {
      svg += """
        <rect x="\(n(place))" y="\(n(y - 10))" width="16" height="12" \
        fill="\(Self.colour(share, isZero: isZero).text)"/>

        """
      place += isZero ? 22 : 16
    }
    svg += label(place + 8, y, "start", "none, then up to \(Digits.short(most)) \(unit)")
    let z = y + 20
    svg += """
      <path d="M\(n(Self.left)) \(n(z - 4))h24" stroke="#0b3d2e" stroke-width="2.5"/>

      """
    svg += label(
      Self.left + 30, z, "start",
      border.isEmpty ? "no border of zero here" : "border of zero failures")
    svg += """
      <path d="M\(n(Self.left + 196)) \(n(z - 4))h24" stroke="#1f5fbf" stroke-width="2.5" \
      stroke-dasharray="7 4"/>

      """
    svg += label(
      Self.left + 226, z, "start", bound.isEmpty ? "\(boundLabel): outside" : boundLabel)
    return svg
  }

  private func n(_ value: Double) -> String { Digits.coordinate(value) }
}

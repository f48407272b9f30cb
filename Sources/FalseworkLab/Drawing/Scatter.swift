// SPDX-License-Identifier: Apache-2.0

/// Plans as points: how long they take across, what they lose upwards on a logarithmic scale with a
/// band of its own for nothing, and the colour for the tail of response times.
package struct Scatter: Sendable {
  package enum Mark: Equatable, Sendable {
    case tried
    /// On the front: nothing is better in everything.
    case front
    /// Used by somebody already.
    case incumbent
    case chosen
  }

  package struct Point: Sendable {
    package var name: String
    /// Seconds.
    package var time: Double
    /// Failed requests a run.
    package var loss: Double
    /// Seconds; nil if nothing was answered.
    package var tail: Double?
    package var mark: Mark
    package var note: [String]
  }

  private let title: String
  private let points: [Point]
  private static let left = 76.0
  private static let top = 44.0
  private static let width = 660.0
  private static let height = 320.0
  /// The band of plans that lose nothing.
  private static let band = 44.0

  package init(title: String, points: [Point]) {
    self.title = title
    // What matters most is drawn last, over the rest.
    func order(_ mark: Mark) -> Int {
      switch mark {
      case .tried: 0
      case .front: 1
      case .incumbent: 2
      case .chosen: 3
      }
    }
    self.points = points.enumerated().sorted {
      let (a, b) = (order($0.element.mark), order($1.element.mark))
      return a == b ? $0.offset < $1.offset : a < b
    }.map(\.element)
  }

  private var mostTime: Double { max(points.map(\.time).max() ?? 0, 0.001) * 1.08 }
  private var mostLoss: Double { max(points.map(\.loss).max() ?? 0, 0.01) }
  private var leastLoss: Double { points.map(\.loss).filter { $0 > 0 }.min() ?? 0.01 }

  private func x(_ time: Double) -> Double { Self.left + time / mostTime * Self.width }

  private func y(_ loss: Double) -> Double {
    guard loss > 0 else { return Self.top + Self.height - Self.band / 2 }
    let low = naturalLogarithm(max(leastLoss, 1e-6) / 1e-9)
    let high = naturalLogarithm(max(mostLoss, 1e-6) / 1e-9)
    let share = high > low ? (naturalLogarithm(loss / 1e-9) - low) / (high - low) : 0.5
    let room = Self.height - Self.band - 24
    return Self.top + 12 + (1 - share) * room
  }

  package var text: String {
    let total = (Self.left + Self.width + 24, Self.top + Self.height + 96)
    var svg = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(n(total.0)) \(n(total.1))" \
      width="\(n(total.0))" height="\(n(total.1))" role="img" aria-label="\(title.escaped)" \
      font-family="system-ui, sans-serif" font-size="12">
      <rect width="100%" height="100%" fill="#ffffff"/>
      <text x="\(n(Self.left))" y="20" font-size="14" font-weight="600" fill="#1a1a1a">\
      \(title.escaped)</text>
      <rect x="\(n(Self.left))" y="\(n(Self.top + Self.height - Self.band))" \
      width="\(n(Self.width))" height="\(n(Self.band))" fill="#dcefe6"/>
      <rect x="\(n(Self.left))" y="\(n(Self.top))" width="\(n(Self.width))" \
      height="\(n(Self.height))" fill="none" stroke="#999999"/>

      """
    svg += axes + frontLine
    for point in points { svg += drawn(point) }
    return svg + legend + "</svg>\n"
  }

  private var axes: String {
    var svg = label(Self.left - 6, y(0) + 4, "end", "none")
    for loss in [leastLoss, mostLoss] where points.contains(where: { $0.loss > 0 }) {
      svg += label(Self.left - 6, y(loss) + 4, "end", Digits.short(loss))
    }
    svg += label(Self.left, Self.top - 8, "start", "failed requests a run", isTitle: true)
    let steps = 5
    for step in 0...steps {
      let time = mostTime * Double(step) / Double(steps)
      svg += label(
        x(time), Self.top + Self.height + 16, "middle", Digits.decimal(time, time < 20 ? 1 : 0))
    }
    return svg
      + label(
        Self.left + Self.width / 2, Self.top + Self.height + 34, "middle",
        "rotation, in seconds", isTitle: true)
  }

  /// Along the plans that nothing is better than in the two directions of the chart.
  private var frontLine: String {
    var front: [Point] = []
    for point in points.filter({ $0.mark != .incumbent })
      .sorted(by: { ($0.time, $0.loss) < ($1.time, $1.loss) })
    where front.last.map({ point.loss < $0.loss }) ?? true { front.append(point) }
    guard front.count > 1 else { return "" }
    let steps = front.enumerated().map { index, point in
      "\(index == 0 ? "M" : "L")\(n(x(point.time))) \(n(y(point.loss)))"
    }
    return "<path d=\"\(steps.joined())\" fill=\"none\" stroke=\"#888888\" stroke-width=\"1\"/>\n"
  }

  private func drawn(_ point: Point) -> String {
    let (cx, cy) = (x(point.time), y(point.loss))
    let note = "<title>\(point.note.joined(separator: "\n").escaped)</title>"
    let fill = colour(point.tail)
    switch point.mark {
    case .tried, .front:
      let radius = point.mark == .front ? 6.0 : 3.5
      return """
        <circle cx="\(n(cx))" cy="\(n(cy))" r="\(n(radius))" fill="\(fill)" \
        stroke="\(point.mark == .front ? "#1a1a1a" : "#888888")">\(note)</circle>

        """
    case .incumbent:
      return """
        <rect x="\(n(cx - 5))" y="\(n(cy - 5))" width="10" height="10" fill="\(fill)" \
        stroke="#1a1a1a" stroke-width="1.5">\(note)</rect>

        """ + name(point, cx, cy - 10)
    case .chosen:
      return """
        <path d="M\(n(cx)) \(n(cy - 10))l9 10l-9 10l-9 -10z" fill="\(fill)" stroke="#1f5fbf" \
        stroke-width="2.5">\(note)</path>

        """ + name(point, cx, cy - 16)
    }
  }

  private func name(_ point: Point, _ cx: Double, _ cy: Double) -> String {
    let anchor = cx > Self.left + Self.width * 0.75 ? "end" : "start"
    return label(cx + (anchor == "end" ? 6 : -6), cy, anchor, point.name, isTitle: true)
  }

  private func colour(_ tail: Double?) -> String {
    guard let tail, tail > 0 else { return "#ffffff" }
    let tails = points.compactMap(\.tail).filter { $0 > 0 }
    let (low, high) = (tails.min() ?? tail, tails.max() ?? tail)
    let share = high > low ? naturalLogarithm(tail / low) / naturalLogarithm(high / low) : 0
    return HeatMap.colour(share, isZero: false).text
  }

  private var legend: String {
    let y = Self.top + Self.height + 60
    let tails = points.compactMap(\.tail)
    var svg = ""
    for (index, share) in [0.0, 0.25, 0.5, 0.75, 1].enumerated() {
      svg += """
        <rect x="\(n(Self.left + Double(index) * 16))" y="\(n(y - 10))" width="16" height="12" \
        fill="\(HeatMap.colour(share, isZero: false).text)"/>

        """
    }
    let range =
      "p99 from \(Digits.decimal((tails.min() ?? 0) * 1_000, 0)) to "
      + "\(Digits.decimal((tails.max() ?? 0) * 1_000, 0)) ms"
    return svg + label(Self.left + 88, y, "start", range)
      + label(
        Self.left, y + 20, "start",
        "large: nothing else is better in all three · square: in use · diamond: the answer")
  }

  private func label(
    _ x: Double, _ y: Double, _ anchor: String, _ text: String, isTitle: Bool = false
  ) -> String {
    """
    <text x="\(n(x))" y="\(n(y))" text-anchor="\(anchor)" fill="\(isTitle ? "#1a1a1a" : "#555555")"\
    \(isTitle ? " font-weight=\"600\"" : "")>\(text.escaped)</text>

    """
  }

  private func n(_ value: Double) -> String { Digits.coordinate(value) }
}

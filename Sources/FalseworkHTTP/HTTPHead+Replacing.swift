// SPDX-License-Identifier: Apache-2.0

extension HTTPHead {
  /// The same message with another first line and other fields. How its body is framed and whether
  /// its connection lives on stay as they were: those are facts of the message that came.
  ///
  /// - Parameter bytes: a head that this program wrote: lines end in CRLF, fields are `name: value`.
  package mutating func replace(by bytes: Span<UInt8>) {
    fields.removeAll(keepingCapacity: true)
    length = bytes.count
    var start = 0
    var isFirst = true
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != 0x0D { end += 1 }
      if isFirst { replaceFirstLine(bytes, start..<end) } else { addField(bytes, start..<end) }
      isFirst = false
      start = end + 2
    }
  }

  private mutating func addField(_ bytes: Span<UInt8>, _ line: Range<Int>) {
    guard let colon = line.first(where: { bytes[$0] == UInt8(ascii: ":") }) else { return }
    let name = line.lowerBound..<colon
    let value = min(colon + 2, line.upperBound)..<line.upperBound
    fields.append(HTTPField(id: HTTPFieldName(bytes, name), name: name, value: value))
  }

  private mutating func replaceFirstLine(_ bytes: Span<UInt8>, _ line: Range<Int>) {
    guard let first = line.first(where: { bytes[$0] == 0x20 }),
      let last = status == 0
        ? line.last(where: { bytes[$0] == 0x20 })
        : line.first(where: { $0 > first && bytes[$0] == 0x20 }),
      last > first
    else { return }
    if status == 0 {
      methodRange = line.lowerBound..<first
      method = HTTPMethod(bytes, methodRange)
      target = (first + 1)..<last
    } else {
      var number = 0
      for place in (first + 1)..<last { number = number * 10 + Int(bytes[place] & 15) }
      status = number
      reason = (last + 1)..<line.upperBound
    }
  }
}

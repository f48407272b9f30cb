// SPDX-License-Identifier: Apache-2.0
package import FalseworkHTTP

/// A place in an answer: what a step captures from there or looks at.
package enum AnswerPart: Equatable, Sendable {
  /// The first field of this name, in lower case.
  case field(String)
  case json(JSONPath)
  case body

  var verdictPart: Outcome.Verdict.Part {
    switch self {
    case .field: .header
    case .json: .json
    case .body: .body
    }
  }
}

/// A value that a step keeps for later steps of its journey.
package struct Capture: Equatable, Sendable {
  /// `token` makes it the journey's token.
  package var name: String
  package var part: AnswerPart
  /// Its first group, or what it matches, is kept instead of the whole.
  package var pattern: Pattern?
  /// Kept if there is nothing to capture. Without it the request has failed then.
  package var otherwise: String?

  package init(name: String, part: AnswerPart, pattern: Pattern?, otherwise: String?) {
    self.name = name
    self.part = part
    self.pattern = pattern
    self.otherwise = otherwise
  }
}

/// What an answer must be, besides its status.
package struct AnswerCheck: Equatable, Sendable {
  package enum Condition: Equatable, Sendable {
    /// A string of JSON is compared by what it says, anything else as it stands there.
    case equals(TextTemplate)
    case contains(TextTemplate)
    case matches(Pattern)
    case present(Bool)
  }

  package var part: AnswerPart
  package var condition: Condition

  package init(part: AnswerPart, condition: Condition) {
    self.part = part
    self.condition = condition
  }
}

/// What a step needs of its answer beyond the status: the rest need not be kept.
package struct AnswerWants: Equatable, Sendable {
  /// Names of fields, in lower case.
  package private(set) var fields: [[UInt8]] = []
  package private(set) var body = false

  package var isEmpty: Bool { fields.isEmpty && !body }

  package init(_ parts: [AnswerPart]) {
    for part in parts {
      switch part {
      case .field(let name):
        let name = Array(name.utf8)
        if !fields.contains(name) { fields.append(name) }
      case .json, .body: body = true
      }
    }
  }
}

/// The parts of one answer that its step needs, copied together. It is used again for the next.
package struct AnswerContent: Equatable, Sendable {
  private(set) var bytes: [UInt8] = []
  /// The values of the wanted fields, in their order; an answer without one has an empty range
  /// before the beginning.
  private var fields: [Range<Int>] = []
  private var bodyStart = 0
  /// Bytes of a body.
  private static let longest = 16 << 20
  private static let absent = -1..<(-1)

  package init() {}

  /// Begins with the fields of a head.
  package mutating func begin(_ wants: AnswerWants, _ head: HTTPHead, _ source: Span<UInt8>) {
    reset()
    for name in wants.fields {
      let field = head.fields.first { source.equalsIgnoringCase(name, in: $0.name) }
      guard let field else {
        fields.append(Self.absent)
        continue
      }
      let start = bytes.count
      source.extracting(field.value).withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
      fields.append(start..<bytes.count)
    }
    bodyStart = bytes.count
  }

  /// Begins with fields that are at hand as text.
  package mutating func begin(
    _ wants: AnswerWants, fields: some Sequence<(name: String, value: String)>
  ) {
    reset()
    for name in wants.fields {
      let start = bytes.count
      let field = fields.first { $0.name.lowercased().utf8.elementsEqual(name) }
      if let field { bytes.append(contentsOf: field.value.utf8) }
      self.fields.append(field == nil ? Self.absent : start..<bytes.count)
    }
    bodyStart = bytes.count
  }

  /// A further piece of the body. What is beyond the limit is not looked at.
  package mutating func append(body: Span<UInt8>) {
    let body = body.extracting(first: max(0, Self.longest - (bytes.count - bodyStart)))
    body.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
  }

  private mutating func reset() {
    bytes.removeAll(keepingCapacity: true)
    fields.removeAll(keepingCapacity: true)
    bodyStart = 0
  }

  /// Where a part stands, and whether it has the escapes of JSON; nil if the answer has none.
  func find(_ part: AnswerPart, _ wants: AnswerWants) -> (range: Range<Int>, escaped: Bool)? {
    switch part {
    case .field(let name):
      guard let place = wants.fields.firstIndex(where: { $0.elementsEqual(name.utf8) }),
        place < fields.count, fields[place] != Self.absent
      else { return nil }
      return (fields[place], false)
    case .body:
      return (bodyStart..<bytes.count, false)
    case .json(let path):
      switch path.find(in: bytes.span, bodyStart..<bytes.count) {
      case .string(let range, let escaped): return (range, escaped)
      case .raw(let range): return (range, false)
      case nil: return nil
      }
    }
  }
}

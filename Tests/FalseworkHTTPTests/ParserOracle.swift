// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP
import NIOCore
import NIOEmbedded
import NIOHTTP1

/// What a parser made of a stream of messages, in the words that both parsers have.
struct StreamReading: Equatable, Sendable {
  struct Message: Equatable, Sendable {
    /// Method and target, or the status: NIO puts a reason phrase of its own for the server's.
    var start: [String]
    var version: String
    /// Names in lower case, values without white space around them.
    var fields: [Field]
    var body: [UInt8] = []
    var isComplete = false
  }

  struct Field: Equatable, Sendable {
    var name, value: String
  }

  struct Refusal: Equatable, Sendable {
    /// The fault of the codec; nil for one of the oracle's.
    var kind: HTTPFault.Kind?
    /// Where the message that was refused begins, and where in the stream the fault is.
    var messageAt = 0
    var at = 0
  }

  var messages: [Message] = []
  var refusal: Refusal?
}

extension StreamReading {
  /// As the codec reads it.
  init(_ bytes: [UInt8], _ kind: HTTPParser.Kind, requestMethod: FalseworkHTTP.HTTPMethod = .get) {
    for event in CodecRun(bytes, kind, requestMethod: requestMethod).events {
      switch event {
      case .head(let head, let at):
        let span = bytes.span.extracting(at..<bytes.count)
        let start =
          kind == .request
          ? [span.text(head.methodRange), span.text(head.target)] : ["\(head.status)"]
        messages.append(
          Message(
            start: start, version: head.version == .http11 ? "1.1" : "1.0",
            fields: head.fields.map {
              Field(name: span.text($0.name).lowercased(), value: span.text($0.value))
            }))
      case .body(let data): messages[messages.count - 1].body = data
      case .end: messages[messages.count - 1].isComplete = true
      case .invalid(let fault, let messageAt):
        refusal = Refusal(
          kind: fault.kind, messageAt: messageAt, at: fault.offset)
      case .incomplete: break
      }
    }
  }

  /// As NIOHTTP1 (llhttp, in its strict mode) reads it.
  static func oracle(
    _ bytes: [UInt8], _ kind: HTTPParser.Kind, requestMethod: FalseworkHTTP.HTTPMethod = .get
  ) throws -> StreamReading {
    var reading = StreamReading()
    let channel = EmbeddedChannel()
    defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
    switch kind {
    case .request:
      try channel.pipeline.syncOperations.addHandler(
        ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
    case .response:
      try channel.pipeline.syncOperations.addHandler(
        ByteToMessageHandler(
          HTTPResponseDecoder(
            leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .forward)))
      for _ in 0..<CodecRun.longestRun {
        channel.write(
          HTTPClientRequestPart.head(
            .init(version: .http1_1, method: requestMethod.nio, uri: "/")), promise: nil)
      }
    }
    do {
      try channel.writeInbound(ByteBuffer(bytes: bytes))
    } catch {
      reading.refusal = Refusal()
    }
    switch kind {
    case .request:
      while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
        switch part {
        case .head(let head):
          reading.append([head.method.rawValue, head.uri], head.version, head.headers)
        case .body(let data): reading.add(data)
        case .end: reading.end()
        }
      }
    case .response:
      while let part = try channel.readInbound(as: HTTPClientResponsePart.self) {
        switch part {
        case .head(let head):
          reading.append(["\(head.status.code)"], head.version, head.headers)
          // NIO tells of no end of a 1xx.
          reading.messages[reading.messages.count - 1].isComplete = head.status.code / 100 == 1
        case .body(let data): reading.add(data)
        case .end: reading.end()
        }
      }
    }
    return reading
  }

  private mutating func append(
    _ start: [String], _ version: NIOHTTP1.HTTPVersion, _ headers: HTTPHeaders
  ) {
    messages.append(
      Message(
        start: start, version: "\(version.major).\(version.minor)",
        fields: headers.map {
          // llhttp leaves a tab at the end of a value.
          let value = $0.value.drop { $0.isBlank }.reversed().drop { $0.isBlank }.reversed()
          return Field(name: $0.name.lowercased(), value: String(value))
        }))
  }

  private mutating func add(_ data: ByteBuffer) {
    messages[messages.count - 1].body += Array(data.readableBytesView)
  }

  private mutating func end() {
    messages[messages.count - 1].isComplete = true
  }
}

extension FalseworkHTTP.HTTPMethod {
  var nio: NIOHTTP1.HTTPMethod {
    NIOHTTP1.HTTPMethod(rawValue: text.map { "\($0)" } ?? "GET")
  }
}

extension Character {
  fileprivate var isBlank: Bool { self == " " || self == "\t" }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkCrypto
import FalseworkKeystone
import Foundation

/// Inputs for the readers of tokens; `FUZZ_TARGET` says which: `fernet`, `msgpack`, `jws`, `cms`.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  switch Target.chosen {
  case .fernet: FernetInput.run(input)
  case .msgpack: MessagePackInput.run(input)
  case .jws: JWSInput.run(input)
  case .cms: CMSInput.run(input)
  }
  return 0
}

enum Target: String {
  case fernet, msgpack, jws, cms

  static let chosen: Target = {
    let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
    guard let target = Target(rawValue: name) else {
      fatalError("FUZZ_TARGET is '\(name)', not fernet, msgpack, jws or cms")
    }
    return target
  }()
}

/// The input as the text of a token, and as the payload of one that is sealed rightly.
enum FernetInput {
  static let key = FernetKey(bytes: Array(0..<32))
  static let repository = FernetKeyRepository([0: FernetKey(bytes: Array(1...32)), 1: key])
  static let iv = [UInt8](repeating: 9, count: 16)
  static let readers: [FernetPayload] = Release.versions.flatMap { release in
    release.tokens.messagePackLibraries.map { FernetPayload(release, library: $0) }
  }.reduce(into: []) { kinds, reader in
    if !kinds.contains(reader) { kinds.append(reader) }
  }

  static func run(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    for padding in [FernetPadding.stripped, .strippedUnquoted, .percent] {
      _ = try? FernetEnvelope.open(text, repository: repository, padding: padding)
    }
    let sealed = FernetEnvelope.seal(input, key: key, seconds: 1_500_000_000, iv: iv)
    guard let opened = try? FernetEnvelope.open(sealed, repository: repository),
      opened.payload == input, opened.seconds == 1_500_000_000
    else { fatalError("sealed and not opened: \(input)") }
    for reader in readers {
      guard let token = try? reader.decode(input, seconds: 1_500_000_000),
        let made = try? reader.encode(token)
      else { continue }
      // What was read once is written in one spelling, and read to itself from then on.
      guard let again = try? reader.decode(made, seconds: 1_500_000_000),
        let twice = try? reader.encode(again), twice == made
      else { fatalError("written and not read: \(input) \(token)") }
    }
    _ = try? Receipt.open(sealed, repository: repository, readers[readers.count - 1])
  }
}

enum MessagePackInput {
  static func run(_ input: [UInt8]) {
    guard let value = MessagePack.decode(input) else { return }
    for dialect in [MessagePack.Dialect.bin, .raw] {
      var made: [UInt8] = []
      MessagePack.encode(value, dialect: dialect, into: &made)
      guard let again = MessagePack.decode(made) else { fatalError("not read: \(input)") }
      var twice: [UInt8] = []
      MessagePack.encode(again, dialect: dialect, into: &twice)
      if twice != made { fatalError("another value: \(input)") }
    }
  }
}

/// The input as the text of a token, and every 64th also as claims that are signed rightly.
enum JWSInput {
  static let keys: JWSKeys = {
    var generator = SeededGenerator(seed: 1, stream: "fuzz")
    return JWSKeys.setup(nodes: 1, using: &generator)[0]
  }()
  static let signer = SignatureKey(privatePEM: keys.signing!.pem)!
  static let header = Base64URL.encode(Array(#"{"alg":"ES256","typ":"JWT"}"#.utf8))
  nonisolated(unsafe) static var number = 0

  static func run(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    let now = UTCTime(seconds: 1_500_000_000)
    _ = try? JWSToken(.newest).open(text, keys: keys, now: now)
    _ = try? JWSToken(.newest).open(
      "\(header).\(Base64URL.encode(input)).\(Base64URL.encode(input))", keys: keys, now: now)
    number += 1
    guard number % 64 == 0 else { return }
    let signed = header + "." + Base64URL.encode(input)
    let token = signed + "." + Base64URL.encode(signer.sign(Array(signed.utf8)))
    guard let read = try? JWSToken(.newest).open(token, keys: keys, now: now) else { return }
    guard let made = try? JWSToken(.newest).seal(read, keys: keys),
      let again = try? JWSToken(.newest).open(made, keys: keys, now: now), again == read
    else { fatalError("read and not made again: \(text)") }
  }
}

/// The input as the text of a token, as DER inside one, and as what zlib unpacks.
enum CMSInput {
  static func run(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    let encoded = Base64URL.encode(input, padded: true)
    let plain = "MII" + encoded.replacing("-", with: "+").replacing("_", with: "-")
    for id in [text, plain, "PKIZ_" + encoded] {
      _ = PKIToken.rowKey(id)
      guard let pem = PKIToken.pem(of: id), let message = CMSMessage(pem: pem) else { continue }
      _ = message.content
      _ = CMSSigner.standard.content(ofPEM: pem)
    }
    _ = Zlib.decompress(input, limit: 1 << 16)
  }
}

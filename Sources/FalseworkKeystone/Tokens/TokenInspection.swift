// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
package import FalseworkCrypto

/// What a token says, which releases could have made it, and what each release makes of it.
///
///     let inspection = TokenInspection(of: text, with: keys)
///     inspection.payload?.userID
///     inspection.makers.map(\.version)
///     inspection.readings.first { $0.release.number == 17 }?.outcome
///
/// All of it is worked out from the text and the keys; no database is asked, so that neither
/// revocation nor missing rows are known here.
package struct TokenInspection: Equatable, Sendable {
  package enum Format: Equatable, Sendable {
    /// 32 hexadecimal digits: it says nothing, and lies in a table.
    case uuid
    case fernet(payloadVersion: Int)
    case receipt
    case jws(JWSAlgorithm)
    case pki
    case pkiz
    /// Begins as one of the others does, but cannot be opened with these keys.
    case sealed(TokenProvider)
    case unknown
  }

  /// What is needed to open tokens; each part may be missing.
  package struct Keys: Sendable {
    package var fernet: FernetKeyRepository?
    package var receipts: FernetKeyRepository?
    package var jws: JWSKeys?
    package var signer: CMSSigner?
    /// `[auth] methods` of the nodes; nil takes each release's own, and to show a token those of
    /// the newest.
    package var methods: [String]?
    package var defaultDomainID: String

    package init(
      fernet: FernetKeyRepository? = nil, receipts: FernetKeyRepository? = nil,
      jws: JWSKeys? = nil, signer: CMSSigner? = nil, methods: [String]? = nil,
      defaultDomainID: String = "default"
    ) {
      self.fernet = fernet
      self.receipts = receipts
      self.jws = jws
      self.signer = signer
      self.methods = methods
      self.defaultDomainID = defaultDomainID
    }
  }

  /// What one release makes of the token, run with one msgpack-python.
  package struct Reading: Equatable, Sendable {
    package enum Outcome: Equatable, Sendable {
      /// Read to the same values as the newest release reads.
      case same
      /// Read, but to other values: the ids of a node that expects them bare, a method whose bit it
      /// does not know.
      case otherwise(TokenPayload)
      case refused(TokenDefect)
      /// The release has no such provider.
      case noProvider
    }

    package var release: Release
    package var library: MessagePack.Library
    package var outcome: Outcome
  }

  package private(set) var format: Format
  /// Nil where the token could not be opened, or has nothing in it.
  package private(set) var payload: TokenPayload?
  package private(set) var receipt: Receipt?
  /// Number of the Fernet key that opened it.
  package private(set) var keyNumber: Int?
  /// The plaintext of a Fernet token; the content of a PKI one.
  package private(set) var plaintext: [UInt8] = []
  package private(set) var dialect: MessagePack.Dialect?
  /// Whoever signed a PKI token is the one whose certificate was given.
  package private(set) var isSignatureGood: Bool?
  /// Why it cannot be opened or read.
  package private(set) var defect: TokenDefect?
  package private(set) var makers: [Release] = []
  package private(set) var readings: [Reading] = []

  package init(of text: String, with keys: Keys) {
    format = .unknown
    if PKIToken.isOne(text) {
      inspectPKI(text, keys)
    } else if text.hasPrefix("eyJ") {
      inspectJWS(text, keys)
    } else if text.utf8.count == 32, UUIDText.bytes(of: text) != nil {
      format = .uuid
      findMakers { $0.providers.contains(.uuid) }
    } else if text.hasPrefix("gAAAA") {
      inspectFernet(text, keys)
    }
  }

  private mutating func findMakers(_ could: (Release) -> Bool) {
    makers = Release.versions.filter(could)
  }

  // MARK: PKI

  private mutating func inspectPKI(_ text: String, _ keys: Keys) {
    let packed = text.hasPrefix("PKIZ_")
    let provider = packed ? TokenProvider.pkiz : .pki
    format = .sealed(provider)
    findMakers { $0.providers.contains(provider) }
    guard let pem = PKIToken.pem(of: text), let content = CMSMessage(pem: pem)?.content else {
      defect = .unrecognized
      makers = []
      return
    }
    format = packed ? .pkiz : .pki
    plaintext = content
    isSignatureGood = keys.signer.map { $0.content(ofPEM: pem) != nil }
  }

  // MARK: JWS

  private mutating func inspectJWS(_ text: String, _ keys: Keys) {
    format = .sealed(.jws)
    guard let parts = JWSParts(text), let algorithm = parts.algorithm else {
      defect = .unrecognized
      return
    }
    format = .jws(algorithm)
    guard let jws = keys.jws else { return }
    var reader = JWSToken(.newest)
    reader.accepted = JWSAlgorithm.allCases
    let farAhead = UTCTime(seconds: 9_000_000_000)
    do throws(TokenDefect) {
      payload = try reader.open(text, keys: jws, now: farAhead)
    } catch {
      defect = error
      format = .sealed(.jws)
      return
    }
    let isPlain = payload?.thumbprint == nil
    findMakers {
      $0.tokens.jwsAlgorithms.contains(algorithm) && (isPlain || $0.body.hasOAuth2Credential)
    }
    for release in Release.versions {
      var outcome = Reading.Outcome.noProvider
      if release.providers.contains(.jws) {
        var reader = JWSToken(release)
        reader.accepted = release.tokens.jwsAlgorithms
        outcome = self.outcome { () throws(TokenDefect) in
          try reader.open(text, keys: jws, now: farAhead)
        }
      }
      readings.append(
        Reading(release: release, library: release.tokens.messagePack, outcome: outcome))
    }
  }

  // MARK: Fernet

  private mutating func inspectFernet(_ text: String, _ keys: Keys) {
    format = .sealed(.fernet)
    guard let opened = open(text, keys) else {
      defect = .unrecognized
      return
    }
    plaintext = opened.payload
    guard let read = MessagePack.read(opened.payload) else {
      defect = .malformedPayload
      return
    }
    dialect = Self.dialect(of: read.value)
    if let receipts = keys.receipts ?? keys.fernet {
      let format = FernetPayload(.newest, library: library, methods: keys.methods)
      receipt = attempt { () throws(TokenDefect) in
        try Receipt.open(text, repository: receipts, format)
      }
    }
    if receipt != nil {
      format = .receipt
      findMakers { $0.tokens.hasReceipts }
      return
    }
    guard let repository = keys.fernet else { return }
    // Shown by whichever release reads it, the newest first: bare ids only the oldest read.
    for release in Release.versions.reversed() where payload == nil {
      let reader = FernetPayload(
        release, library: release.number < 18 ? .before1 : nil, methods: keys.methods,
        defaultDomainID: keys.defaultDomainID)
      payload = attempt { () throws(TokenDefect) in
        try reader.decode(opened.payload, seconds: opened.seconds)
      }
    }
    if case .array(let list) = read.value, case .integer(let version)? = list.first {
      format = .fernet(payloadVersion: Int(version))
    }
    for release in Release.versions {
      for library in release.tokens.messagePackLibraries {
        let reader = FernetPayload(
          release, library: library, methods: keys.methods,
          defaultDomainID: keys.defaultDomainID)
        let outcome = self.outcome { () throws(TokenDefect) in
          let padding = release.fernetPadding
          let opened = try FernetEnvelope.open(text, repository: repository, padding: padding)
          let token = try reader.decode(opened.payload, seconds: opened.seconds)
          guard FernetEnvelope.hasReadableTime(text, padding: padding) else {
            throw .typeError("Incorrect padding")
          }
          return token
        }
        readings.append(Reading(release: release, library: library, outcome: outcome))
        if case .same = outcome, makers.last != release,
          couldMake(text, opened.payload, release, reader)
        {
          makers.append(release)
        }
      }
    }
  }

  private var library: MessagePack.Library { dialect == .raw ? .before1 : .from1 }

  private mutating func open(
    _ text: String, _ keys: Keys
  ) -> (payload: [UInt8], seconds: Int64)? {
    for repository in [keys.fernet, keys.receipts] {
      guard let repository else { continue }
      for padding in [FernetPadding.stripped, .percent] {
        for entry in repository.readingOrder {
          let alone = FernetKeyRepository([entry.number: entry.key])
          guard
            let opened = attempt({ () throws(TokenDefect) in
              try FernetEnvelope.open(text, repository: alone, padding: padding)
            })
          else { continue }
          keyNumber = entry.number
          return opened
        }
      }
    }
    return nil
  }

  /// Whether the release writes exactly this: the same bytes, and the same text but for what was
  /// drawn at random.
  private func couldMake(
    _ text: String, _ plaintext: [UInt8], _ release: Release, _ reader: FernetPayload
  ) -> Bool {
    guard let payload else { return false }
    guard plaintext == attempt({ () throws(TokenDefect) in try reader.encode(payload) }) else {
      return false
    }
    let padded = release.fernetPadding == .percent && text.utf8.count % 4 != 0
    return text.hasSuffix("%3D") ? release.fernetPadding == .percent : !padded
  }

  private func outcome(
    _ read: () throws(TokenDefect) -> TokenPayload
  ) -> Reading.Outcome {
    do throws(TokenDefect) {
      let token = try read()
      return token == payload ? .same : .otherwise(token)
    } catch {
      return .refused(error)
    }
  }

  /// By the first bytes or long text in it.
  private static func dialect(of value: MessagePack.Value) -> MessagePack.Dialect? {
    switch value {
    case .binary: return .bin
    case .string(let bytes): return bytes.count == 16 ? .raw : nil
    case .array(let elements):
      for element in elements {
        if let dialect = dialect(of: element) { return dialect }
      }
      return nil
    default: return nil
    }
  }
}

/// Nil where it cannot be read: then it is not of this kind, and another is tried.
private func attempt<Value>(_ read: () throws(TokenDefect) -> Value) -> Value? {
  do throws(TokenDefect) {
    return try read()
  } catch {
    return nil
  }
}

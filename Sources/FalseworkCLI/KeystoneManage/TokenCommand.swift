// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkCore
import FalseworkKeystone
import FalseworkLive

/// `falsework keystone-manage token`: a command of ours; Keystone has none like it.
struct TokenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Look into tokens.", subcommands: [TokenDecodeCommand.self])
}

struct TokenDecodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Say what a token says, which releases make it, and who can read it.",
    discussion: """
        falsework keystone-manage token decode gAAAAAB... --key-repository keys
        falsework keystone-manage token decode eyJ... --jws-public-keys public

      No database is asked: whether a token was revoked, and whether its rows are
      still there, is not known here. Ends with 1 if the token cannot be opened.
      """)
  @OptionGroup var options: KeystoneManageOptions

  @Option(help: "The public keys of JWS tokens.")
  var jwsPublicKeys: String?

  @Argument(help: "The token.")
  var token: String

  func run() throws {
    let (release, configuration, settings) = try options.read(for: nil)
    var lines: [KeystoneLogLine] = []
    func rules(_ group: KeyRepositoryGroup) -> KeyRepositoryRules {
      KeyRepositoryRules(
        group: group, release: release, maxActiveKeys: settings.tokens.maxActiveKeys)
    }
    let fernet = rules(.tokens).keys(of: .read(settings.tokens.path), into: &lines)
    let receipts = rules(.receipts).keys(of: .read(settings.receipts.path))
    let jws = KeyDirectory.read(jwsPublicKeys ?? settings.jwsPublicPath)
    let methods = configuration.text("auth", "methods")?.split(separator: ",")
      .map { String($0.filter { !$0.isWhitespace }) }
    let inspection = TokenInspection(
      of: token,
      with: .init(
        fernet: fernet.defect == nil ? fernet : nil,
        receipts: receipts.defect == nil ? receipts : nil,
        jws: JWSKeys(privatePEM: nil, publicPEMs: jws.files.map(\.contents)), methods: methods,
        defaultDomainID: settings.defaultDomainID))
    let page = TokenPage(inspection, length: token.utf8.count)
    Terminal.write(page.text, to: .output)
    guard page.isOpen else {
      if case .sealed(.fernet) = inspection.format {
        for line in lines { KeystoneLog.write(line, to: .error) }
        TextFile.complain("no key in \(settings.tokens.path) opens it")
      }
      throw ExitCode(1)
    }
  }
}

/// What is printed of a token.
private struct TokenPage {
  private(set) var text = ""
  let isOpen: Bool

  init(_ inspection: TokenInspection, length: Int) {
    switch inspection.format {
    case .sealed, .unknown: isOpen = false
    case .uuid, .fernet, .receipt, .jws, .pki, .pkiz: isOpen = true
    }
    line("format", Self.name(inspection.format))
    line("length", "\(length) characters")
    if let payload = inspection.payload { show(payload) }
    if let receipt = inspection.receipt {
      line("user", receipt.userID)
      line("methods", receipt.methods.joined(separator: ", "))
      line("issued", receipt.issuedAt.iso8601(microseconds: true))
      line("expires", receipt.expiresAt.iso8601(microseconds: true))
    }
    if let number = inspection.keyNumber { line("key", "\(number)") }
    if let dialect = inspection.dialect {
      line("msgpack", dialect == .bin ? "1.0 or later wrote it" : "before 1.0 wrote it")
    }
    if let isGood = inspection.isSignatureGood { line("signature", isGood ? "good" : "bad") }
    if !inspection.makers.isEmpty { line("made by", Self.spans(inspection.makers)) }
    show(inspection.readings)
  }

  private mutating func line(_ name: String, _ value: String?) {
    guard let value else { return }
    text += name + String(repeating: " ", count: max(1, 14 - name.count)) + value + "\n"
  }

  private mutating func show(_ payload: TokenPayload) {
    line("user", payload.userID)
    line("project", payload.projectID)
    line("domain", payload.domainID)
    line("system", payload.system)
    line("trust", payload.trustID)
    line("app cred", payload.applicationCredentialID)
    line("oauth1 token", payload.accessTokenID)
    line("thumbprint", payload.thumbprint)
    if let federation = payload.federation {
      line("provider", federation.identityProviderID)
      line("protocol", federation.protocolID)
      line("groups", federation.groupIDs.joined(separator: ", "))
    }
    line("methods", payload.methods.joined(separator: ", "))
    line("issued", payload.issuedAt.iso8601(microseconds: true))
    line("expires", payload.expiresAt.iso8601(microseconds: true))
    line("audit ids", payload.auditIDs.joined(separator: ", "))
  }

  /// One line for each thing that releases make of it, in the order in which it first happens.
  private mutating func show(_ readings: [TokenInspection.Reading]) {
    var words: [String] = []
    var releases: [String: [Release]] = [:]
    for reading in readings {
      var word = Self.word(reading.outcome)
      let others = readings.filter { $0.release == reading.release }
      if Set(others.map { Self.word($0.outcome) }).count > 1 {
        word += " (\(reading.library.rawValue))"
      }
      if !words.contains(word) { words.append(word) }
      if releases[word]?.last != reading.release {
        releases[word, default: []].append(reading.release)
      }
    }
    for word in words { line(word, Self.spans(releases[word] ?? [])) }
  }

  private static func word(_ outcome: TokenInspection.Reading.Outcome) -> String {
    switch outcome {
    case .same: "read by"
    case .otherwise: "misread by"
    case .refused(.unrecognized): "unknown to"
    case .refused(.unknownVersion): "version unknown to"
    case .refused(.malformedPayload), .refused(.typeError): "fails in"
    case .noProvider: "no provider in"
    }
  }

  /// Neighbours are drawn together: `stein to yoga, 2023.1`.
  private static func spans(_ releases: [Release]) -> String {
    let all = Release.versions
    var spans: [(first: Int, last: Int)] = []
    for place in releases.compactMap({ all.firstIndex(of: $0) }) {
      if let last = spans.last?.last, last + 1 == place {
        spans[spans.count - 1].last = place
      } else {
        spans.append((place, place))
      }
    }
    return spans.map { span in
      let first = all[span.first].name
      return span.first == span.last ? first : "\(first) to \(all[span.last].name)"
    }.joined(separator: ", ")
  }

  private static func name(_ format: TokenInspection.Format) -> String {
    switch format {
    case .uuid: "uuid: it says nothing, what it stands for lies in the database"
    case .fernet(let version): "fernet, payload version \(version): \(payloadName(version))"
    case .receipt: "fernet, a receipt"
    case .jws(let algorithm): "jws, \(algorithm.rawValue)"
    case .pki: "pki"
    case .pkiz: "pkiz"
    case .sealed(let provider): "\(provider.rawValue), but it cannot be opened with these keys"
    case .unknown: "no token of Keystone's"
    }
  }

  /// The classes of `keystone/token/token_formatters.py`.
  private static func payloadName(_ version: Int) -> String {
    let names = [
      "unscoped", "domain-scoped", "project-scoped", "trust-scoped", "federated, unscoped",
      "federated, project-scoped", "federated, domain-scoped", "OAuth1-scoped", "system-scoped",
      "application credential", "OAuth2 mTLS",
    ]
    return names.indices.contains(version) ? names[version] : "unknown"
  }
}

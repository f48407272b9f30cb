// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkCrypto
import FalseworkKeystone
import FalseworkLive
import Glibc

/// Whom the keys are to belong to. Root must say it, as in Keystone.
struct KeyOwnerOptions: ParsableArguments {
  @Option(help: "The user whom the keys are to belong to; root must name one.")
  var keystoneUser: String?

  @Option(help: "The group whom the keys are to belong to; root must name one.")
  var keystoneGroup: String?

  func owner(for verb: ManageVerb) throws -> (
    KeyRepositoryRules.Ownership, KeyDirectoryWriter.Owner?
  ) {
    if geteuid() == 0, keystoneUser == nil || keystoneGroup == nil {
      let missing = [
        keystoneUser == nil ? "--keystone-user" : nil,
        keystoneGroup == nil ? "--keystone-group" : nil,
      ].compactMap { $0 }.joined(separator: ", ")
      TextFile.complain(
        "keystone-manage \(verb.rawValue): error: the following arguments are required: \(missing)")
      throw ExitCode(2)
    }
    let user = try keystoneUser.map { name in
      guard let id = Account.user(name) else {
        KeystoneLog.writeUnhandled("ValueError: Unknown user '\(name)' in --keystone-user")
        throw ExitCode(1)
      }
      return id
    }
    let group = try keystoneGroup.map { name in
      guard let id = Account.group(name) else {
        KeystoneLog.writeUnhandled("ValueError: Unknown group '\(name)' in --keystone-group")
        throw ExitCode(1)
      }
      return id
    }
    switch (user, group) {
    case (let user?, let group?):
      return (.given, KeyDirectoryWriter.Owner(user: user, group: group))
    case (nil, nil): return (.ofTheCaller, nil)
    case (.some, nil), (nil, .some): return (.incomplete, nil)
    }
  }
}

/// One key directory, and what a command does to it.
struct KeyWork {
  let rules: KeyRepositoryRules
  let path: String
  let ownership: KeyRepositoryRules.Ownership
  let writer: KeyDirectoryWriter

  init(
    _ rules: KeyRepositoryRules, path: String,
    _ owner: (KeyRepositoryRules.Ownership, KeyDirectoryWriter.Owner?)
  ) {
    self.rules = rules
    self.path = path
    ownership = owner.0
    writer = KeyDirectoryWriter(path: path, owner: owner.1)
  }

  func setup() throws {
    let before = KeyDirectory.read(path)
    for step in rules.preparation(before, owner: ownership) {
      do throws(KeyDirectoryWriter.Failure) {
        try writer.perform(step)
        say(step)
      } catch {
        KeystoneLog.write(rules.cannotPrepare(before))
      }
    }
    let directory = KeyDirectory.read(path)
    guard isValid(directory) else { return }
    try perform(rules.setup(directory, owner: ownership, first: Self.key, second: Self.key))
  }

  func rotate() throws {
    let directory = KeyDirectory.read(path)
    guard isValid(directory) else { return }
    try perform(rules.rotation(directory, owner: ownership, staging: Self.key))
  }

  /// What is wrong is said. Keystone ends with 0 nevertheless.
  func isValid(_ directory: KeyDirectory) -> Bool {
    var lines: [KeystoneLogLine] = []
    defer { for line in lines { KeystoneLog.write(line) } }
    return rules.isValid(directory, forWriting: true, into: &lines)
  }

  private func perform(_ steps: [KeyFileStep]) throws {
    do throws(KeyDirectoryWriter.Failure) {
      for step in steps {
        try writer.perform(step)
        say(step)
      }
    } catch {
      KeystoneLog.writeUnhandled(error.text)
      throw ExitCode(1)
    }
  }

  private func say(_ step: KeyFileStep) {
    if case .say(let line) = step { KeystoneLog.write(line) }
  }

  private static var key: FernetKey {
    var generator = SystemRandomNumberGenerator()
    return FernetKey(bytes: (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }
}

/// Set-up and rotation of the repositories of a release.
private func work(
  _ verb: ManageVerb, _ options: KeystoneManageOptions, _ owner: KeyOwnerOptions,
  on groups: [KeyRepositoryGroup], _ perform: (KeyWork) throws -> Void
) throws {
  let (release, _, settings) = try options.read(for: verb)
  let owner = try owner.owner(for: verb)
  var done: [String] = []
  for group in groups where group != .receipts || release.number >= 15 {
    let place =
      switch group {
      case .tokens: settings.tokens
      case .receipts: settings.receipts
      case .credentials:
        KeystoneOptions.Repository(
          path: settings.credentialPath, maxActiveKeys: KeyRepositoryRules.defaultMaxActiveKeys)
      }
    // The repository of receipts is that of the tokens unless it is told otherwise.
    if done.contains(TextFile.absolute(place.path)) {
      if verb == .fernetSetup, place.maxActiveKeys != settings.tokens.maxActiveKeys {
        KeystoneLog.write(ignoredLimit)
      }
      continue
    }
    done.append(TextFile.absolute(place.path))
    let rules = KeyRepositoryRules(
      group: group, release: release, maxActiveKeys: place.maxActiveKeys)
    try perform(KeyWork(rules, path: place.path, owner))
  }
}

private let ignoredLimit = KeystoneLogLine(
  .warning, "keystone.cmd.cli",
  "Receipt and Token fernet key directories are the same but `max_active_keys` is different. "
    + "Receipt `max_active_keys` will be ignored in favor of Token `max_active_keys`.")

struct FernetSetupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fernet_setup",
    abstract: "Set up the key repositories of Fernet tokens and receipts.",
    discussion: """
        falsework keystone-manage fernet_setup --keystone-user keystone \\
          --keystone-group keystone

      Makes the directory with mode 0700, a staged key 0 and a primary key 1 with mode
      0600. Does nothing if there is a staged key.
      """)
  @OptionGroup var options: KeystoneManageOptions
  @OptionGroup var owner: KeyOwnerOptions

  func run() throws {
    try work(.fernetSetup, options, owner, on: [.tokens, .receipts]) { try $0.setup() }
  }
}

struct FernetRotateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fernet_rotate",
    abstract: "Rotate the keys of Fernet tokens and receipts.",
    discussion: """
        falsework keystone-manage fernet_rotate --key-repository keys \\
          --keystone-user keystone --keystone-group keystone

      The staged key becomes primary under the next number, a new one is staged, and
      the lowest go until [fernet_tokens] max_active_keys are left.
      """)
  @OptionGroup var options: KeystoneManageOptions
  @OptionGroup var owner: KeyOwnerOptions

  func run() throws {
    try work(.fernetRotate, options, owner, on: [.tokens, .receipts]) { try $0.rotate() }
  }
}

struct TokenSetupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token_setup", abstract: "Set up the key repository of tokens (from Rocky on).")
  @OptionGroup var options: KeystoneManageOptions
  @OptionGroup var owner: KeyOwnerOptions

  func run() throws { try work(.tokenSetup, options, owner, on: [.tokens]) { try $0.setup() } }
}

struct TokenRotateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token_rotate", abstract: "Rotate the keys of tokens (from Rocky on).")
  @OptionGroup var options: KeystoneManageOptions
  @OptionGroup var owner: KeyOwnerOptions

  func run() throws { try work(.tokenRotate, options, owner, on: [.tokens]) { try $0.rotate() } }
}

struct ReceiptSetupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receipt_setup",
    abstract: "Set up the key repository of receipts (from Stein on).")
  @OptionGroup var options: KeystoneManageOptions
  @OptionGroup var owner: KeyOwnerOptions

  func run() throws { try work(.receiptSetup, options, owner, on: [.receipts]) { try $0.setup() } }
}

struct ReceiptRotateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receipt_rotate", abstract: "Rotate the keys of receipts (from Stein on).")
  @OptionGroup var options: KeystoneManageOptions
  @OptionGroup var owner: KeyOwnerOptions

  func run() throws {
    try work(.receiptRotate, options, owner, on: [.receipts]) { try $0.rotate() }
  }
}

struct CredentialSetupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "credential_setup",
    abstract: "Set up the key repository of credentials (from Newton on).")
  @OptionGroup var options: KeystoneManageOptions
  @OptionGroup var owner: KeyOwnerOptions

  func run() throws {
    try work(.credentialSetup, options, owner, on: [.credentials]) { try $0.setup() }
  }
}

struct CreateJWSKeyPairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create_jws_keypair",
    abstract: "Make a key pair for JWS tokens here (from Stein on).",
    discussion: """
        falsework keystone-manage create_jws_keypair --keystone-user keystone \\
          --keystone-group keystone

      Writes private.pem and public.pem into the directory in which it is run, and
      installs them nowhere.
      """)
  @OptionGroup var options: KeystoneManageOptions
  @OptionGroup var owner: KeyOwnerOptions

  @Flag(help: "Overwrite a pair that is there.")
  var force = false

  func run() throws {
    let (_, _, settings) = try options.read(for: .createJWSKeyPair)
    // Keystone asks for an owner and gives the files to whoever runs it.
    _ = try owner.owner(for: .createJWSKeyPair)
    let here = TextFile.currentDirectory
    let files = [
      (kind: "Private", path: here + "/" + JWSKeyRepository.privateKeyName),
      (kind: "Public", path: here + "/" + JWSKeyRepository.publicKeyName),
    ]
    for file in files where !force && TextFile.isFile(file.path) {
      TextFile.complain("\(file.kind) key \(file.path) already exists")
      throw ExitCode(1)
    }
    guard let algorithm = SigningKeyPair.Algorithm(rawValue: settings.jwsAlgorithm) else {
      let names = SigningKeyPair.Algorithm.allCases.map(\.rawValue).sorted()
      TextFile.complain(
        "[jwt_tokens] jws_algorithm: '\(settings.jwsAlgorithm)' is none of "
          + names.joined(separator: ", "))
      throw ExitCode(1)
    }
    let pair = SigningKeyPair(algorithm)
    try TextFile.write(Array(pair.privateKey.utf8), to: files[0].path)
    try TextFile.write(Array(pair.publicKey.utf8), to: files[1].path)
  }
}

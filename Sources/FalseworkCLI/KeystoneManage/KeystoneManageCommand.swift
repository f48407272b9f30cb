// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkKeystone
import FalseworkScenario

/// `falsework keystone-manage`: what an operator does to a node besides starting and stopping it,
/// with the names, options, texts and exit codes of the real one.
struct KeystoneManageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keystone-manage",
    abstract: "Set up and rotate keys, and what else keystone-manage does.",
    discussion: """
        falsework keystone-manage fernet_setup --keystone-user keystone \\
          --keystone-group keystone
        falsework keystone-manage --config-file keystone.conf fernet_rotate
        falsework keystone-manage token_setup --key-repository keys
        falsework keystone-manage doctor --release ocata
        falsework keystone-manage token decode gAAAAAB... --key-repository keys

      Works on the directories that a real Keystone uses, and leaves them as the real
      command of that release would. Without --config-file it reads keystone.conf
      where Keystone looks for it. Options may stand before or after the command's
      name. Exit codes are keystone-manage's: 1 for a refusal, 2 for bad usage.
      """,
    subcommands: [
      FernetSetupCommand.self, FernetRotateCommand.self, TokenSetupCommand.self,
      TokenRotateCommand.self, ReceiptSetupCommand.self, ReceiptRotateCommand.self,
      CredentialSetupCommand.self, CredentialMigrateCommand.self, CredentialRotateCommand.self,
      CreateJWSKeyPairCommand.self, BootstrapCommand.self, DbSyncCommand.self,
      DbVersionCommand.self, TokenFlushCommand.self, DoctorCommand.self, TokenCommand.self,
    ])

  @OptionGroup var options: KeystoneManageOptions
}

/// What every command of `keystone-manage` takes.
struct KeystoneManageOptions: ParsableArguments {
  @Option(help: "A keystone.conf; may be repeated, the last word counts.")
  var configFile: [String] = []

  @Option(help: "A directory of *.conf files, read after those.")
  var configDir: [String] = []

  @Option(help: "The release, by code name, series or version; the newest if none is given.")
  var release: String?

  @Option(help: "The key directory, whatever keystone.conf says.")
  var keyRepository: String?

  /// Where oslo.config looks if no file is named.
  private static let usualFiles = ["/etc/keystone/keystone.conf", "/etc/keystone.conf"]

  /// What the files and the environment say.
  ///
  /// - Parameter command: refused if the release does not have it; nil is one of ours.
  func read(for command: ManageVerb?) throws -> (Release, KeystoneConfiguration, KeystoneOptions) {
    let release = try ReleaseOption.read(release)
    if let command, !command.exists(in: release) {
      let names = ManageVerb.allCases.filter { $0.exists(in: release) }
        .map { "'\($0.rawValue)'" }
      TextFile.complain(
        "keystone-manage: error: argument command: invalid choice: '\(command.rawValue)' (choose "
          + "from \(names.joined(separator: ", "))), in release \(release.name)")
      throw ExitCode(2)
    }
    var configuration = KeystoneConfiguration(environment: TextFile.environment(prefix: "OS_"))
    var problems: [KeystoneConfiguration.Problem] = []
    for file in try files() {
      do throws(UnreadableFile) {
        let text = String(decoding: try TextFile.read(file), as: UTF8.self)
        problems += configuration.read(text, file: file)
      } catch {
        problems.append(.init(place: file, text: error.reason))
      }
    }
    do throws(KeystoneConfiguration.Problem) {
      var options = try KeystoneOptions(configuration, release: release)
      if let keyRepository {
        options.tokens.path = keyRepository
        options.receipts.path = keyRepository
        if command?.isOfCredentials == true { options.credentialPath = keyRepository }
      }
      if problems.isEmpty { return (release, configuration, options) }
    } catch {
      problems.append(error)
    }
    for problem in problems { TextFile.complain("\(problem)") }
    throw ExitCode(1)
  }

  private func files() throws -> [String] {
    var files = configFile
    if files.isEmpty, configDir.isEmpty {
      files = Self.usualFiles.filter { TextFile.exists($0) }.prefix(1).map { $0 }
      if files.isEmpty, keyRepository == nil {
        KeystoneLog.write(
          KeystoneLogLine(
            .warning, "keystone.cmd.cli", "Config file not found, using default configs."))
      }
    }
    for directory in configDir {
      guard let names = TextFile.names(in: directory) else {
        TextFile.complain("Failed to read config file directory: \(directory)")
        throw ExitCode(1)
      }
      files += names.filter { $0.hasSuffix(".conf") }.map { directory + "/" + $0 }
    }
    return files
  }
}

// SPDX-License-Identifier: Apache-2.0

extension KeyRepositoryRules {
  /// The user and the group that are to own the keys.
  package enum Ownership: Equatable, Sendable {
    case ofTheCaller
    /// Only one of the two was named, which Keystone does not act on.
    case incomplete
    case given
  }

  /// What comes before a set-up: the directory (`create_key_directory`).
  package func preparation(_ directory: KeyDirectory, owner: Ownership) -> [KeyFileStep] {
    guard directory.access == .missing else { return [] }
    let subject = release.number >= 15 ? directory.path : group.option(release)
    var steps: [KeyFileStep] = [
      say(.info, "\(subject) does not appear to exist; attempting to create it", directoryModule),
      .makeDirectory,
    ]
    if owner == .incomplete {
      let named = release.number >= 15 ? "key repository" : group.option(release)
      steps.append(
        say(
          .warning,
          "Unable to change the ownership of \(named) without a keystone user ID and keystone "
            + "group ID both being provided: \(directory.path)", directoryModule))
    }
    return steps
  }

  /// What Keystone says when the directory cannot be made. It goes on, and finds it missing.
  package func cannotPrepare(_ directory: KeyDirectory) -> KeystoneLogLine {
    let subject = release.number >= 15 ? directory.path : group.option(release)
    return KeystoneLogLine(
      .error, directoryModule,
      "Failed to create \(subject): either it already exists or you don't have sufficient "
        + "permissions to create it")
  }

  /// `fernet_setup`, `token_setup`, `receipt_setup` or `credential_setup` in a directory that is
  /// there: a first key and a rotation, so that a staged and a primary key are left. Nothing, if
  /// there is a staged key.
  package func setup(
    _ directory: KeyDirectory, owner: Ownership, first: FernetKey, second: FernetKey
  ) -> [KeyFileStep] {
    if directory.contents(of: "0") != nil {
      return [say(.info, "Key repository is already initialized; aborting.")]
    }
    var steps = creation(of: first, in: directory, owner: owner)
    steps += usesTemporaryFile ? becoming(directory) : []
    var later = directory
    later.apply(steps)
    return steps + rotation(later, owner: owner, staging: second)
  }

  /// `fernet_rotate` and its like. The staged key becomes primary under the next number, `key` is
  /// staged, and of the others the lowest go until `maxActiveKeys` are left.
  ///
  /// From Ocata on the new key is on disk, as `0.tmp`, before the staged one moves, so that a full
  /// disk cannot lose it.
  package func rotation(
    _ directory: KeyDirectory, owner: Ownership, staging key: FernetKey
  ) -> [KeyFileStep] {
    var lines: [KeystoneLogLine] = []
    var numbered = directory.numbered(release, into: &lines)
    var steps = lines.map { KeyFileStep.say($0) }
    let listed = numbered.sorted { $0.key < $1.key }.map {
      "'\(directory.path(of: $0.value.name))'"
    }
    steps.append(
      say(
        .info,
        "Starting key rotation with \(listed.count) key files: [\(listed.joined(separator: ", "))]")
    )
    if usesTemporaryFile { steps += creation(of: key, in: directory, owner: owner) }
    guard let current = numbered.keys.max() else {
      return steps + [.fail("ValueError: max() arg is an empty sequence")]
    }
    let next = current + 1
    steps += [
      say(.info, "Current primary key is: \(current)"),
      say(.info, "Next primary key will be: \(next)"),
    ]
    guard let staged = directory.contents(of: "0") else {
      return steps + [
        .fail(
          "FileNotFoundError: [Errno 2] No such file or directory: '\(directory.path(of: "0"))' "
            + "-> '\(directory.path(of: "\(next)"))'")
      ]
    }
    steps += [
      .rename(from: "0", to: "\(next)"),
      say(.info, "Promoted key 0 to be the primary: \(next)"),
    ]
    numbered[0] = nil
    numbered[next] = KeyDirectory.File(name: "\(next)", contents: staged)
    steps +=
      usesTemporaryFile ? becoming(directory) : creation(of: key, in: directory, owner: owner)
    return steps + purge(numbered, in: directory)
  }

  /// - Parameter numbered: all keys but the new staged one.
  private func purge(
    _ numbered: [Int: KeyDirectory.File], in directory: KeyDirectory
  ) -> [KeyFileStep] {
    var steps: [KeyFileStep] = []
    var limit = maxActiveKeys
    if limit < 1 {
      // Newton and later refuse such an option when they read it.
      limit = 1
      steps.append(
        say(
          .warning,
          "[fernet_tokens] max_active_keys must be at least 1 to maintain a primary key."))
    }
    let excess = max(0, numbered.count - (limit - 1))
    let purged = numbered.sorted { $0.key < $1.key }.prefix(excess)
    if release.number < 8, !purged.isEmpty {
      let numbers = purged.map { "\($0.key)" }.joined(separator: ", ")
      steps.append(say(.info, "Excess keys to purge: [\(numbers)]"))
      return steps + purged.map { .remove(name: $0.value.name) }
    }
    for (_, file) in purged {
      steps.append(say(.info, "Excess key to purge: \(directory.path(of: file.name))"))
      steps.append(.remove(name: file.name))
    }
    return steps
  }

  private var usesTemporaryFile: Bool { release.number >= 11 }

  private func creation(
    of key: FernetKey, in directory: KeyDirectory, owner: Ownership
  ) -> [KeyFileStep] {
    let name = usesTemporaryFile ? "0.tmp" : "0"
    let kind = usesTemporaryFile ? "temporary key" : "key"
    var steps: [KeyFileStep] = []
    if owner == .incomplete {
      steps.append(
        say(
          .warning,
          "Unable to change the ownership of the new key without a keystone user ID and keystone "
            + "group ID both being provided: \(directory.path)"))
    }
    return steps + [
      .write(name: name, contents: key.text),
      say(.info, "Created a new \(kind): \(directory.path(of: name))"),
    ]
  }

  private func becoming(_ directory: KeyDirectory) -> [KeyFileStep] {
    [
      .rename(from: "0.tmp", to: "0"),
      say(.info, "Become a valid new key: \(directory.path(of: "0"))"),
    ]
  }

  private var directoryModule: String {
    release.number >= 15 ? "keystone.common.utils" : KeyRepositoryGroup.module(release)
  }

  private func say(
    _ level: KeystoneLogLine.Level, _ text: String, _ module: String? = nil
  ) -> KeyFileStep {
    .say(KeystoneLogLine(level, module ?? KeyRepositoryGroup.module(release), text))
  }
}

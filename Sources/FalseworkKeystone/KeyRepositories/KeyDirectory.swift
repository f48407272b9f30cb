// SPDX-License-Identifier: Apache-2.0

/// A directory of keys as it stands at one moment: the names and contents of its files, and who may
/// read it.
///
/// A node without a disk owns one; for a node with a disk the live world reads one. Whatever changes
/// it is a `KeyFileStep`, and between any two steps a node may read it: half a rotation or half a
/// copy is a state like any other.
package struct KeyDirectory: Equatable, Sendable {
  package enum Access: Equatable, Sendable {
    case missing
    /// It cannot be listed or entered.
    case refused
    case granted(writable: Bool, worldReadable: Bool)
  }

  package struct File: Equatable, Sendable {
    package var name: String
    package var contents: String

    package init(name: String, contents: String) {
      self.name = name
      self.contents = contents
    }
  }

  package var path: String
  package var access: Access
  /// Ascending by name.
  package private(set) var files: [File]

  package init(path: String, access: Access, files: [File]) {
    self.path = path
    self.access = access
    self.files = files.sorted { $0.name < $1.name }
  }

  package static func missing(_ path: String) -> KeyDirectory {
    KeyDirectory(path: path, access: .missing, files: [])
  }

  /// As `create_key_directory` makes it.
  package static func empty(_ path: String) -> KeyDirectory {
    KeyDirectory(path: path, access: .granted(writable: true, worldReadable: false), files: [])
  }

  /// A repository in memory that holds what these keys are.
  package init(path: String, keys: FernetKeyRepository) {
    self.init(
      path: path, access: .granted(writable: true, worldReadable: false),
      files: keys.entries.map { File(name: "\($0.number)", contents: $0.key.text) })
  }

  package func contents(of name: String) -> String? {
    files.first { $0.name == name }?.contents
  }

  /// The path of a file in it, as Python's `os.path.join` writes it.
  package func path(of name: String) -> String {
    path.hasSuffix("/") ? path + name : path + "/" + name
  }

  package mutating func apply(_ step: KeyFileStep) {
    switch step {
    case .makeDirectory:
      if access == .missing { access = .granted(writable: true, worldReadable: false) }
    case .write(let name, let contents):
      remove(name)
      let place = files.firstIndex { $0.name > name } ?? files.count
      files.insert(File(name: name, contents: contents), at: place)
    case .rename(let old, let new):
      guard let contents = contents(of: old) else { return }
      remove(old)
      apply(.write(name: new, contents: contents))
    case .remove(let name):
      remove(name)
    case .say, .fail:
      break
    }
  }

  package mutating func apply(_ steps: some Sequence<KeyFileStep>) {
    for step in steps { apply(step) }
  }

  private mutating func remove(_ name: String) { files.removeAll { $0.name == name } }

  // MARK: What Keystone makes of the names

  /// The number that a file's name stands for, as Python's `int` reads it, or nil: such files are
  /// ignored, `0.tmp` among them.
  static func number(_ name: String) -> Int? {
    var digits = Substring(name)
    while let first = digits.first, first.isWhitespace { digits.removeFirst() }
    while let last = digits.last, last.isWhitespace { digits.removeLast() }
    let isNegative = digits.first == "-"
    if isNegative || digits.first == "+" { digits.removeFirst() }
    guard let first = digits.utf8.first, let last = digits.utf8.last, first != 0x5F, last != 0x5F
    else { return nil }
    var value = 0
    var afterUnderscore = false
    for byte in digits.utf8 {
      if byte == 0x5F {
        guard !afterUnderscore else { return nil }
        afterUnderscore = true
        continue
      }
      guard (0x30...0x39).contains(byte) else { return nil }
      afterUnderscore = false
      let (tens, tooMany) = value.multipliedReportingOverflow(by: 10)
      let (sum, tooLarge) = tens.addingReportingOverflow(Int(byte - 0x30))
      guard !tooMany, !tooLarge else { return nil }
      value = sum
    }
    return isNegative ? -value : value
  }

  /// The files that have a number, by it. Of two with the same the last one counts.
  func numbered(_ release: Release, into lines: inout [KeystoneLogLine]) -> [Int: File] {
    var numbered: [Int: File] = [:]
    for file in files {
      guard let number = Self.number(file.name) else { continue }
      if file.contents.isEmpty, release.number >= 14 {
        lines.append(
          KeystoneLogLine(
            .warning, KeyRepositoryGroup.module(release),
            "Ignoring empty key found in key repository: \(path(of: file.name))"))
        continue
      }
      numbered[number] = file
    }
    return numbered
  }
}

/// One change of a directory of keys, or one thing that is said on the way.
package enum KeyFileStep: Equatable, Sendable {
  /// With mode 0700, and those above it.
  case makeDirectory
  /// With mode 0600, whole or not at all as far as a reader can tell.
  case write(name: String, contents: String)
  case rename(from: String, to: String)
  case remove(name: String)
  case say(KeystoneLogLine)
  /// An exception that nobody catches: the steps before it stay done.
  case fail(String)
}

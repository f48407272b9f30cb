// SPDX-License-Identifier: Apache-2.0
package import FalseworkKeystone
import Glibc

extension KeyDirectory {
  /// Of a file, no more is looked at: a key has 44 bytes, a PEM file some hundred.
  private static let longestFile = 65_536

  /// Stands for a file that cannot be opened. It is no key, which in Keystone is as bad.
  private static let unreadable = "(unreadable)"

  /// The directory as it stands on disk.
  package static func read(_ path: String) -> KeyDirectory {
    var status = stat()
    guard stat(path, &status) == 0 else {
      // Python's `os.path.exists` says the same of a path whose parent is closed.
      return .missing(path)
    }
    guard Glibc.access(path, R_OK) == 0, Glibc.access(path, X_OK) == 0, let handle = opendir(path)
    else {
      return KeyDirectory(path: path, access: .refused, files: [])
    }
    defer { closedir(handle) }
    var files: [File] = []
    while let entry = readdir(handle) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let contents = read(file: path + "/" + name) {
        files.append(File(name: name, contents: contents))
      }
    }
    let isWorldReadable = status.st_mode & (S_IROTH | S_IXOTH) != 0
    return KeyDirectory(
      path: path,
      access: .granted(writable: Glibc.access(path, W_OK) == 0, worldReadable: isWorldReadable),
      files: files)
  }

  /// Nil for what is no file, and for one that went away meanwhile.
  private static func read(file path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return errno == ENOENT ? nil : unreadable }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while bytes.count < longestFile {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Does the steps of a command in a directory on disk.
package struct KeyDirectoryWriter: Sendable {
  /// Whom new files are to belong to.
  package struct Owner: Equatable, Sendable {
    package var user: UInt32
    package var group: UInt32

    package init(user: UInt32, group: UInt32) {
      self.user = user
      self.group = group
    }
  }

  /// A step that the system refused, named as Python's exception names it.
  package struct Failure: Error, Equatable, Sendable {
    package var text: String

    package init(text: String) { self.text = text }
  }

  private let path: String
  private let owner: Owner?

  /// - Parameter owner: nil leaves the files to whoever runs this.
  package init(path: String, owner: Owner?) {
    self.path = path
    self.owner = owner
  }

  /// Does one step. What is only said is the caller's to say.
  package func perform(_ step: KeyFileStep) throws(Failure) {
    switch step {
    case .say: return
    case .fail(let text): throw Failure(text: text)
    case .makeDirectory: try makeDirectory()
    case .write(let name, let contents): try asOwner { write(contents, to: join(name)) }
    case .rename(let old, let new):
      guard rename(join(old), join(new)) == 0 else {
        throw Self.failure("'\(join(old))' -> '\(join(new))'")
      }
    case .remove(let name):
      guard unlink(join(name)) == 0 else { throw Self.failure("'\(join(name))'") }
    }
  }

  private func join(_ name: String) -> String {
    path.hasSuffix("/") ? path + name : path + "/" + name
  }

  /// Those above it get the mode that the process gives, as Python's `os.makedirs` does.
  private func makeDirectory() throws(Failure) {
    let parts = path.split(separator: "/")
    var made = path.hasPrefix("/") ? "/" : ""
    for (index, part) in parts.enumerated() {
      made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
      let mode: mode_t = index == parts.count - 1 ? 0o700 : 0o777
      guard mkdir(made, mode) == 0 || errno == EEXIST else { throw Self.failure("'\(made)'") }
    }
    if let owner, chown(path, owner.user, owner.group) != 0 { throw Self.failure("'\(path)'") }
  }

  /// Writes as the owner, so that the file is the owner's; a key is never another's, not even for a
  /// moment.
  private func asOwner(_ body: () -> Failure?) throws(Failure) {
    let (user, group) = (geteuid(), getegid())
    if let owner {
      guard setegid(owner.group) == 0, seteuid(owner.user) == 0 else {
        let failure = Self.failure(nil)
        _ = setegid(group)
        throw failure
      }
    }
    let failure = body()
    if owner != nil {
      precondition(
        seteuid(user) == 0 && setegid(group) == 0, "a process can become again what it was")
    }
    if let failure { throw failure }
  }

  private func write(_ contents: String, to path: String) -> Failure? {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return Self.failure("'\(path)'") }
    defer { close(descriptor) }
    let bytes = Array(contents.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      let failure = Self.failure(nil)
      unlink(path)
      return failure
    }
    return nil
  }

  private static func failure(_ place: String?) -> Failure {
    let number = errno
    let kind =
      switch number {
      case ENOENT: "FileNotFoundError"
      case EACCES, EPERM: "PermissionError"
      case EISDIR: "IsADirectoryError"
      case ENOTDIR: "NotADirectoryError"
      default: "OSError"
      }
    let text = unsafe String(cString: strerror(number))
    return Failure(text: "\(kind): [Errno \(number)] \(text)\(place.map { ": " + $0 } ?? "")")
  }
}

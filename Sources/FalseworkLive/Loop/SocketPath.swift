// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The path of a UNIX socket.
struct SocketPath: Sendable {
  let path: String
  /// Permission bits; nil leaves them to the umask.
  let mode: UInt32?

  /// Opens a listening socket there. One that a dead process left behind is replaced, as HAProxy
  /// replaces its own; one that answers is not.
  func listening(backlog: Int32) throws(LiveError) -> Int32 {
    let descriptor = try Self.open()
    var result = name(bind, descriptor)
    if result != 0, errno == EADDRINUSE {
      guard !answers else {
        Glibc.close(descriptor)
        throw .socketInUse(path: path)
      }
      remove()
      result = name(bind, descriptor)
    }
    guard result == 0, mode.map({ chmod(path, $0) }) ?? 0 == 0, listen(descriptor, backlog) == 0
    else {
      let number = errno
      Glibc.close(descriptor)
      throw .system(action: "listen on \(path)", errno: number)
    }
    return descriptor
  }

  func remove() {
    unlink(path)
  }

  private var answers: Bool {
    do {
      let descriptor = try Self.open()
      defer { Glibc.close(descriptor) }
      return name(connect, descriptor) == 0
    } catch {
      return true
    }
  }

  private static func open() throws(LiveError) -> Int32 {
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_UNIX, type, 0)
    guard descriptor >= 0 else { throw .system(action: "open a socket", errno: errno) }
    return descriptor
  }

  /// Calls `bind` or `connect` with the path as the name; a path that does not fit is invalid.
  private func name(
    _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ descriptor: Int32
  ) -> Int32 {
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: name.sun_path)
    guard path.utf8.count < room else {
      errno = ENAMETOOLONG
      return -1
    }
    withUnsafeMutableBytes(of: &name.sun_path) { target in
      unsafe target.copyBytes(from: path.utf8)
    }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    return withUnsafeBytes(of: &name) { bytes in
      unsafe call(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), size)
    }
  }
}

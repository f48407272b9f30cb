// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A program that runs below this one, with a line to it and a line from it.
///
/// Its standard input is a pipe that ends when this process does, however that comes about; its
/// descriptor 3 is a pipe that ends when it does itself. It is in a process group of its own, so that
/// Ctrl-C in a terminal reaches only this process.
struct ChildProcess {
  let pid: pid_t
  /// Closing it tells the child that nobody needs it any more.
  let control: Int32
  /// What the child says. Its end is the child's end.
  let status: Int32

  /// The child's end of `status`.
  static let statusDescriptor: Int32 = 3

  static func spawn(_ command: [String]) throws(LiveError) -> ChildProcess {
    let control = try pipe()
    let status = try pipe()
    defer {
      close(control.read)
      close(status.write)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, control.read, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, status.write, statusDescriptor)
    // A socket that a child held as well would not close when this process closes it.
    for descriptor in try openDescriptors() where descriptor > statusDescriptor {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    var arguments: [UnsafeMutablePointer<CChar>?] = command.map { unsafe strdup($0) }
    arguments.append(nil)
    defer { for argument in arguments { unsafe free(argument) } }
    var pid: pid_t = 0
    let result = unsafe posix_spawnp(
      &pid, command[0], &actions, &attributes, &arguments, environ)
    guard result == 0 else {
      close(control.write)
      close(status.read)
      throw .system(action: "start \(command[0])", errno: result)
    }
    return ChildProcess(pid: pid, control: control.write, status: status.read)
  }

  func signal(_ number: Int32) {
    kill(pid, number)
  }

  enum Exit: Equatable {
    case status(Int32)
    case signal(Int32)
  }

  /// Waits for the end of a child that is ending, and takes it from the process table.
  func reap() -> Exit { Self.reap(pid) }

  static func reap(_ pid: pid_t) -> Exit {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    // wait(2): the low seven bits are the signal, the second byte the exit status.
    let number = status & 0x7F
    return number == 0 ? .status((status >> 8) & 0xFF) : .signal(number)
  }

  /// Both ends above every descriptor that a child has a use for, and not inherited.
  private static func pipe() throws(LiveError) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else { throw .system(action: "open a pipe", errno: errno) }
    let moved = ends.map { fcntl($0, F_DUPFD_CLOEXEC, 16) }
    let number = errno
    for end in ends { close(end) }
    guard moved.allSatisfy({ $0 >= 0 }) else {
      for end in moved where end >= 0 { close(end) }
      throw .system(action: "open a pipe", errno: number)
    }
    return (moved[0], moved[1])
  }

  static func openDescriptors() throws(LiveError) -> [Int32] {
    guard let directory = opendir("/proc/self/fd") else {
      throw .system(action: "read /proc/self/fd", errno: errno)
    }
    defer { closedir(directory) }
    var found: [Int32] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name.0) { unsafe String(cString: $0) }
      if let number = Int32(name) { found.append(number) }
    }
    return found
  }
}

// SPDX-License-Identifier: Apache-2.0

/// `log <address> [len <n>] [format <f>] <facility> [<level> [<minimum>]]`.
extension ConfigurationReader {
  func logTarget(_ arguments: [String]) throws(ConfigurationFault) -> LogTarget {
    var target = LogTarget(destination: try logDestination(arguments[0]))
    var rest = arguments.dropFirst()
    while let word = rest.first, ["len", "format", "sample"].contains(word) {
      let value = rest.dropFirst().first ?? ""
      rest = rest.dropFirst(2)
      switch word {
      case "len":
        target.length = try ConfigurationValues.integer(value, in: 80...65_535, of: "len")
      case "format":
        guard let format = LogTarget.Format(rawValue: value) else {
          throw ConfigurationFault(message: "log : unknown log format '\(value)'")
        }
        target.format = format
      default: throw unsupported("log … \(word)", "leave it out")
      }
    }
    let facility = rest.popFirst() ?? ""
    guard let number = LogTarget.facilities.firstIndex(of: facility) else {
      throw ConfigurationFault(message: "log : unknown log facility '\(facility)'")
    }
    target.facility = number
    if let word = rest.popFirst() { target.least = try level(word) }
    if let word = rest.popFirst() { target.most = try level(word) }
    if let extra = rest.first {
      throw ConfigurationFault(message: "log : cannot handle unexpected argument '\(extra)'.")
    }
    return target
  }

  private func level(_ word: String) throws(ConfigurationFault) -> Int {
    guard let level = LogTarget.levels.firstIndex(of: word) else {
      throw ConfigurationFault(message: "log : unknown optional log level '\(word)'")
    }
    return level
  }

  private func logDestination(
    _ text: String
  ) throws(ConfigurationFault) -> LogTarget.Destination {
    switch text {
    case "stdout", "fd@1": return .stdout
    case "stderr", "fd@2": return .stderr
    default: break
    }
    if text.hasPrefix("ring@") || text.hasPrefix("fd@") || text.hasPrefix("tcp") {
      throw unsupported("log \(text)", "write an address, a path, stdout or stderr")
    }
    let bare =
      text.hasPrefix("unix@") || text.hasPrefix("udp@")
      ? String(text.drop { $0 != "@" }.dropFirst()) : text
    if bare.hasPrefix("/") || text.hasPrefix("unix@") { return .path(bare) }
    let (host, port) = ConfigurationValues.hostAndPort(bare)
    guard ConfigurationValues.address(host) != nil || host == "localhost" else {
      throw unsupported("log \(text)", "write an IPv4 address")
    }
    let number = try port.map { text throws(ConfigurationFault) in
      try ConfigurationValues.integer(text, in: 1...65_535, of: "log")
    }
    return .udp(host: host == "localhost" ? "127.0.0.1" : host, port: number ?? 514)
  }
}

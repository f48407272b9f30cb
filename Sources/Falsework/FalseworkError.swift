// SPDX-License-Identifier: Apache-2.0

/// Why something of the fixture could not be done.
public struct FalseworkError: Error, Sendable, CustomStringConvertible {
  /// Kinds of it. More may come.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// The scenario is wrong; the message names every mistake with its place.
    public static let badScenario = Code(description: "bad scenario")
    /// A node of this name is not in the cluster.
    public static let noSuchNode = Code(description: "no such node")
    /// A port is in use, or the system refused something.
    public static let environment = Code(description: "environment")
    /// What was waited for did not come in its time.
    public static let timeout = Code(description: "timeout")
    /// Keystone's answer is another one than was asked for.
    public static let unexpectedAnswer = Code(description: "unexpected answer")
    /// The rotation was given up.
    public static let rotationAborted = Code(description: "rotation aborted")
    /// What was asked for exists in the other world only.
    public static let wrongWorld = Code(description: "wrong world")
  }

  public let code: Code
  public let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { "\(code): \(message)" }
}

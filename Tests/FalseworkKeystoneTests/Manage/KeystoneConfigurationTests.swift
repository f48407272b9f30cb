// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Testing

@Suite struct KeystoneConfigurationTests {
  private static func read(
    _ texts: String..., environment: [String: String] = [:]
  ) -> (KeystoneConfiguration, [String]) {
    var configuration = KeystoneConfiguration(environment: environment)
    var problems: [String] = []
    for (index, text) in texts.enumerated() {
      problems += configuration.read(text, file: "f\(index)").map { "\($0)" }
    }
    return (configuration, problems)
  }

  @Test func `options stand in groups, comments and blank lines count for nothing`() {
    let (configuration, problems) = Self.read(
      """
      # key_repository = /no
      [fernet_tokens]
      key_repository = /keys
      ; max_active_keys = 9
      max_active_keys:5

      [DEFAULT]
      quoted = "two words "
      url = sqlite:///a=b
      long = one
        two
      empty =
      """)
    #expect(problems == [])
    #expect(configuration.text("fernet_tokens", "key_repository") == "/keys")
    #expect(configuration.text("fernet_tokens", "max_active_keys") == "5")
    #expect(configuration.text("DEFAULT", "quoted") == "two words ")
    #expect(configuration.text("DEFAULT", "url") == "sqlite:///a=b")
    #expect(configuration.text("DEFAULT", "long") == "one\ntwo")
    #expect(configuration.text("DEFAULT", "empty") == "")
    #expect(configuration.text("DEFAULT", "key_repository") == nil)
  }

  @Test func `the last file counts, and the environment before all files`() {
    let (configuration, _) = Self.read(
      "[a]\nx = 1\ny = 1\nz = 1", "[a]\nx = 2\ny = 2", environment: ["OS_A__X": "3"])
    #expect(configuration.text("a", "x") == "3")
    #expect(configuration.text("a", "y") == "2")
    #expect(configuration.text("a", "z") == "1")
  }

  @Test func `every line that is none is told, and its file counts for nothing`() {
    let (configuration, problems) = Self.read(
      "[a]\nx = 1", "early = 1\n  more\n[a]\nx = 2\nnonsense\n= 3\n[open")
    #expect(
      problems == [
        "f1:1: No section before this option: 'early = 1'",
        "f1:2: Unexpected continuation line: '  more'",
        "f1:5: No ':' or '=' found in assignment: 'nonsense'",
        "f1:6: Key cannot be empty: '= 3'",
        "f1:7: Invalid section (must end with ]): '[open'",
      ])
    #expect(configuration.text("a", "x") == "1")
  }

  @Test(arguments: [("true", true), ("1", true), ("Yes", true), ("off", false), ("No", false)])
  func `a truth is what oslo config takes for one`(text: String, value: Bool) throws {
    let (configuration, _) = Self.read("[a]\nx = \(text)")
    #expect(try configuration.isTrue("a", "x", default: !value) == value)
    #expect(try configuration.isTrue("a", "other", default: value) == value)
  }

  @Test func `a value of the wrong kind is told with its place`() {
    let (configuration, _) = Self.read("[a]\nx = maybe", environment: ["OS_A__Y": "0"])
    #expect(
      throws: KeystoneConfiguration.Problem(
        place: "f0:2",
        text: "Value for option x is not valid: Unexpected boolean value 'maybe'")
    ) { try configuration.isTrue("a", "x", default: true) }
    #expect(
      throws: KeystoneConfiguration.Problem(
        place: "OS_A__Y",
        text: "Value for option y is not valid: Should be greater than or equal to 1")
    ) { try configuration.number("a", "y", default: 3, atLeast: 1) }
    #expect(throws: KeystoneConfiguration.Problem.self) {
      try configuration.number("a", "x", default: 3)
    }
  }
}

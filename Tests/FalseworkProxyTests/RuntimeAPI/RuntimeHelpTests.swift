// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkProxy

@Suite struct RuntimeHelpTests {
  @Test func `help lists all, a word narrows it down, and three commands always stand at the end`()
  {
    let all = RuntimeHelp.help([]).text.split(separator: "\n")
    #expect(all.count == 1 + RuntimeCommand.allCases.count)
    let narrowed = RuntimeHelp.help(["get"]).text.split(separator: "\n").map { $0.prefix(14) }
    #expect(
      narrowed == [
        "The following ", "  get weight <", "  help [<comma", "  prompt      ", "  quit        ",
      ])
  }

  @Test(arguments: [
    (["show", "sta"], "show stat"), (["set", "serve"], "set server"),
    (["Disable", "server"], "disable server"), (["get", "wieght"], "get weight"),
    (["shutdown", "session"], "shutdown sessions server"),
  ]) func `what is nearly a command is answered with it`(words: [String], command: String) {
    let text = RuntimeHelp.unknown(words).text
    #expect(text.hasPrefix("Unknown command, but maybe one of the following ones is a better"))
    #expect(text.contains("\n  \(command)"))
    #expect(text.split(separator: "\n").count <= 1 + 5 + 3)
  }
}

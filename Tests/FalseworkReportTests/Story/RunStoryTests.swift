// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkReport

@Suite struct RunStoryTests {
  private static func story() throws -> RunStory { RunStory(try SyntheticRun.restart()) }

  @Test func `every failure is in one group, and what only followed comes last`() throws {
    let story = try Self.story()
    #expect(!story.failures.isEmpty)
    #expect(story.groups.flatMap { $0 }.count == story.failures.count)
    for group in story.groups { #expect(Set(group.map(\.text)).count == 1) }
    let kinds = story.groups.map { $0[0].cause == .noToken }
    #expect(kinds == kinds.sorted { !$0 && $1 })
  }

  @Test func `a chain names the request, its node, what that was, and the end`() throws {
    let story = try Self.story()
    for request in story.failures where request.sight != nil && request.node != nil {
      let chain = story.chain(request, nil)
      #expect(
        chain.hasPrefix("Request \(request.number) (\(request.step) of user \(request.user))"))
      if request.cause != .noToken { #expect(chain.contains(request.node!)) }
      #expect(chain.hasSuffix("."))
    }
  }

  @Test func `a request without a token says which one had failed`() throws {
    let story = try Self.story()
    let request = try #require(story.failures.first { $0.cause == .noToken })
    let before = try #require(request.because)
    #expect(story.chain(request, nil).contains("request \(before) had failed"))
  }
}

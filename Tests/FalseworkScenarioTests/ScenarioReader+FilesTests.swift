// SPDX-License-Identifier: Apache-2.0
import FalseworkScenario
import Foundation
import Testing

@Suite struct ScenarioReaderFilesTests {
  private func problem(_ path: String) -> String? {
    do {
      _ = try ScenarioReader.files.read(path)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func `a file that is not there`() {
    #expect(
      problem("/no/such.yaml") == "/no/such.yaml: found no such file, expected a scenario file")
  }

  @Test func `a directory`() {
    #expect(problem("/") == "/: found a directory, expected a scenario file")
  }

  @Test func `a file without an end`() {
    #expect(
      problem("/dev/zero")
        == "/dev/zero: found more than 1048576 bytes, expected a file of at most 1048576 bytes")
  }

  @Test func `a file that holds nothing`() {
    #expect(problem("/dev/null")?.hasPrefix("/dev/null:1:1: found nothing, expected") == true)
  }

  @Test func `a configuration that is not there names the path that was tried`() {
    let path = Sample.specs.appending(path: "scenarios/x.yaml").path
    do {
      _ = try ScenarioReader.files.read(Array("proxy: no.cfg".utf8), file: path)
      Issue.record("it was read")
    } catch {
      let tried = Sample.specs.appending(path: "scenarios/no.cfg").path
      #expect(error.problems.map(\.found) == ["'\(tried)': no such file"])
    }
  }
}

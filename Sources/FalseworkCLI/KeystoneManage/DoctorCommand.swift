// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkKeystone
import FalseworkLive

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what is wrong with a configuration and its keys (from Newton on).",
    discussion: """
        falsework keystone-manage --config-file keystone.conf doctor

      Ends with 1 if it finds something.
      """)
  @OptionGroup var options: KeystoneManageOptions

  func run() throws {
    let (release, configuration, settings) = try options.read(for: .doctor)
    let doctor = Doctor(
      release: release, configuration: configuration, options: settings,
      tokenKeys: .read(settings.tokens.path), credentialKeys: .read(settings.credentialPath))
    var lines: [KeystoneLogLine] = []
    let found: [Doctor.Symptom]
    do throws(KeystoneConfiguration.Problem) {
      found = try doctor.symptoms(into: &lines)
    } catch {
      TextFile.complain("\(error)")
      throw ExitCode(1)
    }
    for line in lines { KeystoneLog.write(line) }
    for symptom in found {
      let parts = symptom.text.split(separator: "\n")
      let rest = parts.dropFirst().map { "    \($0)\n" }.joined()
      Terminal.write("\nWARNING: \(parts[0])\n\n\(rest)", to: .output)
    }
    if !found.isEmpty { throw ExitCode(1) }
  }
}

// SPDX-License-Identifier: Apache-2.0
import FalseworkLab
import FalseworkReport
import Glibc

/// A directory of a sweep: its plan, and the runs that are done. It grows by a line a run, and what
/// is there is not played again.
struct SweepStore {
  let directory: String
  private(set) var table: RunTable
  private var file: UnsafeMutablePointer<FILE>?

  private static func plan(_ directory: String) -> String { directory + "/plan.txt" }
  private static func runs(_ directory: String) -> String { directory + "/runs.csv" }

  /// Opens the directory for this plan, and takes in what was done for it before.
  init(_ directory: String, _ plan: SweepPlan) throws {
    self.directory = directory
    table = RunTable(plan)
    try TextFile.makeDirectory(directory)
    let (planPath, runsPath) = (Self.plan(directory), Self.runs(directory))
    var whole = 0
    if TextFile.exists(planPath) {
      let before = try Self.readPlan(directory)
      if let difference = plan.difference(from: before) {
        throw CommandEnd(
          status: .usage,
          message: "\(directory) holds another sweep: \(difference); name another directory")
      }
      if TextFile.exists(runsPath) {
        whole = try Self.read(runsPath, into: &table)
      }
    }
    try TextFile.write(Array(plan.text.utf8), to: planPath)
    // A half line at the end goes; after it the file is written on.
    if whole == 0 {
      try TextFile.write(Array(table.header.utf8), to: runsPath)
    } else if truncate(runsPath, whole) != 0 {
      throw TextFile.failure(runsPath)
    }
    file = unsafe fopen(runsPath, "a")
    guard unsafe file != nil else { throw TextFile.failure(runsPath) }
  }

  /// The runs are on their way to the disk when this returns.
  mutating func add(_ runs: [RunFigures]) throws(CommandEnd) {
    guard let file = unsafe file else { return }
    var text = ""
    for figures in runs {
      table.add(figures)
      text += table.line(figures)
    }
    let bytes = Array(text.utf8)
    guard unsafe fwrite(bytes, 1, bytes.count, file) == bytes.count, unsafe fflush(file) == 0 else {
      throw TextFile.failure(Self.runs(directory))
    }
  }

  mutating func close() throws(CommandEnd) {
    guard let open = unsafe file else { return }
    unsafe file = nil
    guard unsafe fclose(open) == 0 else { throw TextFile.failure(Self.runs(directory)) }
  }

  /// Writes everything that a sweep leaves behind.
  static func write(_ result: SweepResult, to directory: String) throws(CommandEnd) -> [String] {
    let files = SweepFiles(result).all
    try write(files, to: directory)
    return files.map(\.name)
  }

  static func write(
    _ files: [(name: String, bytes: [UInt8])], to directory: String
  ) throws(CommandEnd) {
    for file in files {
      // In the place of the file that grew only when it is whole.
      let path = directory + "/" + file.name
      try TextFile.write(file.bytes, to: path + ".new")
      guard rename(path + ".new", path) == 0 else { throw TextFile.failure(path) }
    }
  }

  static func readPlan(_ directory: String) throws(CommandEnd) -> SweepPlan {
    let path = plan(directory)
    do {
      return try SweepPlan(parsing: String(decoding: try TextFile.read(path), as: UTF8.self))
    } catch let problem as SweepProblem {
      throw CommandEnd(status: .usage, message: "\(path): \(problem)")
    } catch {
      throw CommandEnd(status: .environment, message: "\(path): not the plan of a sweep")
    }
  }

  /// - Returns: bytes that are whole lines.
  static func readRuns(_ directory: String, into table: inout RunTable) throws(CommandEnd) {
    _ = try read(runs(directory), into: &table)
  }

  private static func read(_ path: String, into table: inout RunTable) throws(CommandEnd) -> Int {
    do {
      return try table.read(try TextFile.read(path), file: path)
    } catch let problem as SweepProblem {
      throw CommandEnd(status: .usage, message: "\(problem)")
    } catch {
      throw CommandEnd(status: .environment, message: "\(path): it cannot be read")
    }
  }
}

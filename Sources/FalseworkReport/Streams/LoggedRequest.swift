// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkHTTP
import FalseworkLoad

/// A request as the log of requests has it: in CSV or in the binary form, the same.
package struct LoggedRequest: Equatable, Sendable {
  package static let columns = [
    "number", "task", "step", "user", "journey", "due_s", "began_s", "sent_s", "first_byte_s",
    "done_s", "status", "verdict", "new_connection", "lacked_token", "port", "ordinal", "server",
    "body_bytes", "token", "token_issued_s",
  ]

  package var number: Int
  package var task: String
  package var step: String
  package var user: Int
  package var journey: Int
  package var due: Instant
  package var began: Instant
  package var sent: Instant
  package var firstByte: Instant
  package var done: Instant
  package var status: Int
  package var verdict: String
  package var newConnection: Bool
  package var lackedToken: Bool
  package var port: Int
  package var ordinal: Int
  package var server: String
  package var bodyBytes: Int
  package var token: Int
  package var tokenIssued: Instant
  /// Its success brings a token. Not in the CSV, as the next.
  package var isAuthentication: Bool
  package var method: HTTPMethod

  init(_ outcome: Outcome, _ plan: LoadPlan) {
    number = outcome.number
    task = plan.tasks[outcome.task].name
    step =
      outcome.preliminary ? plan.preliminaryName : plan.tasks[outcome.task].steps[outcome.step].name
    user = outcome.user
    journey = outcome.journey
    due = outcome.due
    began = outcome.began
    sent = outcome.sent
    firstByte = outcome.firstByte
    done = outcome.done
    status = outcome.status
    verdict = outcome.verdict.label
    newConnection = outcome.newConnection
    lackedToken = outcome.lackedToken
    port = Int(outcome.localPort)
    ordinal = outcome.ordinal
    server = outcome.server ?? ""
    bodyBytes = outcome.bodyBytes
    token = outcome.tokenNumber
    tokenIssued = outcome.tokenIssued
    isAuthentication = plan.isAuthentication(outcome)
    method = plan.method(of: outcome)
  }

  init() {
    (number, task, step, user, journey) = (0, "", "", 0, 0)
    (due, began, sent, firstByte, done) = (.start, .never, .never, .never, .start)
    (status, verdict, newConnection, lackedToken) = (0, "", false, false)
    (port, ordinal, server, bodyBytes, token, tokenIssued) = (0, 0, "", 0, 0, .never)
    (isAuthentication, method) = (false, .get)
  }

  package static var header: [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendCells(columns)
    bytes.append(0x0A)
    return bytes
  }

  /// A line of CSV.
  package var line: [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendCells([
      "\(number)", task, step, "\(user)", "\(journey)", Self.seconds(due), Self.seconds(began),
      Self.seconds(sent), Self.seconds(firstByte), Self.seconds(done),
      status == 0 ? "" : "\(status)", verdict, newConnection ? "1" : "0",
      lackedToken ? "1" : "0", port == 0 ? "" : "\(port)", ordinal == 0 ? "" : "\(ordinal)",
      server, "\(bodyBytes)", token == 0 ? "" : "\(token)", Self.seconds(tokenIssued),
    ])
    bytes.append(0x0A)
    return bytes
  }

  private static func seconds(_ instant: Instant) -> String {
    instant == .never ? "" : (instant - .start).secondsText(decimals: 9)
  }
}

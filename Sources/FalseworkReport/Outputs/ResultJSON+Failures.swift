// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkRotation

extension ResultJSON {
  func causes(_ json: inout JSONWriter) {
    json.list("causes") { list in
      for group in result.causes { list.object { write(group, &$0) } }
    }
    let listed = result.failures.prefix(Self.failureLimit)
    json.list("failed_requests") { list in
      for failure in listed { list.object { write(failure, &$0) } }
    }
    json.member(
      "failed_requests_not_listed",
      result.failures.count - listed.count + result.failuresNotKept)
  }

  private func write(_ group: RunResult.CauseGroup, _ json: inout JSONWriter) {
    json.member("kind", group.cause.kind.rawValue)
    json.member("text", group.cause.text(result.description))
    json.member("node", group.cause.node.map { result.description.name(of: $0) })
    json.member("phase", group.cause.phase?.rawValue)
    json.member("belief", group.cause.belief?.rawValue)
    json.count("status", group.cause.status)
    json.member("count", group.count)
    json.count("silent", group.silent)
    json.seconds("first_s", group.first)
    json.seconds("last_s", group.last)
    json.count("example", group.example)
    json.list("seen") { list in
      for seen in group.seen {
        list.line {
          $0.member("step", seen.step)
          $0.member("verdict", seen.verdict)
          $0.member("count", seen.count)
        }
      }
    }
  }

  private func write(_ failure: Failure, _ json: inout JSONWriter) {
    let outcome = failure.outcome
    json.member("number", outcome.number)
    json.member("task", result.description.plan.tasks[outcome.task].name)
    json.member("step", result.description.stepName(outcome))
    json.member("user", outcome.user)
    json.member("journey", outcome.journey)
    json.seconds("due_s", outcome.due)
    json.seconds("sent_s", outcome.sent)
    json.seconds("first_byte_s", outcome.firstByte)
    json.seconds("done_s", outcome.done)
    json.member("verdict", outcome.verdict.label)
    json.member("status", outcome.status)
    json.member("local_port", Int(outcome.localPort))
    json.member("ordinal", outcome.ordinal)
    json.member("new_connection", outcome.newConnection)
    json.member("lacked_token", outcome.lackedToken)
    json.count("because", failure.because)
    json.member("cause", failure.cause.kind.rawValue)
    json.member("text", failure.cause.text(result.description))
    json.member("node", failure.node.map { result.description.name(of: $0) })
    json.member("node_when_sent", failure.phaseWhenSent?.rawValue)
    json.member("node_when_ended", failure.phaseWhenEnded?.rawValue)
    json.member("belief_when_sent", failure.beliefWhenSent?.description)
    json.member("belief_when_ended", failure.beliefWhenEnded?.description)
    json.member("nodes_serving", failure.nodesServing)
    json.key("last_mark")
    mark(failure.lastMark, &json)
    json.key("last_mark_of_node")
    mark(failure.lastMarkOfNode, &json)
    json.key("proxy")
    proxy(failure.sight, &json)
  }

  private func mark(_ mark: Mark?, _ json: inout JSONWriter) {
    guard let mark else { return json.null() }
    json.line { write(mark, &$0) }
  }

  private func proxy(_ sight: ProxySight?, _ json: inout JSONWriter) {
    guard let sight else { return json.null() }
    json.line { json in
      json.member("server", sight.server.map { result.description.servers[$0.index].name })
      json.member("status", sight.status)
      json.member("termination", sight.termination.text)
      json.member("retries", sight.retries)
      json.member("redispatched", sight.redispatched)
      json.member("logged", sight.logged)
      json.seconds("began_s", sight.began)
      json.seconds("forwarded_s", sight.forwarded)
      json.seconds("ended_s", sight.ended)
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// What a proxy section says of single requests and answers, in its order: beside the sections, so
/// that a request of a proxy without rules never touches it.
package struct RuleSet: Equatable, Sendable {
  package var request: [Rule] = []
  package var response: [Rule] = []
  /// On every answer, the proxy's own ones too.
  package var afterResponse: [Rule] = []
  /// `redirect` lines; they come after `http-request` ones.
  package var redirects: [Rule] = []
  package var switches: [Switch] = []
  package var monitor: Monitor?
  /// `capture request header` and its like, by their place in the log line.
  package var requestCaptures: [Capture] = []
  package var responseCaptures: [Capture] = []
  package var cookie: CookiePersistence?
  package var sticks: [StickRule] = []
  /// `option persist`: a server that is down keeps its clients.
  package var persistsWhenDown = false
  package var stats: StatsPage?
  /// `option forwardfor` with what only a rule can do.
  package var marksClients: ClientMark?
  package var logs: [LogTarget] = []
  /// `timeout tarpit`.
  package var tarpit = Interval.forever
  /// `errorfile`: instead of an answer of the proxy's own.
  package var pages: [ErrorPage] = []

  package struct Rule: Equatable, Sendable {
    package var action: Action
    package var condition: Condition?
  }

  /// `option forwardfor header …` or `if-none`: a field for the client's address.
  package struct ClientMark: Equatable, Sendable {
    package var field: [UInt8]
    package var except: ProxyConfiguration.Network?
    package var onlyIfAbsent: Bool
  }

  package struct Switch: Equatable, Sendable {
    package var backend: BackendID
    package var condition: Condition?
  }

  /// `monitor-uri` and `monitor fail`.
  package struct Monitor: Equatable, Sendable {
    package var uri: [UInt8]
    package var fails: [Condition]
  }

  package struct Capture: Equatable, Sendable {
    /// Nil for one that rules fill.
    package var field: [UInt8]?
    package var length: Int
  }

  package struct ErrorPage: Equatable, Sendable {
    package var page: ProxyPage
    package var answer: ProxyAnswer
  }

  package enum Action: Equatable, Sendable {
    case allow
    /// Refuse with this status; nothing of the request is passed on.
    case deny(Reply)
    /// The same after `timeout tarpit`.
    case tarpit(Reply)
    /// Answer with what the rule holds.
    case reply(Reply)
    case redirect(Redirect)
    /// Close without an answer.
    case reject
    case setField([UInt8], FormatText)
    case addField([UInt8], FormatText)
    case removeField(Condition.Position, [UInt8])
    case removeFields(BytePattern)
    /// Of each line, or of each value between commas.
    case replaceInField([UInt8], BytePattern, FormatText, eachValue: Bool)
    case setPath(FormatText)
    case setPathAndQuery(FormatText)
    case setQuery(FormatText)
    case setURI(FormatText)
    case replacePath(BytePattern, FormatText, withQuery: Bool)
    case replaceURI(BytePattern, FormatText)
    case setMethod(FormatText)
    case setStatus(Int, [UInt8]?)
    case setVariable(String, FormatText)
    case unsetVariable(String)
    /// The value of a sample in a place of the log line.
    case capture(Sample, slot: Int, length: Int)
    case setLogLevel(isSilent: Bool)
    /// Count the request in an entry of a stick table.
    case track(slot: Int, Sample, table: String?)
    /// `use-service prometheus-exporter`.
    case exportFigures
  }

  /// What `deny` and `return` answer.
  package struct Reply: Equatable, Sendable {
    package var status: Int
    /// The page of the proxy's own, or of the `errorfile`.
    package var page: ProxyPage?
    package var fields: [(name: [UInt8], value: FormatText)] = []
    package var contentType: [UInt8]?
    package var body: FormatText?

    package static func == (a: Self, b: Self) -> Bool {
      a.status == b.status && a.page == b.page && a.contentType == b.contentType
        && a.body == b.body
        && a.fields.elementsEqual(b.fields) { $0.name == $1.name && $0.value == $1.value }
    }
  }

  package struct Redirect: Equatable, Sendable {
    package enum Target: Equatable, Sendable {
      case location(FormatText)
      case prefix(FormatText)
      case scheme(FormatText)
    }

    package var target: Target
    package var code = 302
    package var dropsQuery = false
    package var appendsSlash = false
    /// The whole value of `set-cookie`.
    package var cookie: [UInt8]?
  }

  /// Some request has to be told whole because of it.
  var readsRequests: Bool {
    !request.isEmpty || !redirects.isEmpty || !switches.isEmpty || monitor != nil
      || !requestCaptures.isEmpty || readsResponses || !afterResponse.isEmpty
      || cookie != nil || !sticks.isEmpty || stats != nil || marksClients != nil
  }

  /// Answers of the proxy's own may be others.
  var changesPages: Bool { !pages.isEmpty || !afterResponse.isEmpty }

  var readsResponses: Bool {
    !response.isEmpty || !afterResponse.isEmpty || !responseCaptures.isEmpty
      || cookie?.changesResponses == true || sticks.contains(where: \.ofResponse)
  }
}

// SPDX-License-Identifier: Apache-2.0

/// `retry-on`: after which failures a request is sent again (configuration manual, 4.2).
package struct RetryOn: OptionSet, Hashable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The connection could not be opened. The default, and all that is repeated without it being
  /// known whether the server saw the request.
  package static let connFailure = RetryOn(rawValue: 1)
  /// It ended after the request was sent and before a byte of an answer.
  package static let emptyResponse = RetryOn(rawValue: 2)
  package static let junkResponse = RetryOn(rawValue: 4)
  package static let responseTimeout = RetryOn(rawValue: 8)
  /// TLS early data was refused; there is none here.
  package static let zeroRTTRejected = RetryOn(rawValue: 16)

  package static let allRetryable: RetryOn = [
    .connFailure, .emptyResponse, .junkResponse, .responseTimeout, .zeroRTTRejected,
    .status(500)!, .status(502)!, .status(503)!, .status(504)!,
  ]

  private static let statuses = [401, 403, 404, 408, 425, 429, 500, 501, 502, 503, 504]

  /// An answer of this status; nil for one that cannot be named.
  package static func status(_ code: Int) -> RetryOn? {
    statuses.firstIndex(of: code).map { RetryOn(rawValue: 32 << UInt32($0)) }
  }

  func contains(status: Int) -> Bool { Self.status(status).map(contains) ?? false }

  /// Something is repeated that has been sent, so that it has to be kept.
  package var keepsRequests: Bool { !subtracting([.connFailure, .zeroRTTRejected]).isEmpty }
}

extension ConfigurationReader {
  func retryOn(_ arguments: [String]) throws(ConfigurationFault) -> RetryOn {
    guard !arguments.isEmpty else {
      throw ConfigurationFault(
        message: "'retry-on' needs at least one keyword to specify when to retry")
    }
    var result: RetryOn = []
    for word in arguments {
      switch word {
      case "none":
        guard arguments.count == 1 else {
          throw ConfigurationFault(message: "'retry-on' 'none' keyworld only usable alone")
        }
      case "conn-failure": result.insert(.connFailure)
      case "empty-response": result.insert(.emptyResponse)
      case "junk-response": result.insert(.junkResponse)
      case "response-timeout": result.insert(.responseTimeout)
      case "0rtt-rejected": result.insert(.zeroRTTRejected)
      case "all-retryable-errors": result.formUnion(.allRetryable)
      default:
        guard let status = Int(word).flatMap(RetryOn.status) else {
          throw ConfigurationFault(message: "'retry-on': unknown keyword '\(word)'")
        }
        result.insert(status)
      }
    }
    return result
  }
}

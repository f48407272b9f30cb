// SPDX-License-Identifier: Apache-2.0

/// What a call is about, as the rules name it: `target.user.id`, `target.domain_id`, `user_id` …
/// A null attribute is there with the value nil.
package struct PolicyTarget: ExpressibleByDictionaryLiteral, Equatable, Sendable {
  private var attributes: [(name: String, value: String?)]

  /// A target that has no attributes.
  package static let none = PolicyTarget()

  package init() {
    attributes = []
  }

  package init(dictionaryLiteral elements: (String, String?)...) {
    attributes = elements.map { (name: $0.0, value: $0.1) }
  }

  package mutating func set(_ name: String, _ value: String?) {
    attributes.removeAll { $0.name == name }
    attributes.append((name, value))
  }

  /// The value as Python prints it; nil if there is no such attribute.
  func text(_ name: String) -> String? {
    for attribute in attributes where attribute.name == name { return attribute.value ?? "None" }
    return nil
  }

  package static func == (a: PolicyTarget, b: PolicyTarget) -> Bool {
    a.attributes.count == b.attributes.count
      && a.attributes.allSatisfy { b.text($0.name) == ($0.value ?? "None") }
  }
}

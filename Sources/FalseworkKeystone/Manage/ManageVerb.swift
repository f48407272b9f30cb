// SPDX-License-Identifier: Apache-2.0

/// The commands, and which releases have them (`CMDS` in `keystone/cmd/cli.py` of each tag).
package enum ManageVerb: String, CaseIterable, Equatable, Sendable {
  case bootstrap
  case createJWSKeyPair = "create_jws_keypair"
  case credentialMigrate = "credential_migrate"
  case credentialRotate = "credential_rotate"
  case credentialSetup = "credential_setup"
  case dbSync = "db_sync"
  case dbVersion = "db_version"
  case doctor
  case fernetRotate = "fernet_rotate"
  case fernetSetup = "fernet_setup"
  case receiptRotate = "receipt_rotate"
  case receiptSetup = "receipt_setup"
  case tokenFlush = "token_flush"
  case tokenRotate = "token_rotate"
  case tokenSetup = "token_setup"

  /// The first release that has it, and the last, by major version; nil where there is no bound.
  package var life: (first: Int?, last: Int?) {
    switch self {
    case .dbSync, .dbVersion, .fernetRotate, .fernetSetup: (nil, nil)
    case .bootstrap: (9, nil)
    case .credentialMigrate, .credentialRotate, .credentialSetup, .doctor: (10, nil)
    case .tokenRotate, .tokenSetup: (14, nil)
    case .createJWSKeyPair, .receiptRotate, .receiptSetup: (15, nil)
    case .tokenFlush: (nil, 14)
    }
  }

  package func exists(in release: Release) -> Bool {
    let life = life
    return release.number >= life.first ?? .min && release.number <= life.last ?? .max
  }

  package var isOfCredentials: Bool {
    self == .credentialMigrate || self == .credentialRotate || self == .credentialSetup
  }
}

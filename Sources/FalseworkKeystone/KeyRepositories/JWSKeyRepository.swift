// SPDX-License-Identifier: Apache-2.0

/// The keys of a node that makes JWS tokens (Stein and later): its own private key, and the public
/// keys of all nodes.
///
/// Only `private.pem` signs. To verify, every file of the public directory is tried, whatever its
/// name: nothing in a token says which (`keystone/token/providers/jws/core.py`).
package struct JWSKeyRepository: Equatable, Sendable {
  package static let privateKeyName = "private.pem"
  package static let publicKeyName = "public.pem"
  package static let defaultPrivatePath = "/etc/keystone/jws-keys/private"
  package static let defaultPublicPath = "/etc/keystone/jws-keys/public"

  /// `[jwt_tokens] jws_private_key_repository`.
  package var privateDirectory: KeyDirectory
  /// `[jwt_tokens] jws_public_key_repository`.
  package var publicDirectory: KeyDirectory

  package init(privateDirectory: KeyDirectory, publicDirectory: KeyDirectory) {
    self.privateDirectory = privateDirectory
    self.publicDirectory = publicDirectory
  }

  /// PEM text. Nil: the file is gone, and each new token is answered with 500.
  package var privateKey: String? { privateDirectory.contents(of: Self.privateKeyName) }

  /// PEM texts in the order of their names; Python's order is the directory's, which is none.
  package var publicKeys: [String] { publicDirectory.files.map(\.contents) }

  /// Why a node does not start: the text that it leaves with.
  package var refusalToStart: String? {
    let privatePath = privateDirectory.path(of: Self.privateKeyName)
    let path = publicDirectory.path
    if privateKey == nil {
      return "\(privatePath) does not exist. You can generate a key pair using `keystone-manage "
        + "create_jws_keypair`."
    }
    if publicDirectory.access == .missing {
      return "\(path) does not exist. Please make sure the directory exists and is readable by the "
        + "process running keystone."
    }
    guard publicDirectory.files.isEmpty else { return nil }
    return "\(path) must contain at least one public key but it is empty. You can generate a key "
      + "pair using `keystone-manage create_jws_keypair`."
  }
}

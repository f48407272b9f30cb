// SPDX-License-Identifier: Apache-2.0
import CLibSSL

/// An X.509 certificate.
package final class Certificate: @unchecked Sendable {
  /// Never changed after `init`; libcrypto counts the references.
  let pointer: OpaquePointer

  /// Takes over the reference.
  init(owning pointer: OpaquePointer) {
    self.pointer = pointer
  }

  /// - Parameter pointer: a reference that the caller keeps.
  init(sharing pointer: OpaquePointer) {
    X509_up_ref(pointer)
    self.pointer = pointer
  }

  deinit {
    X509_free(pointer)
  }

  /// Such as `O=Example, CN=keystone.example`.
  package var subject: String { Self.text(ofName: X509_get_subject_name(pointer)) }
  package var issuer: String { Self.text(ofName: X509_get_issuer_name(pointer)) }

  /// In seconds since 1970.
  package var notBefore: Int64 { falsework_asn1_seconds(X509_get0_notBefore(pointer)) }
  package var notAfter: Int64 { falsework_asn1_seconds(X509_get0_notAfter(pointer)) }

  /// The common name of the subject, if it has one.
  package var commonName: String? {
    guard let subject = X509_get_subject_name(pointer) else { return nil }
    let place = X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
    guard place >= 0, let entry = X509_NAME_get_entry(subject, place) else { return nil }
    return String(decoding: Self.octets(X509_NAME_ENTRY_get_data(entry)), as: UTF8.self)
  }

  /// The names of hosts that it is for, as it spells them.
  package var hostNames: [String] {
    alternativeNames(GEN_DNS).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The addresses that it is for, of four or sixteen octets each.
  package var addresses: [[UInt8]] { alternativeNames(GEN_IPADD) }

  /// The subject's alternative names of one kind (RFC 5280, 4.2.1.6).
  private func alternativeNames(_ kind: Int32) -> [[UInt8]] {
    guard let all = X509_get_ext_d2i(pointer, NID_subject_alt_name, nil, nil) else { return [] }
    let names = OpaquePointer(all)
    defer { falsework_free_general_names(names) }
    var found: [[UInt8]] = []
    for index in 0..<falsework_general_names(names) {
      var actual: Int32 = 0
      let value = GENERAL_NAME_get0_value(falsework_general_name(names, index), &actual)
      guard actual == kind, let value else { continue }
      found.append(unsafe Self.octets(value.assumingMemoryBound(to: ASN1_STRING.self)))
    }
    return found
  }

  private static func octets(_ string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
    guard let string, let start = ASN1_STRING_get0_data(string) else { return [] }
    return unsafe [UInt8](UnsafeBufferPointer(start: start, count: Int(ASN1_STRING_length(string))))
  }

  private static func text(ofName name: OpaquePointer?) -> String {
    guard let name, let memory = BIO_new(BIO_s_mem()) else { return "" }
    defer { BIO_free(memory) }
    let flags = UInt(XN_FLAG_SEP_CPLUS_SPC | ASN1_STRFLGS_UTF8_CONVERT | XN_FLAG_FN_SN)
    X509_NAME_print_ex(memory, name, 0, flags)
    return String(decoding: memory.takeAll(), as: UTF8.self)
  }
}

extension Certificate {
  /// The certificates of a PEM text in its order; keys and whatever else it holds are passed over.
  package static func all(inPEM text: [UInt8]) throws(TLSSetupError) -> [Certificate] {
    let memory = OpaquePointer(reading: text)
    defer { BIO_free(memory) }
    var found: [Certificate] = []
    ERR_clear_error()
    while let certificate = PEM_read_bio_X509(memory, nil, nil, nil) {
      found.append(Certificate(owning: certificate))
    }
    // The end is an error to libcrypto: no start line any more.
    let error = ERR_peek_last_error()
    ERR_clear_error()
    guard LibraryError.reason(error) == PEM_R_NO_START_LINE else {
      throw .malformed(what: "a certificate", why: LibraryError.text(error))
    }
    return found
  }

  package var pem: [UInt8] {
    guard let memory = BIO_new(BIO_s_mem()) else { preconditionFailure("out of memory") }
    defer { BIO_free(memory) }
    PEM_write_bio_X509(memory, pointer)
    return memory.takeAll()
  }
}

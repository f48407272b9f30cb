// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP

/// One input: a byte that chooses what is read, a byte that says where it is cut, then the bytes
/// of the connection.
///
///     bit 0     response instead of request
///     bits 1-2  for a response, the request's method: GET, HEAD, CONNECT, POST
///     bit 3     small limits, so that they are reached
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count >= 2 else { return 0 }
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  let bytes = Array(input[2...])
  let kind: HTTPParser.Kind = input[0] & 1 == 1 ? .response : .request
  let methods: [HTTPMethod] = [.get, .head, .connect, .post]
  let method = methods[Int(input[0] >> 1 & 3)]
  let limits =
    input[0] & 8 == 0
    ? HTTPParser.Limits.haproxy : .init(headBytes: 96, fields: 3, targetBytes: 16)

  let whole = CodecRun(bytes, kind, requestMethod: method, limits: limits)
  // `fatalError` and not `precondition`, whose message an optimised build leaves out.
  if let violation = whole.violation { fatalError("\(violation): \(bytes)") }
  // Pieces of one size, and one single cut.
  let size = Int(input[1] % 37) + 1
  for cuts in [
    Array(stride(from: size, to: bytes.count, by: size)), [min(Int(input[1]), bytes.count)],
  ] {
    let split = CodecRun(bytes, kind, cuts: cuts, requestMethod: method, limits: limits)
    if split != whole {
      fatalError("cut at \(cuts): \(split.events), whole: \(whole.events), \(bytes)")
    }
  }
  return 0
}

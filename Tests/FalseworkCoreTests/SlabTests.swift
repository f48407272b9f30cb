// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@Suite struct SlabTests {
  enum Tag {}

  @Test func `a handle of a former tenant finds nothing`() {
    var slab = Slab<Tag, String>()
    let first = slab.insert("first")
    slab.remove(first)
    let second = slab.insert("second")
    #expect(second.index == first.index)
    #expect(slab[first] == nil)
    #expect(slab[second] == "second")
    #expect(slab.remove(first) == nil)
    #expect(slab.count == 1)
  }

  @Test func `an element is changed in place`() {
    var slab = Slab<Tag, [Int]>()
    let handle = slab.insert([1])
    slab[handle]?.append(2)
    #expect(slab[handle] == [1, 2])
    #expect(slab.handles == [handle])
  }
}

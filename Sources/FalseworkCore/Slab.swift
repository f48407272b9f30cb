// SPDX-License-Identifier: Apache-2.0

/// Things by handle, in an array with a free list: a look-up is an index and a comparison, and
/// after warm-up an insertion allocates nothing.
package struct Slab<Tag, Element: Sendable>: Sendable {
  private struct Slot: Sendable {
    var generation: UInt32
    var element: Element?
  }

  private var slots: [Slot] = []
  private var free: [UInt32] = []

  package init() {}

  package var count: Int { slots.count - free.count }
  package var isEmpty: Bool { count == 0 }

  package mutating func insert(_ element: Element) -> Handle<Tag> {
    if let index = free.popLast() {
      slots[Int(index)].element = element
      return Handle(index: index, generation: slots[Int(index)].generation)
    }
    slots.append(Slot(generation: 0, element: element))
    return Handle(index: UInt32(slots.count - 1), generation: 0)
  }

  package func contains(_ handle: Handle<Tag>) -> Bool {
    Int(handle.index) < slots.count && slots[Int(handle.index)].generation == handle.generation
      && slots[Int(handle.index)].element != nil
  }

  /// The element, or nil if the handle is stale.
  ///
  /// Read, changed and written back: a generic `_modify` of another module is not specialised (Swift
  /// 6.3), and each use of it allocates three times. So elements should be small and hold no array.
  package subscript(handle: Handle<Tag>) -> Element? {
    get { contains(handle) ? slots[Int(handle.index)].element : nil }
    set {
      precondition(contains(handle), "write through a stale handle \(handle)")
      precondition(newValue != nil, "remove with remove(_:): \(handle)")
      slots[Int(handle.index)].element = newValue
    }
  }

  @discardableResult
  package mutating func remove(_ handle: Handle<Tag>) -> Element? {
    guard contains(handle) else { return nil }
    let index = Int(handle.index)
    let element = slots[index].element.take()
    slots[index].generation &+= 1
    free.append(handle.index)
    return element
  }

  /// The handle of the element that has a slot now.
  package func handle(at index: Int) -> Handle<Tag>? {
    guard index < slots.count, slots[index].element != nil else { return nil }
    return Handle(index: UInt32(index), generation: slots[index].generation)
  }

  /// Every living handle, lowest slot first.
  package var handles: [Handle<Tag>] {
    slots.indices.compactMap { index in
      slots[index].element == nil
        ? nil : Handle(index: UInt32(index), generation: slots[index].generation)
    }
  }

  package mutating func removeAll() {
    for handle in handles { remove(handle) }
  }
}

// SPDX-License-Identifier: Apache-2.0

/// Things by handle, in an array with a free list: a look-up is an index and a comparison, and
/// after warm-up an insertion allocates nothing.
///
/// Inlinable, because a generic that is only `package` is not specialised in other modules (Swift
/// 6.3): every look-up would ask for metadata at run time, and every change in place would allocate.
/// `@inlinable` has its effect only in a type that is `@usableFromInline`.
@usableFromInline package struct Slab<Tag, Element: Sendable>: Sendable {
  @usableFromInline struct Slot: Sendable {
    @usableFromInline var generation: UInt32
    @usableFromInline var element: Element?

    @inlinable init(generation: UInt32, element: Element?) {
      self.generation = generation
      self.element = element
    }
  }

  @usableFromInline var slots: [Slot] = []
  @usableFromInline var free: [UInt32] = []

  @inlinable package init() {}

  @inlinable package var count: Int { slots.count - free.count }
  @inlinable package var isEmpty: Bool { count == 0 }

  @inlinable package mutating func insert(_ element: Element) -> Handle<Tag> {
    if let index = free.popLast() {
      slots[Int(index)].element = element
      return Handle(index: index, generation: slots[Int(index)].generation)
    }
    slots.append(Slot(generation: 0, element: element))
    return Handle(index: UInt32(slots.count - 1), generation: 0)
  }

  @inlinable package func contains(_ handle: Handle<Tag>) -> Bool {
    Int(handle.index) < slots.count && slots[Int(handle.index)].generation == handle.generation
      && slots[Int(handle.index)].element != nil
  }

  /// The element, or nil if the handle is stale.
  @inlinable package subscript(handle: Handle<Tag>) -> Element? {
    get { contains(handle) ? slots[Int(handle.index)].element : nil }
    _modify {
      precondition(contains(handle), "write through a stale handle \(handle)")
      yield &slots[Int(handle.index)].element
      precondition(slots[Int(handle.index)].element != nil, "remove with remove(_:): \(handle)")
    }
  }

  @discardableResult @inlinable
  package mutating func remove(_ handle: Handle<Tag>) -> Element? {
    guard contains(handle) else { return nil }
    let index = Int(handle.index)
    let element = slots[index].element.take()
    slots[index].generation &+= 1
    free.append(handle.index)
    return element
  }

  /// The handle of the element that has a slot now.
  @inlinable package func handle(at index: Int) -> Handle<Tag>? {
    guard index < slots.count, slots[index].element != nil else { return nil }
    return Handle(index: UInt32(index), generation: slots[index].generation)
  }

  /// Every living handle, lowest slot first.
  @inlinable package var handles: [Handle<Tag>] {
    slots.indices.compactMap { index in
      slots[index].element == nil
        ? nil : Handle(index: UInt32(index), generation: slots[index].generation)
    }
  }

  @inlinable package mutating func removeAll() {
    for handle in handles { remove(handle) }
  }
}

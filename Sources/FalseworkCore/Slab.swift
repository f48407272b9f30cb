// SPDX-License-Identifier: Apache-2.0

/// Things by handle, in an array with a free list: a look-up is an index and a comparison, and
/// after warm-up an insertion allocates nothing.
///
/// Public and inlinable, unlike the rest, since only so does another module specialise it (Swift
/// 6.3: `@inlinable package` changes nothing). Unspecialised each look-up asks the runtime for
/// metadata, which was more than half of what the load engine and the proxy cost.
public struct Slab<Tag, Element: Sendable>: Sendable {
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

  @inlinable public init() {}

  @inlinable public var count: Int { slots.count - free.count }
  @inlinable public var isEmpty: Bool { count == 0 }

  @inlinable public mutating func insert(_ element: Element) -> Handle<Tag> {
    if let index = free.popLast() {
      slots[Int(index)].element = element
      return Handle(index: index, generation: slots[Int(index)].generation)
    }
    slots.append(Slot(generation: 0, element: element))
    return Handle(index: UInt32(slots.count - 1), generation: 0)
  }

  @inlinable public func contains(_ handle: Handle<Tag>) -> Bool {
    Int(handle.index) < slots.count && slots[Int(handle.index)].generation == handle.generation
      && slots[Int(handle.index)].element != nil
  }

  /// The element, or nil if the handle is stale. An element should be small and hold no array: it
  /// is read, changed and written back, since a `_modify` that is not inlined allocates.
  @inlinable public subscript(handle: Handle<Tag>) -> Element? {
    get { contains(handle) ? slots[Int(handle.index)].element : nil }
    set {
      precondition(contains(handle), "write through a stale handle \(handle)")
      precondition(newValue != nil, "remove with remove(_:): \(handle)")
      slots[Int(handle.index)].element = newValue
    }
  }

  @discardableResult
  @inlinable public mutating func remove(_ handle: Handle<Tag>) -> Element? {
    guard contains(handle) else { return nil }
    let index = Int(handle.index)
    let element = slots[index].element.take()
    slots[index].generation &+= 1
    free.append(handle.index)
    return element
  }

  /// The handle of the element that has a slot now.
  @inlinable public func handle(at index: Int) -> Handle<Tag>? {
    guard index < slots.count, slots[index].element != nil else { return nil }
    return Handle(index: UInt32(index), generation: slots[index].generation)
  }

  /// Every living handle, lowest slot first.
  @inlinable public var handles: [Handle<Tag>] {
    slots.indices.compactMap { index in
      slots[index].element == nil
        ? nil : Handle(index: UInt32(index), generation: slots[index].generation)
    }
  }

  @inlinable public mutating func removeAll() {
    for handle in handles { remove(handle) }
  }
}

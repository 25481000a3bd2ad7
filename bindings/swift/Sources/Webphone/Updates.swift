import Foundation
import WebphoneFFI

/// A session's updates, in order, from the moment on at which this was made (``Phone/updates``).
///
/// ```swift
/// for await update in phone.updates {
///     label.text = update.state.call.map { "\($0.phase)" } ?? "idle"
/// }
/// ```
///
/// It ends with the session, after the update of the cause ``Cause/shutDown``, and when the task is cancelled. Who reads too
/// slowly loses the oldest; an update of the cause ``Cause/overflow(lost:)`` stands for those. Each loop follows by itself:
/// the first from the moment on at which this was made, another from where it begins. Leaving the loop unsubscribes.
public struct Updates: AsyncSequence, Sendable {
    /// What it gives.
    public typealias Element = Update

    private let session: CoreSession
    private let limit: Int32
    private let first: Handover

    init(_ session: CoreSession, limit: Int32, following: CoreUpdates?) {
        self.session = session
        self.limit = limit
        first = Handover(following)
    }

    /// Begins to read.
    public func makeAsyncIterator() -> Iterator {
        Iterator(following: first.take() ?? (try? session.updates(limit: limit)))
    }

    /// Reads the updates. When it goes, it unsubscribes.
    public struct Iterator: AsyncIteratorProtocol {
        /// Updates that are pulled at a time, at most.
        private static let many: Int32 = 64

        package private(set) var following: CoreUpdates?
        private var ready = ArraySlice<Update>()

        fileprivate init(following: CoreUpdates?) {
            self.following = following
        }

        /// The next update, as soon as there is one; nil at the end.
        public mutating func next() async -> Update? {
            if ready.isEmpty, let following {
                do {
                    ready = try await RustWork.run { try await following.next(max: Self.many) }[...]
                } catch {
                    // The session has ended, or the task was cancelled: there is nothing more to follow.
                    self.following = nil
                }
            }
            return ready.popFirst()
        }
    }
}

/// What follows since a sequence was made, for the first who reads it.
private final class Handover: @unchecked Sendable {
    private let lock = NSLock()
    private var following: CoreUpdates?

    init(_ following: CoreUpdates?) {
        self.following = following
    }

    func take() -> CoreUpdates? {
        lock.withLock {
            defer { following = nil }
            return following
        }
    }
}

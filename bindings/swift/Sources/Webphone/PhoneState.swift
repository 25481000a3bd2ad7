#if canImport(Combine)
    import Combine
    import WebphoneFFI

    /// What a phone is doing, for views that bind to it: the phone's ``Snapshot``, which stays the latest.
    ///
    /// ```swift
    /// struct CallView: View {
    ///     @StateObject var state: PhoneState
    ///
    ///     var body: some View {
    ///         Text(state.call.map { "\($0.phase)" } ?? "idle")
    ///     }
    /// }
    ///
    /// CallView(state: PhoneState(phone))
    /// ```
    ///
    /// It follows the phone without holding it, until the phone's end or its own.
    @MainActor
    @dynamicMemberLookup
    public final class PhoneState: ObservableObject {
        /// The phone now.
        @Published public private(set) var snapshot: Snapshot
        /// Why it is so: the cause of the latest update; nil before the first.
        @Published public private(set) var cause: Cause?

        private var following: Task<Void, Never>?

        /// Begins to follow.
        public init(_ phone: some Phone) {
            let updates = phone.updates
            snapshot = phone.state
            following = Task { [weak self] in
                for await update in updates {
                    guard let self else { return }
                    snapshot = update.state
                    cause = update.cause
                }
            }
        }

        deinit {
            following?.cancel()
        }

        /// What stands in the snapshot: `state.call`, `state.ringing`, `state.mute`.
        public subscript<Value>(dynamicMember path: KeyPath<Snapshot, Value>) -> Value {
            snapshot[keyPath: path]
        }
    }
#endif

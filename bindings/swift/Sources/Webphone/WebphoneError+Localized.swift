import Foundation
import WebphoneFFI

extension WebphoneError: LocalizedError, CustomStringConvertible {
    /// What happened: one sentence, in English, without a secret.
    public var errorDescription: String? {
        summary()
    }

    /// What to do next, and what the API said where it said anything; nil when there is nothing to do.
    public var recoverySuggestion: String? {
        advice()
    }

    /// Both together, as in every language of this library.
    public var description: String {
        describe()
    }

    /// How long the API asked to wait before the next try, in seconds; nil when it did not say.
    public var retryAfter: TimeInterval? {
        retryAfterMs().map { TimeInterval($0) / 1000 }
    }
}

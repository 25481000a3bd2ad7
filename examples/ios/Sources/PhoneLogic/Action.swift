import Foundation
import Webphone

/// What the user of the app can do.
public enum Action: Equatable, Sendable {
    case call(String)
    case answer
    /// Ends the call, or declines the one that rings.
    case hangUp
    case press(String)
    case setMuted(Bool)
    /// The user looked, and says what is so.
    case sayMuted(Bool)
    case transfer(to: String)
    case consult(String)
    case pause(in: String?)
    case resume(in: String?)
    case join(queue: String)
    case leave(queue: String)

    /// Does it.
    ///
    /// - Returns: What the user has to be told; nil when the screen shows it.
    public func perform(on phone: some Phone) async -> String? {
        do {
            return try await outcome(on: phone).flatMap(Action.words)
        } catch is CancellationError {
            return nil
        } catch {
            // The library's errors say what to do next.
            let advice = (error as? LocalizedError)?.recoverySuggestion
            return [error.localizedDescription, advice].compactMap(\.self).joined(separator: " ")
        }
    }

    private func outcome(on phone: some Phone) async throws -> Outcome? {
        switch self {
        case .call(let number): return try await phone.call(number)
        case .answer: return try await phone.answer()
        case .hangUp: return try await phone.hangUp()
        case .press(let key): return try await phone.sendDTMF(key)
        case .setMuted(let muted): return try await phone.setMuted(muted)
        case .sayMuted(let muted):
            phone.assumeMuted(muted)
            return nil
        case .transfer(let number): return try await phone.blindTransfer(to: number)
        case .consult(let number): return try await phone.consultTransfer(to: number)
        case .pause(let queue): return try await phone.pauseInQueue(queue)
        case .resume(let queue): return try await phone.resumeInQueue(queue)
        case .join(let queue): return try await phone.joinQueue(queue)
        case .leave(let queue): return try await phone.leaveQueue(queue)
        }
    }

    private static func words(for outcome: Outcome) -> String? {
        switch outcome {
        case .confirmed, .unchanged, .sent: nil
        case .unconfirmed: "The phone did not confirm it: it may have worked all the same."
        }
    }
}

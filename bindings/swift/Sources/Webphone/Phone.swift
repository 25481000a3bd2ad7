import Foundation
import WebphoneFFI

/// What every phone of this library can do: a ``Session`` over any transport, and on Apple's platforms `Webphone`, which
/// owns the page.
///
/// Each verb waits until the phone is ready for it, and then for its confirmation. **An error means that the command did
/// nothing**: it was never posted, or the phone refused it; only ``WebphoneError/pageLost(posted:)`` and
/// ``WebphoneError/sessionClosed(posted:)`` leave that open, and say so. Whatever was posted and not confirmed is an
/// outcome, because its effect is unknown:
///
/// | ``Outcome`` | |
/// | --- | --- |
/// | `.confirmed(by:callID:)` | the phone said that it happened |
/// | `.unchanged` | it was so already; nothing was posted |
/// | `.sent(keys:)` | it was posted; the phone never confirms this command |
/// | `.unconfirmed` | it was posted, and no confirmation came in its time |
///
/// Cancelling the task cancels the command with `CancellationError`: it is not posted any more, but what was posted stays
/// posted.
public protocol Phone: Sendable {
    /// The session of this phone.
    var session: Session { get }
}

// MARK: What it is doing

extension Phone {
    /// The phone now: one picture, which does not change.
    public var state: Snapshot {
        // In Swift nobody forks: only in a forked child could the core not tell.
        (try? session.core.state()) ?? .ofNobody
    }

    /// What happens from now on, each with its cause and the state after it; up to 256 wait for a slow reader.
    public var updates: Updates {
        // The core takes this limit.
        let core = session.core
        return Updates(core, limit: 256, following: try? core.updates(limit: 256))
    }

    /// As ``updates``, where up to `limit` wait for a slow reader.
    ///
    /// - Parameter limit: 1 to 65,536.
    /// - Throws: ``WebphoneError/invalid(field:reason:)`` naming `limit`.
    public func updates(limit: Int) throws -> Updates {
        let core = session.core
        let limit = Int32(clamping: limit)
        return Updates(core, limit: limit, following: try core.updates(limit: limit))
    }

    /// The last calls that ended, oldest first.
    public var history: [Call] {
        (try? session.core.history()) ?? []
    }

    /// Somebody knows whether the microphone is muted: the session assumes so from now on.
    public func assumeMuted(_ muted: Bool) {
        session.core.assumeMuted(muted: muted)
    }
}

// MARK: Verbs

extension Phone {
    /// Gives a command of the phone as it stands, and waits for its end. The verbs are short for it.
    @discardableResult
    public func execute(_ command: Command) async throws -> Outcome {
        try await execute(.execute(command: command))
    }

    /// Gives a command, or one that the session makes of several.
    @discardableResult
    public func execute(_ request: Request) async throws -> Outcome {
        let core = session.core
        return try await RustWork.run { try await core.execute(request: request) }
    }

    /// Takes the line (`conectar`). The phone also does so by itself when it opens.
    @discardableResult
    public func connect() async throws -> Outcome {
        try await execute(.connect)
    }

    /// Leaves the line (`desconectar`): the phone makes and takes no more calls.
    @discardableResult
    public func disconnect() async throws -> Outcome {
        try await execute(.disconnect)
    }

    /// Calls a number (`chamaNumero`), an extension or area code and number as people write it, once the phone is ready.
    ///
    /// - Throws: ``WebphoneError/rejected(statusErro:)`` when the phone refused it;
    ///   ``WebphoneError/callInProgress`` when there is a call already: nothing was dialled;
    ///   ``WebphoneError/commandCancelled(posted:)`` when it was hung up before it was dialled.
    @discardableResult
    public func call(_ number: PhoneNumber) async throws -> Outcome {
        try await execute(.call(number: number))
    }

    /// Takes the incoming call (`answer`).
    ///
    /// - Throws: ``WebphoneError/noCall`` when nothing rings; ``WebphoneError/rejected(statusErro:)``.
    @discardableResult
    public func answer() async throws -> Outcome {
        try await execute(.answer)
    }

    /// Ends the call (`hangup`); of a ringing call it declines, in a consultation it completes the transfer.
    @discardableResult
    public func hangUp() async throws -> Outcome {
        try await execute(.hangUp)
    }

    /// Presses keys one after the other, paced (`enviaDTMF`): `0` to `9`, `*`, `#`.
    ///
    /// - Throws: ``WebphoneError/noCall`` when there is no call.
    @discardableResult
    public func sendDTMF(_ keys: String) async throws -> Outcome {
        try await execute(.sendDTMF(keys: keys))
    }

    /// Mutes or unmutes the microphone: a toggle (`mute`), posted only if it is known to be needed.
    ///
    /// - Throws: ``WebphoneError/noCall`` when nobody talks; ``WebphoneError/muteUnknown``: say what is so
    ///   (``assumeMuted(_:)``), or ``toggleMute()``.
    @discardableResult
    public func setMuted(_ muted: Bool) async throws -> Outcome {
        try await execute(.setMuted(muted: muted))
    }

    /// Presses mute (`mute`), whatever the microphone is.
    ///
    /// - Throws: ``WebphoneError/noCall`` when there is no call.
    @discardableResult
    public func toggleMute() async throws -> Outcome {
        try await execute(.toggleMute)
    }

    /// Hands the call over to another number (`transferir`), and ends it here.
    ///
    /// - Throws: ``WebphoneError/noCall`` when there is no call.
    @discardableResult
    public func blindTransfer(to number: PhoneNumber) async throws -> Outcome {
        try await execute(.blindTransfer(number: number))
    }

    /// Calls another number first (`transferirConsulta`); hanging up then connects the two.
    ///
    /// - Throws: ``WebphoneError/noCall`` when there is no call.
    @discardableResult
    public func consultTransfer(to number: PhoneNumber) async throws -> Outcome {
        try await execute(.consultTransfer(number: number))
    }

    /// Starts to record the call (`recStart`).
    ///
    /// - Throws: ``WebphoneError/noCall`` when there is no call.
    @discardableResult
    public func startRecording() async throws -> Outcome {
        try await execute(.startRecording)
    }

    /// Stops recording the call (`recStop`).
    ///
    /// - Throws: ``WebphoneError/noCall`` when there is no call.
    @discardableResult
    public func stopRecording() async throws -> Outcome {
        try await execute(.stopRecording)
    }

    /// Takes no calls from a queue (`pausarNaFila`) for a while; nil: from all queues.
    @discardableResult
    public func pauseInQueue(_ queue: QueueId? = nil) async throws -> Outcome {
        try await execute(.pauseInQueue(queue: queue))
    }

    /// Takes calls from a queue again (`despausarNaFila`); nil: from all queues.
    @discardableResult
    public func resumeInQueue(_ queue: QueueId? = nil) async throws -> Outcome {
        try await execute(.resumeInQueue(queue: queue))
    }

    /// Becomes a member of a queue (`entrarNaFila`).
    @discardableResult
    public func joinQueue(_ queue: QueueId) async throws -> Outcome {
        try await execute(.joinQueue(queue: queue))
    }

    /// Leaves a queue (`sairDaFila`).
    @discardableResult
    public func leaveQueue(_ queue: QueueId) async throws -> Outcome {
        try await execute(.leaveQueue(queue: queue))
    }
}

extension Snapshot {
    /// The state that nobody can tell: unknown in all, and shut down.
    fileprivate static let ofNobody = Snapshot(
        page: Page(phase: .lost, aliveBy: nil, generation: 0, failed: false, renewalDue: false),
        line: .unknown, call: nil, ringing: nil, mute: .unknown, recording: .unknown, queues: [], lastError: nil,
        unexpectedEvents: 0, brokenEvents: 0, shutDown: true
    )
}

import Foundation
import WebphoneFFI

/// A phone in a page, over any transport: commands that say what became of them, one picture of what the phone is doing,
/// and its updates.
///
/// ```swift
/// let phone = try Session { text in try await page.post(text) }  // to the phone's window
/// page.onMessage = { [weak phone] in phone?.receive($0) }        // and what the window says
/// phone.report(.loaded)
///
/// let outcome = try await phone.call("11 99999-0000")            // waits until the phone is ready, by itself
/// ```
///
/// What every phone can do stands in ``Phone``. It may be used from any thread. Without ``close()`` it ends with its last
/// reference; what posts must not hold that.
public final class Session: Phone {
    package let core: CoreSession
    private let clock: Clock?

    /// A session whose page begins to load.
    ///
    /// - Parameters:
    ///   - url: The URL that the page loads: so the session knows when that expires, whether it makes the phone dial, and
    ///     whether the phone can be seen.
    ///   - configuration: How long it waits, and for what.
    ///   - clock: A clock that a test moves; nil: the system's.
    ///   - post: What posts a text to the phone's window. It is called for one text after the other. What it throws means
    ///     that the text was not posted; its command then ends with ``WebphoneError/pageLost(posted:)``.
    /// - Throws: ``WebphoneError/invalid(field:reason:)`` naming a setting that is out of its range.
    public convenience init(
        url: WebphoneURL? = nil,
        configuration: SessionConfig = SessionConfig(),
        clock: Clock? = nil,
        post: @escaping @Sendable (String) async throws -> Void
    ) throws {
        try self.init(unposted: url, configuration: configuration, clock: clock)
        postTexts { try await post($0.text) }
    }

    /// A session whose texts somebody else posts.
    package init(unposted url: WebphoneURL?, configuration: SessionConfig, clock: Clock?) throws {
        core = try CoreSession.open(config: configuration, url: url?.core, clock: clock?.core)
        self.clock = clock
    }

    deinit {
        core.shutDown()
    }

    /// Posts text after text until the session ends. Holds the core's session only, so that this one can go.
    package func postTexts(_ post: @escaping @Sendable (OutgoingText) async throws -> Void) {
        Task.detached { [core] in
            while let texts = try? await core.nextTexts(max: 1) {
                for text in texts {
                    let posted: Void? = try? await post(text)
                    core.posted(n: text.n, ok: posted != nil)
                }
            }
        }
    }

    /// Itself.
    public var session: Session { self }

    /// Takes what came from the phone's window, as JSON text. What is not the phone's is ignored.
    public func receive(_ text: String) {
        core.receive(text: text)
    }

    /// Takes what became of the page.
    public func report(_ report: PageReport) {
        core.pageReport(report: report)
    }

    /// The page will load this URL next: the same again, or a new one in the place of one that expires. Ask before loading.
    ///
    /// - Throws: ``WebphoneError/dialsOnOpen`` when the URL makes the phone dial, which only the first one may;
    ///   ``WebphoneError/callInProgress``; ``WebphoneError/closed``.
    public func changeURL(_ url: WebphoneURL) throws {
        try core.changeUrl(url: url.core)
    }

    /// The moment by the clock that this session goes by.
    public var now: Moment {
        clock?.now ?? .now
    }

    /// The recording so far, as a trace that ``replay(_:)`` reads; nil when the configuration asked for none.
    public func trace() throws -> String? {
        try core.trace()
    }

    /// Ends the session: every command ends with ``WebphoneError/sessionClosed(posted:)``, followers get a last update.
    /// State and history stay. Twice is fine.
    public func close() {
        core.shutDown()
    }
}

/// Lives a recorded session again: what went in at each step, and what came of it.
///
/// - Parameter trace: What ``Session/trace()`` gave.
/// - Throws: ``WebphoneError/invalid(field:reason:)`` naming `trace`, with the place where it is not one.
public func replay(_ trace: String) throws -> [ReplayedStep] {
    try WebphoneFFI.replay(trace: trace)
}

/// A clock that stands still until it is moved: for tests, where a day of a session passes in no time.
public final class Clock: Sendable {
    package let core: CoreClock

    /// A clock that shows this date, and monotonic time 0.
    public init(start: Date = Date(timeIntervalSince1970: 1_767_225_600)) {
        core = CoreClock.simulated(unixMs: Int64((start.timeIntervalSince1970 * 1000).rounded()))
    }

    package init(_ core: CoreClock) {
        self.core = core
    }

    /// What it shows.
    public var now: Moment {
        core.now()
    }

    /// Moves it on by so many seconds, and returns when all that was due until then has happened: each at its time, in
    /// order. Whoever awaits something is woken, but not waited for.
    ///
    /// - Throws: ``WebphoneError/invalid(field:reason:)`` when that is negative; ``WebphoneError/busy`` while somebody else
    ///   moves it.
    public func advance(by seconds: TimeInterval) throws {
        try core.advance(ms: milliseconds(seconds))
    }

    /// The same by a duration.
    @available(iOS 16, macOS 13, macCatalyst 16, *)
    public func advance(by duration: Duration) throws {
        try advance(by: duration.seconds)
    }
}

#if canImport(WebKit)
    import Foundation
    import WebKit
    import WebphoneFFI

    /// A phone with the web view that it lives in: on iOS, macOS and Catalyst, where there is WebKit.
    ///
    /// ```swift
    /// let phone = Webphone(url: url)
    /// phone.attach(to: window)
    /// let outcome = try await phone.call("11999990000")
    /// ```
    ///
    /// What every phone can do stands in ``Phone``; that may be done from any thread, what stands here on the main actor.
    /// Hold the phone as long as its calls have to live: with its last reference the session ends, and its page.
    ///
    /// **It needs a window.** WebKit gives the microphone only to a view in a window, so the phone is loaded once ``view`` is
    /// in one: show it (`WebphoneView`, or as a subview of your own), or give its window to ``attach(to:)``, also for a phone
    /// that has no interface. Until then an update of the cause `Cause.page(report: .failed(detail:failure:))` says so, and
    /// commands wait; they end with ``WebphoneError/notReady(reason:)`` when that takes too long.
    ///
    /// What becomes of the page comes as an update of the cause `Cause.page(report:)`: that its process ended (`.lost`; the
    /// app lives on, and ``restart()`` brings the phone back), that the phone's document did not load (`.failed`), or a
    /// `.notice(name:detail:)` of one of these names, besides those of the page itself:
    ///
    /// | name | meaning |
    /// | --- | --- |
    /// | `permission_refused` | a page asked for what is not for it: the camera, or the microphone from elsewhere |
    /// | `not_in_window` | the view left its window: what asks for the microphone now has to wait |
    @MainActor
    public final class Webphone: Phone {
        /// The session of this phone: its clock (``Session/now``) and its recording (``Session/trace()``).
        public nonisolated let session: Session

        private let configuration: HostPageOptions
        private let host: WebKitHost

        /// A phone that is loaded once its view is in a window.
        public convenience init(url: WebphoneURL) {
            do {
                try self.init(url: url, options: HostPageOptions())
            } catch {
                // There is no setting to refuse, and no process of Apple's platforms forks.
                preconditionFailure("\(error)")
            }
        }

        /// A phone with settings of its own.
        ///
        /// - Parameters:
        ///   - url: What the page loads.
        ///   - options: How the phone is put into its page.
        ///   - configuration: How long the session waits, and for what.
        ///   - clock: A clock that a test moves; nil: the system's.
        /// - Throws: ``WebphoneError/invalid(field:reason:)`` naming a setting that is out of its range, or that does not fit
        ///   the URL's type.
        public init(
            url: WebphoneURL,
            options: HostPageOptions,
            configuration: SessionConfig = SessionConfig(),
            clock: Clock? = nil
        ) throws {
            let page = try HostPage.open(url: url.core, host: .messageHandler, options: options)
            session = try Session(unposted: url, configuration: configuration, clock: clock)
            self.configuration = options
            host = try WebKitHost(PageLink.open(session: session.core), page)
        }

        deinit {
            // On whatever thread the last reference goes.
            session.close()
            Task { @MainActor [host] in host.tearDown() }
        }

        /// The view that the phone lives in: the phone's interface, where its type has one. Its delegates are the phone's.
        public var view: WKWebView { host.view }

        /// Keeps the view in this window whenever it is in no other: one point large, out of reach of fingers and of
        /// VoiceOver. The window is not held.
        public func attach(to window: Window) {
            host.place.home = window
        }

        /// Loads the phone again with the same URL, after a loss of its page or a refused microphone.
        ///
        /// - Throws: ``WebphoneError/dialsOnOpen`` when the URL makes the phone dial, which only the first load may
        ///   (``renew(_:)``); ``WebphoneError/callInProgress``; ``WebphoneError/closed``.
        public func restart() throws {
            try host.show(host.page)
        }

        /// Loads the phone with another URL, in the place of one that expires.
        ///
        /// - Throws: As ``restart()``.
        public func renew(_ url: WebphoneURL) throws {
            try host.show(HostPage.open(url: url.core, host: .messageHandler, options: configuration))
        }

        /// What opens a link that leaves the phone: to a web page, a telephone number, a mail address. Default: the system.
        public var openOutside: @MainActor (URL) -> Void {
            get { host.openOutside }
            set { host.openOutside = newValue }
        }

        /// Closes the windows that the phone opened, which lie over its view. They also close with its page.
        public func closeChildWindows() {
            host.closeChildren()
        }

        /// Ends the session and the page: every command ends with ``WebphoneError/sessionClosed(posted:)``. State and history
        /// stay. Twice is fine.
        public func close() {
            session.close()
            host.tearDown()
        }
    }
#endif

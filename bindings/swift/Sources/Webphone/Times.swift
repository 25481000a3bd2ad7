import Foundation
import WebphoneFFI

extension Date {
    /// A moment of the core: Unix milliseconds.
    package init(unixMs: Int64) {
        self.init(timeIntervalSince1970: TimeInterval(unixMs) / 1000)
    }
}

/// Seconds as the core takes them. What is no time at all (not a number, beyond all ranges) becomes a number that the core
/// refuses by the setting's name; what is shorter than a millisecond but something stays something.
package func milliseconds(_ seconds: TimeInterval) -> Int64 {
    let whole = (seconds * 1000).rounded()
    guard whole.isFinite, abs(whole) < 9e18 else { return seconds > 0 ? .max : -1 }
    return seconds > 0 ? max(1, Int64(whole)) : Int64(whole)
}

@available(iOS 16, macOS 13, macCatalyst 16, *)
extension Duration {
    /// As seconds.
    package var seconds: TimeInterval {
        let (whole, atto) = components
        return TimeInterval(whole) + TimeInterval(atto) / 1e18
    }
}

extension Moment {
    /// By the wall clock, which may be adjusted: for records.
    public var date: Date {
        Date(unixMs: unixMs)
    }

    /// This moment by the system's time, in which sessions live that have no clock of their own.
    public static var now: Moment {
        systemTime()
    }
}

extension UrlFacts {
    /// When the URL stops working; nil when it does not say.
    public var expiresAt: Date? {
        expiresAtMs.map(Date.init(unixMs:))
    }
}

extension Call: Identifiable {
    /// The session's own number for it.
    public var id: Int64 {
        serial
    }

    /// How long it rang until the talk or the end, or has rung by `now`: seconds.
    ///
    /// - Parameter now: For a session with a clock of its own, that one's (``Session/now``).
    public func ringTime(now: Moment = .now) -> TimeInterval {
        TimeInterval(ringMs(nowMonoMs: now.monoMs)) / 1000
    }

    /// How long the two sides talked, or have talked by `now`: seconds; nil if they did not.
    public func talkTime(now: Moment = .now) -> TimeInterval? {
        talkMs(nowMonoMs: now.monoMs).map { TimeInterval($0) / 1000 }
    }

    /// How long it lasted, or has lasted by `now`, ringing and talk together: seconds. For a label that ticks.
    public func elapsed(now: Moment = .now) -> TimeInterval {
        ringTime(now: now) + (talkTime(now: now) ?? 0)
    }
}

/// Each wait in seconds. What is out of its range is refused, by its name, where the session is made.
extension SessionConfig {
    /// ``aliveGraceMs`` in seconds.
    public var aliveGrace: TimeInterval {
        get { TimeInterval(aliveGraceMs) / 1000 }
        set { aliveGraceMs = milliseconds(newValue) }
    }

    /// ``readyGraceMs`` in seconds.
    public var readyGrace: TimeInterval {
        get { TimeInterval(readyGraceMs) / 1000 }
        set { readyGraceMs = milliseconds(newValue) }
    }

    /// ``readyTimeoutMs`` in seconds.
    public var readyTimeout: TimeInterval {
        get { TimeInterval(readyTimeoutMs) / 1000 }
        set { readyTimeoutMs = milliseconds(newValue) }
    }

    /// ``postTimeoutMs`` in seconds.
    public var postTimeout: TimeInterval {
        get { TimeInterval(postTimeoutMs) / 1000 }
        set { postTimeoutMs = milliseconds(newValue) }
    }

    /// ``lineTimeoutMs`` in seconds.
    public var lineTimeout: TimeInterval {
        get { TimeInterval(lineTimeoutMs) / 1000 }
        set { lineTimeoutMs = milliseconds(newValue) }
    }

    /// ``callTimeoutMs`` in seconds.
    public var callTimeout: TimeInterval {
        get { TimeInterval(callTimeoutMs) / 1000 }
        set { callTimeoutMs = milliseconds(newValue) }
    }

    /// ``idGraceMs`` in seconds.
    public var idGrace: TimeInterval {
        get { TimeInterval(idGraceMs) / 1000 }
        set { idGraceMs = milliseconds(newValue) }
    }

    /// ``answerTimeoutMs`` in seconds.
    public var answerTimeout: TimeInterval {
        get { TimeInterval(answerTimeoutMs) / 1000 }
        set { answerTimeoutMs = milliseconds(newValue) }
    }

    /// ``hangUpTimeoutMs`` in seconds.
    public var hangUpTimeout: TimeInterval {
        get { TimeInterval(hangUpTimeoutMs) / 1000 }
        set { hangUpTimeoutMs = milliseconds(newValue) }
    }

    /// ``queueTimeoutMs`` in seconds.
    public var queueTimeout: TimeInterval {
        get { TimeInterval(queueTimeoutMs) / 1000 }
        set { queueTimeoutMs = milliseconds(newValue) }
    }

    /// ``lateWindowMs`` in seconds.
    public var lateWindow: TimeInterval {
        get { TimeInterval(lateWindowMs) / 1000 }
        set { lateWindowMs = milliseconds(newValue) }
    }

    /// ``reopenWindowMs`` in seconds.
    public var reopenWindow: TimeInterval {
        get { TimeInterval(reopenWindowMs) / 1000 }
        set { reopenWindowMs = milliseconds(newValue) }
    }

    /// ``autoDialGraceMs`` in seconds.
    public var autoDialGrace: TimeInterval {
        get { TimeInterval(autoDialGraceMs) / 1000 }
        set { autoDialGraceMs = milliseconds(newValue) }
    }

    /// ``dtmfPaceMs`` in seconds.
    public var dtmfPace: TimeInterval {
        get { TimeInterval(dtmfPaceMs) / 1000 }
        set { dtmfPaceMs = milliseconds(newValue) }
    }

    /// ``renewalMarginMs`` in seconds.
    public var renewalMargin: TimeInterval {
        get { TimeInterval(renewalMarginMs) / 1000 }
        set { renewalMarginMs = milliseconds(newValue) }
    }

    /// Sets a wait by a duration: `configuration.set(\.callTimeout, to: .seconds(30))`.
    @available(iOS 16, macOS 13, macCatalyst 16, *)
    public mutating func set(_ wait: WritableKeyPath<SessionConfig, TimeInterval>, to duration: Duration) {
        self[keyPath: wait] = duration.seconds
    }
}

#if canImport(WebKit)
    extension HostPageOptions {
        /// ``loadTimeoutMs`` in seconds.
        public var loadTimeout: TimeInterval {
            get { TimeInterval(loadTimeoutMs) / 1000 }
            set { loadTimeoutMs = milliseconds(newValue) }
        }

        /// Sets the time to load by a duration: `options.setLoadTimeout(.seconds(10))`.
        @available(iOS 16, macOS 13, macCatalyst 16, *)
        public mutating func setLoadTimeout(_ duration: Duration) {
            loadTimeout = duration.seconds
        }
    }
#endif

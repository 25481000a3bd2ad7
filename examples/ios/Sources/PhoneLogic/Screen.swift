import Webphone

/// What the screen shows: made of a phone's snapshot, and of nothing else.
public struct Screen: Equatable, Sendable {
    /// A call, as it is shown.
    public struct CallCard: Equatable, Sendable {
        public let title: String
        /// Seconds of talk until now; nil while nobody talks.
        public let talked: Int?
        public let isTalking: Bool
        /// Whom a consultation is with.
        public let consulting: String?
    }

    /// What the button for the microphone does.
    public enum MuteButton: Equatable, Sendable {
        case none
        case mute
        case unmute
        /// Nobody knows what is so: the user has to look, and say.
        case ask
    }

    /// What is wrong, or what is waited for; nil when the phone can call.
    public let trouble: String?
    /// Whether loading the page again could help.
    public let offersRestart: Bool
    public let call: CallCard?
    /// Who calls in.
    public let ringing: String?
    public let mute: MuteButton
    public let queues: [Queue]

    /// - Parameter now: The moment that the talk is counted to.
    public init(_ phone: Snapshot, now: Moment = .now) {
        (trouble, offersRestart) = Screen.trouble(of: phone)
        call = phone.call.map { call in
            CallCard(
                title: Screen.title(of: call), talked: call.talkTime(now: now).map { Int($0) },
                isTalking: call.phase == .talking,
                consulting: call.consultation.map { Screen.name($0.number) })
        }
        ringing = phone.ringing.map { Screen.name($0.number) }
        mute =
            switch phone.mute {
            case _ where phone.call?.phase != .talking: .none
            case .assumedMuted: .unmute
            case .assumedUnmuted: .mute
            case .unknown: .ask
            }
        queues = phone.queues
    }

    /// Whether the phone can dial: a doubtful call does not stand in its way.
    public var canCall: Bool {
        trouble == nil && call == nil
    }

    private static func trouble(of phone: Snapshot) -> (String?, Bool) {
        if phone.shutDown { return ("This phone is closed.", false) }
        if phone.page.failed { return ("The phone's page did not load.", true) }
        switch (phone.page.phase, phone.line) {
        case (.lost, _): return ("The phone's page is gone.", true)
        case (.ready, .disconnected), (.alive, .disconnected): return ("The phone has no line.", false)
        case (.ready, _): return (nil, false)
        default: return ("The phone is loading.", false)
        }
    }

    private static func title(of call: Call) -> String {
        let name = name(call.number)
        switch call.phase {
        case .dialling: return "Dialling \(name)"
        case .calling: return "Calling \(name)"
        case .ringing: return "\(name) calls"
        case .talking: return name
        }
    }

    private static func name(_ number: CallNumber?) -> String {
        number?.raw ?? "unknown"
    }
}

import Foundation
import Webphone
import WebphoneFFI

// What is arranged and told, as it is in the core.
@_exported import enum WebphoneFFI.Fault
@_exported import struct WebphoneFFI.FaultRule
@_exported import struct WebphoneFFI.RequestLog
@_exported import enum WebphoneFFI.SimulatedAnswer
@_exported import struct WebphoneFFI.SimulatedCaller
@_exported import struct WebphoneFFI.SimulatedExtension
@_exported import struct WebphoneFFI.SimulatedLeg
@_exported import enum WebphoneFFI.SimulatedPage
@_exported import enum WebphoneFFI.SimulatedPhoneFault
@_exported import struct WebphoneFFI.SimulatedPhoneState
@_exported import struct WebphoneFFI.SimulatedQueue
@_exported import struct WebphoneFFI.SimulatedRateLimit
@_exported import struct WebphoneFFI.SimulatedRequest
@_exported import struct WebphoneFFI.SimulatedScript
@_exported import struct WebphoneFFI.SimulatedWording
@_exported import struct WebphoneFFI.SimulatorConfig
@_exported import enum WebphoneFFI.TokenCheck

/// A simulated API on 127.0.0.1 with its phones: for tests and offline work. No account is needed.
///
/// ```swift
/// let simulator = try Simulator()
/// let client = try simulator.client()
/// let url = try await client.fetch(.number(4000))
/// let phone = try Session(simulator.phone("4000"))
/// ```
///
/// Its defaults are those of the vendor's documentation: the token `Seu_Token` and the extensions 4000 and 4001. It is there
/// in builds of the library that have it: the one for Linux has, those for devices have not, and say so.
public final class Simulator: Sendable {
    package let core: CoreSimulator

    /// Starts serving.
    ///
    /// - Parameters:
    ///   - config: How it is set up.
    ///   - token: The access token that it takes; nil: `Seu_Token`.
    /// - Throws: ``/Webphone/WebphoneError/unsupported(feature:)`` in a build without it;
    ///   ``/Webphone/WebphoneError/invalid(field:reason:)`` naming a wrong setting.
    public init(_ config: SimulatorConfig = SimulatorConfig(), token: String? = nil) throws {
        core = try CoreSimulator.start(config: config, token: token)
    }

    deinit {
        try? core.shutDown()
    }

    /// The base URL of the API: `http://127.0.0.1:40123`, or `https` with TLS.
    public var apiURL: String {
        get throws { try core.apiUrl() }
    }

    /// The base URL of its HTTP control, for other programs.
    public var controlURL: String {
        get throws { try core.controlUrl() }
    }

    /// The access token that it takes.
    public var token: String {
        get throws { try core.token() }
    }

    /// A client of this API: with its address, its token and the certificate that it needs.
    public func client(timeout: TimeInterval = 20, maxRetries: Int = 3) throws -> Client {
        try Client(
            token: core.token(), baseURL: .other(url: core.apiUrl()), timeout: timeout, maxRetries: maxRetries,
            rootCertificates: core.rootCertificatePem()
        )
    }

    /// The phone of an extension, by its number (`ramal`).
    public func phone(_ extension: String) throws -> SimulatedPhone {
        SimulatedPhone(try core.phone(extension: `extension`), clock: try core.clock().map(Clock.init))
    }

    /// Moves its time on, where that is virtual, and returns when all that was due until then has happened.
    ///
    /// It does not wait for other threads: time may pass a command that a task is just giving. So await the command, or see
    /// it arrive first, in ``SimulatedPhone/state``.
    public func advance(by seconds: TimeInterval) throws {
        try core.advance(ms: milliseconds(seconds))
    }

    /// The same by a duration.
    @available(iOS 16, macOS 13, macCatalyst 16, *)
    public func advance(by duration: Duration) throws {
        try advance(by: duration.seconds)
    }

    /// Puts a fault at the end of the queue. The first that fits a request strikes it.
    public func addFault(_ fault: Fault, times: Int? = nil, extension: String? = nil) throws {
        try core.addFault(rule: FaultRule(fault: fault, times: times.map(Int32.init), extension: `extension`))
    }

    /// Removes every fault.
    public func clearFaults() throws {
        try core.clearFaults()
    }

    /// What the API was asked: the counts, and at most so many of the latest requests.
    public func requests(last: Int = 10_000) throws -> RequestLog {
        try core.requests(last: Int32(clamping: last))
    }

    /// Forgets the requests so far.
    public func forgetRequests() throws {
        try core.forgetRequests()
    }

    /// Stops serving. Twice is fine.
    public func close() {
        try? core.shutDown()
    }
}

extension SimulatedRequest {
    /// When it came.
    public var date: Date {
        Date(unixMs: atMs)
    }
}

/// The phone of one extension of a ``Simulator``, in its page: it does what a real one does, without a browser.
public final class SimulatedPhone: Sendable {
    package let core: CoreSimulatedPhone
    fileprivate let clock: Clock?

    fileprivate init(_ core: CoreSimulatedPhone, clock: Clock?) {
        self.core = core
        self.clock = clock
    }

    fileprivate func attach(_ session: Session) throws {
        try core.attach(session: session.core)
    }

    /// What is so in it, whether or not it said so.
    public var state: SimulatedPhoneState {
        get throws { try core.state() }
    }

    /// Somebody calls it; gives the id of the call.
    @discardableResult
    public func incoming(_ caller: SimulatedCaller) throws -> CallId {
        try core.incoming(caller: caller)
    }

    /// The other side of the call that it makes answers now.
    public func remoteAnswer() throws {
        try core.remoteAnswer()
    }

    /// The other side hangs up.
    public func remoteHangUp() throws {
        try core.remoteHangUp()
    }

    /// Arranges what becomes of the next calls that it makes; nil: of all.
    public func addScript(_ script: SimulatedScript, times: Int? = 1) throws {
        try core.addScript(script: script, times: times.map(Int32.init))
    }

    /// Arranges that something goes wrong with the next things that it says; nil: with all.
    public func addFault(_ fault: SimulatedPhoneFault, times: Int? = 1) throws {
        try core.addFault(fault: fault, times: times.map(Int32.init))
    }

    /// How it words what it says from now on.
    public func setWording(_ wording: SimulatedWording) throws {
        try core.setWording(wording: wording)
    }

    /// Its page crashes. Its calls end.
    public func crash() throws {
        try core.crash()
    }

    /// Its page loads again by itself. Its calls end.
    public func reload() throws {
        try core.reload()
    }
}

extension Session {
    /// A session over a simulated phone, which opens its page for it, in the time of its simulator.
    ///
    /// - Throws: ``WebphoneError/invalid(field:reason:)`` naming `session` when another one has the phone, or a setting.
    public convenience init(
        _ phone: SimulatedPhone, url: WebphoneURL? = nil, configuration: SessionConfig = SessionConfig()
    ) throws {
        try self.init(unposted: url, configuration: configuration, clock: phone.clock)
        try phone.attach(self)
    }
}

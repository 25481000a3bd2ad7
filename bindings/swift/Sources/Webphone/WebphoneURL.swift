import Foundation
import WebphoneFFI

/// The URL of an extension's phone: **a credential**. Whoever opens it makes and takes the extension's calls.
///
/// Its text is deliberately not a URL, so that none gets into a log by accident; the real one comes only from
/// ``reveal()``:
///
/// ```swift
/// let url = try WebphoneURL("https://api2.totalvoice.com.br/w3/?key=SECRET&tipo=hidden")
/// print(url)  // <WebphoneUrl hidden at api2.totalvoice.com.br; use reveal()>
/// ```
public struct WebphoneURL: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    package let core: WebphoneUrl

    package init(_ core: WebphoneUrl) {
        self.core = core
    }

    /// Takes a URL that was fetched elsewhere.
    ///
    /// - Parameters:
    ///   - text: The URL: `https`, or `http` on a loopback host.
    ///   - type: Its type, where the URL itself names none (`tipo`); nil: floating, the API's default.
    /// - Throws: ``WebphoneError/invalid(field:reason:)`` naming `url`.
    public init(_ text: String, type: PhoneType? = nil) throws {
        core = try WebphoneUrl.parse(text: text, phoneType: type)
    }

    /// The full URL, **the secret itself**: give it to the page that hosts the phone and to nobody else.
    public func reveal() -> String {
        core.reveal()
    }

    /// The full URL, **the secret itself**, as Foundation's type; nil where Foundation can't read what browsers can.
    public func revealURL() -> URL? {
        URL(string: core.reveal())
    }

    /// How the phone shows itself (`tipo`).
    public var type: PhoneType {
        core.phoneType()
    }

    /// The origin that the page is loaded from: scheme, host and port, `https://api2.totalvoice.com.br`. Not a secret.
    public var origin: String {
        core.origin()
    }

    /// When a signed URL stops working (`expires`); nil when it does not say.
    public var expiresAt: Date? {
        core.expiresAtMs().map(Date.init(unixMs:))
    }

    /// Whether the URL stops working within the next `margin` seconds, by this machine's clock. One that names no expiry
    /// never does.
    public func isExpired(margin: TimeInterval = 0) -> Bool {
        core.isExpired(marginMs: milliseconds(margin))
    }

    /// The same with a duration.
    @available(iOS 16, macOS 13, macCatalyst 16, *)
    public func isExpired(margin: Duration) -> Bool {
        isExpired(margin: margin.seconds)
    }

    /// The URL's public text, safe to print: type, host and expiry.
    public var description: String {
        core.describe()
    }

    /// As ``description``.
    public var debugDescription: String {
        description
    }
}

import Foundation
import WebphoneFFI

/// Fetches webphone URLs with one access token. Make one and keep it: it holds the connections. Any number of tasks may
/// share it.
///
/// ```swift
/// let client = try Client(token: token)
/// let url = try await client.fetch(.number(4000), type: .hidden)
/// ```
///
/// Cancelling the task cancels the request.
public final class Client: Sendable {
    package let core: CoreClient

    /// A client that is set up and checked at once; nothing is sent.
    ///
    /// - Parameters:
    ///   - token: The access token (`Access-Token`); nil: the environment variable `TOTALVOICE_ACCESS_TOKEN`, and then
    ///     `WEBPHONE_BASE_URL`, if it is set, takes the place of the default base URL.
    ///   - baseURL: Where the API is: any `https` address, or `http` to a loopback host (a simulator).
    ///   - timeout: How long a request may take in all, its retries and their pauses included: 1 ms to 600 s.
    ///   - connectTimeout: How long a connection may take to open, TLS included: 1 ms to 600 s.
    ///   - maxRetries: How often a request is sent again after a connect error, a connection that closed before the answer
    ///     began, or HTTP 429, 502, 503 or 504: 0 to 10, with growing pauses, never past the timeout.
    ///   - userAgent: What stands in `User-Agent`; nil: `webphone/` and the library's version.
    ///   - rootCertificates: Certificates in PEM that are trusted besides the public roots.
    ///   - proxy: The proxy that all requests go through; nil: none.
    /// - Throws: ``WebphoneError/invalid(field:reason:)`` naming what is missing or can't be used.
    public init(
        token: String? = nil,
        baseURL: BaseURL = .totalVoice,
        timeout: TimeInterval = 20,
        connectTimeout: TimeInterval = 5,
        maxRetries: Int = 3,
        userAgent: String? = nil,
        rootCertificates: String? = nil,
        proxy: Proxy? = nil
    ) throws {
        let config = ClientConfig(
            baseUrl: baseURL,
            connectTimeoutMs: milliseconds(connectTimeout),
            timeoutMs: milliseconds(timeout),
            maxRetries: Int32(clamping: maxRetries),
            userAgent: userAgent,
            rootCertificatesPem: rootCertificates,
            proxy: proxy?.core
        )
        core = try token.map { try CoreClient(token: $0, config: config) } ?? .fromEnvironment(config: config)
    }

    /// Asks for the webphone URL of an extension (`GET /webphone`).
    ///
    /// - Parameters:
    ///   - extension: The extension (*ramal*), by its number or its id.
    ///   - type: How the phone shows itself (`tipo`).
    ///   - callOnOpen: The number that the phone dials when it opens (`ligar_para`), as people write it.
    ///   - closeAtEnd: Whether the phone closes when its call ends (`fechar_fim`).
    /// - Throws: A ``WebphoneError`` that says what to do next, or `CancellationError`.
    public func fetch(
        _ extension: Extension,
        type: PhoneType = .floating,
        callOnOpen: PhoneNumber? = nil,
        closeAtEnd: Bool = false
    ) async throws -> WebphoneURL {
        try await fetch(UrlRequest(`extension`, type: type, callOnOpen: callOnOpen, closeAtEnd: closeAtEnd))
    }

    /// Asks for the webphone URL that a whole request describes.
    ///
    /// - Throws: As ``fetch(_:type:callOnOpen:closeAtEnd:)``.
    public func fetch(_ request: UrlRequest) async throws -> WebphoneURL {
        WebphoneURL(try await RustWork.run { try await core.fetch(request: request) })
    }

    /// Fetches many URLs: their results in the order of the requests, as they come.
    ///
    /// ```swift
    /// let extensions = (4000..<5000).map { Extension.number($0) }
    /// for try await result in try client.fetchMany(extensions, type: .hidden, concurrency: 64) {
    ///     print(result.request.extension, result.error?.localizedDescription ?? "fetched")
    /// }
    /// ```
    ///
    /// Nothing starts before the first result is asked for. The input may be endless: it is pulled some hundred requests
    /// ahead, and what is under way or unread is at most twice the concurrency. One failure never sinks the others; after
    /// a refused token the rest is reported as not tried. Leaving the loop, or cancelling its task, stops the rest.
    ///
    /// - Parameters:
    ///   - extensions: The extensions.
    ///   - type: How the phones show themselves (`tipo`).
    ///   - callOnOpen: The number that each phone dials when it opens (`ligar_para`).
    ///   - closeAtEnd: Whether each phone closes when its call ends (`fechar_fim`).
    ///   - concurrency: How many requests are under way at the same time, 1 to 1,024.
    ///   - rate: How many requests start a second, at most: 0.001 to 100,000, evenly spread; nil: as fast as they can.
    ///   - rateLimitPatience: How long the API may answer "too many requests" to everything before requests fail with
    ///     ``WebphoneError/rateLimited(failure:retryAfterMs:)``: 0 to 3,600 s. These waits are no part of a timeout.
    ///     While the API asks for a wait that does not fit into it, requests are not sent and fail too, with what is left
    ///     to wait; after that they are sent again.
    /// - Throws: ``WebphoneError/invalid(field:reason:)`` naming a wrong option; ``WebphoneError/closed``.
    public func fetchMany<Extensions: Sequence>(
        _ extensions: Extensions,
        type: PhoneType = .floating,
        callOnOpen: PhoneNumber? = nil,
        closeAtEnd: Bool = false,
        concurrency: Int = 16,
        rate: Double? = nil,
        rateLimitPatience: TimeInterval = 60
    ) throws -> BatchRun where Extensions.Element == Extension {
        try fetchMany(
            extensions.lazy.map {
                UrlRequest($0, type: type, callOnOpen: callOnOpen, closeAtEnd: closeAtEnd)
            },
            concurrency: concurrency, rate: rate, rateLimitPatience: rateLimitPatience
        )
    }

    /// The same with a whole request for each.
    public func fetchMany<Requests: Sequence>(
        _ requests: Requests,
        concurrency: Int = 16,
        rate: Double? = nil,
        rateLimitPatience: TimeInterval = 60
    ) throws -> BatchRun where Requests.Element == UrlRequest {
        try fetchMany(BatchInput(requests), concurrency, rate, rateLimitPatience)
    }

    /// The same for extensions that come when they come: from a file, a queue, another service.
    ///
    /// Results come while the input waits. What it throws, the loop over the results throws after the last of them.
    public func fetchMany<Extensions: AsyncSequence & Sendable>(
        _ extensions: Extensions,
        type: PhoneType = .floating,
        callOnOpen: PhoneNumber? = nil,
        closeAtEnd: Bool = false,
        concurrency: Int = 16,
        rate: Double? = nil,
        rateLimitPatience: TimeInterval = 60
    ) throws -> BatchRun where Extensions.Element == Extension {
        let input = BatchInput(extensions) {
            UrlRequest($0, type: type, callOnOpen: callOnOpen, closeAtEnd: closeAtEnd)
        }
        return try fetchMany(input, concurrency, rate, rateLimitPatience)
    }

    /// The same for whole requests that come when they come.
    public func fetchMany<Requests: AsyncSequence & Sendable>(
        _ requests: Requests,
        concurrency: Int = 16,
        rate: Double? = nil,
        rateLimitPatience: TimeInterval = 60
    ) throws -> BatchRun where Requests.Element == UrlRequest {
        try fetchMany(BatchInput(requests) { $0 }, concurrency, rate, rateLimitPatience)
    }

    private func fetchMany(
        _ input: BatchInput, _ concurrency: Int, _ rate: Double?, _ rateLimitPatience: TimeInterval
    ) throws -> BatchRun {
        let options = BatchOptions(
            concurrency: Int32(clamping: concurrency), rate: rate,
            rateLimitPatienceMs: milliseconds(rateLimitPatience)
        )
        return BatchRun(try core.batch(options: options), input)
    }

    /// Ends the client: what is under way ends with ``WebphoneError/closed``, and so does every later call. Twice is fine.
    public func close() {
        core.shutDown()
    }
}

/// An HTTP proxy, with its credentials if it wants some. They are never shown.
public struct Proxy: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    fileprivate let core: CoreProxy

    /// A proxy at `http://host:port` or `https://host:port`.
    ///
    /// - Throws: ``WebphoneError/invalid(field:reason:)`` naming `proxy`; credentials don't belong into its URL.
    public init(_ url: String, username: String? = nil, password: String? = nil) throws {
        core = try CoreProxy(url: url, username: username, password: password)
    }

    /// A text without address and credentials.
    public var description: String {
        "<Proxy>"
    }

    /// As ``description``.
    public var debugDescription: String {
        description
    }
}

extension UrlRequest {
    /// A request for the phone of an extension, as ``Client/fetch(_:type:callOnOpen:closeAtEnd:)`` makes it.
    public init(
        _ extension: Extension, type: PhoneType = .floating, callOnOpen: PhoneNumber? = nil, closeAtEnd: Bool = false
    ) {
        self.init(extension: `extension`, phoneType: type, callOnOpen: callOnOpen, closeAtEnd: closeAtEnd)
    }
}

extension Extension: CustomStringConvertible {
    /// An extension (*ramal*) by its number (`ramal`).
    public static func number(_ number: Int) -> Extension {
        .number(value: String(number))
    }

    /// An extension by its number as text, where leading zeros count.
    public static func number(_ number: String) -> Extension {
        .number(value: number)
    }

    /// An extension by its unique id in the account (`id_ramal`).
    public static func id(_ id: String) -> Extension {
        .id(value: id)
    }

    /// An extension by its unique id in the account (`id_ramal`).
    public static func id(_ id: Int) -> Extension {
        .id(value: String(id))
    }

    /// `4000`, or `id 104000`.
    public var description: String {
        switch self {
        case .number(let value): return value
        case .id(let value): return "id \(value)"
        }
    }
}

extension BaseURL {
    /// Any other place: `https`, or `http` to a loopback host (a simulator).
    public static func other(_ url: URL) -> BaseURL {
        .other(url: url.absoluteString)
    }
}

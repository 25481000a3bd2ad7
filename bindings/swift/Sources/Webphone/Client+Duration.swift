import Foundation
import WebphoneFFI

// The client's times as durations, where the system has them.

@available(iOS 16, macOS 13, macCatalyst 16, *)
extension Client {
    /// A client whose times are durations.
    public convenience init(
        token: String? = nil,
        baseURL: BaseURL = .totalVoice,
        timeout: Duration,
        connectTimeout: Duration = .seconds(5),
        maxRetries: Int = 3,
        userAgent: String? = nil,
        rootCertificates: String? = nil,
        proxy: Proxy? = nil
    ) throws {
        try self.init(
            token: token, baseURL: baseURL, timeout: timeout.seconds, connectTimeout: connectTimeout.seconds,
            maxRetries: maxRetries, userAgent: userAgent, rootCertificates: rootCertificates, proxy: proxy
        )
    }

    /// Fetches many URLs, with the patience as a duration.
    public func fetchMany<Extensions: Sequence>(
        _ extensions: Extensions,
        type: PhoneType = .floating,
        callOnOpen: PhoneNumber? = nil,
        closeAtEnd: Bool = false,
        concurrency: Int = 16,
        rate: Double? = nil,
        rateLimitPatience: Duration
    ) throws -> BatchRun where Extensions.Element == Extension {
        try fetchMany(
            extensions, type: type, callOnOpen: callOnOpen, closeAtEnd: closeAtEnd, concurrency: concurrency,
            rate: rate, rateLimitPatience: rateLimitPatience.seconds
        )
    }

    /// Fetches many URLs by whole requests, with the patience as a duration.
    public func fetchMany<Requests: Sequence>(
        _ requests: Requests, concurrency: Int = 16, rate: Double? = nil, rateLimitPatience: Duration
    ) throws -> BatchRun where Requests.Element == UrlRequest {
        try fetchMany(
            requests, concurrency: concurrency, rate: rate, rateLimitPatience: rateLimitPatience.seconds
        )
    }

    /// Fetches URLs for extensions that come when they come, with the patience as a duration.
    public func fetchMany<Extensions: AsyncSequence & Sendable>(
        _ extensions: Extensions,
        type: PhoneType = .floating,
        callOnOpen: PhoneNumber? = nil,
        closeAtEnd: Bool = false,
        concurrency: Int = 16,
        rate: Double? = nil,
        rateLimitPatience: Duration
    ) throws -> BatchRun where Extensions.Element == Extension {
        try fetchMany(
            extensions, type: type, callOnOpen: callOnOpen, closeAtEnd: closeAtEnd, concurrency: concurrency,
            rate: rate, rateLimitPatience: rateLimitPatience.seconds
        )
    }

    /// Fetches URLs by whole requests that come when they come, with the patience as a duration.
    public func fetchMany<Requests: AsyncSequence & Sendable>(
        _ requests: Requests, concurrency: Int = 16, rate: Double? = nil, rateLimitPatience: Duration
    ) throws -> BatchRun where Requests.Element == UrlRequest {
        try fetchMany(
            requests, concurrency: concurrency, rate: rate, rateLimitPatience: rateLimitPatience.seconds
        )
    }
}

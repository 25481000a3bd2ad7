import Foundation
import WebphoneFFI

/// What became of one request of a batch.
public struct BatchResult: Sendable {
    /// The request.
    public let request: UrlRequest
    /// The URL, or why there is none.
    public let outcome: Result<WebphoneURL, WebphoneError>

    /// The URL; nil when it was not fetched.
    public var url: WebphoneURL? {
        try? outcome.get()
    }

    /// Why it was not fetched; nil when it was.
    public var error: WebphoneError? {
        if case .failure(let error) = outcome { return error }
        return nil
    }

    /// The URL.
    ///
    /// - Throws: Why it was not fetched.
    public func get() throws -> WebphoneURL {
        try outcome.get()
    }
}

/// The results of a batch, one for each request and in their order: ``Client/fetchMany(_:type:callOnOpen:closeAtEnd:concurrency:rate:rateLimitPatience:)``.
///
/// It is iterated once. When its iterator goes, what is under way stops.
public struct BatchRun: AsyncSequence {
    /// What it gives.
    public typealias Element = BatchResult

    private let batch: Batch
    private let input: AnyIterator<UrlRequest>

    init(_ batch: Batch, _ input: AnyIterator<UrlRequest>) {
        self.batch = batch
        self.input = input
    }

    /// How far the batch is.
    public var progress: BatchProgress {
        get throws { try batch.progress() }
    }

    /// Begins.
    public func makeAsyncIterator() -> Iterator {
        Iterator(feed: Feed(batch, input))
    }

    /// Pushes requests while results come out.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let feed: Feed

        /// The next result; nil after the last.
        ///
        /// - Throws: `CancellationError`, or ``WebphoneError/closed`` after ``Client/close()``.
        public mutating func next() async throws -> BatchResult? {
            try await feed.next()
        }
    }
}

/// The side of a batch that pushes and pulls. The iterator's copies share it; the last to go stops the batch.
private final class Feed {
    /// Requests that are pushed at a time, and results that are pulled at a time at most.
    private static let chunk = 64
    private static let many: Int32 = 256

    private let batch: Batch
    private var input: AnyIterator<UrlRequest>?
    /// Pushed, without a result: in order.
    private var asked = ArraySlice<UrlRequest>()
    private var ready = ArraySlice<FetchOutcome>()
    private var wanted: Int64 = 1
    private var finished = false

    init(_ batch: Batch, _ input: AnyIterator<UrlRequest>) {
        self.batch = batch
        self.input = input
    }

    deinit {
        batch.cancel()
    }

    func next() async throws -> BatchResult? {
        while ready.isEmpty {
            guard !finished else { return nil }
            try push()
            let step = try await RustWork.run { try await batch.nextResults(max: Self.many) }
            ready = step.results[...]
            wanted = step.wanted
            finished = step.finished
        }
        guard let outcome = ready.popFirst(), let request = asked.popFirst() else { return nil }
        switch outcome {
        case .fetched(let url): return BatchResult(request: request, outcome: .success(WebphoneURL(url)))
        case .failed(let error): return BatchResult(request: request, outcome: .failure(error))
        }
    }

    /// Pushes what the batch wants, as far as there is something.
    private func push() throws {
        while wanted > 0, let source = input {
            let requests = Array(source.prefix(Self.chunk))
            if !requests.isEmpty {
                asked.append(contentsOf: requests)
                wanted = try batch.push(requests: requests)
            }
            if requests.count < Self.chunk {
                input = nil
                batch.finish()
            }
        }
    }
}

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

/// The results of a batch, one for each request and in their order: what ``Client`` gives for `fetchMany`.
///
/// It is iterated once. When its iterator goes, what is under way stops.
public struct BatchRun: AsyncSequence {
    /// What it gives.
    public typealias Element = BatchResult

    package let batch: Batch
    private let input: BatchInput

    init(_ batch: Batch, _ input: BatchInput) {
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
        /// - Throws: `CancellationError`; ``WebphoneError/closed`` after ``Client/close()``; and what an asynchronous
        ///   input threw, after the results of all that it had given.
        public mutating func next() async throws -> BatchResult? {
            try await feed.next()
        }
    }
}

/// Where a batch's requests come from.
enum BatchInput {
    /// They are there when they are asked for.
    case sequence(AnyIterator<UrlRequest>)
    /// They come when they come: this gives them away one by one until there are no more.
    case stream(@Sendable (_ give: (UrlRequest) async throws -> Void) async throws -> Void)

    init<Requests: Sequence>(_ requests: Requests) where Requests.Element == UrlRequest {
        self = .sequence(AnyIterator(requests.makeIterator()))
    }

    init<Requests: AsyncSequence & Sendable>(
        _ requests: Requests, _ request: @escaping @Sendable (Requests.Element) -> UrlRequest
    ) {
        self = .stream { give in
            for try await item in requests { try await give(request(item)) }
        }
    }
}

/// The side of a batch that pushes and pulls. The iterator's copies share it; the last to go stops the batch.
private final class Feed {
    /// Requests that are pushed at a time, and results that are pulled at a time at most.
    private static let chunk = 64
    private static let many: Int32 = 256
    /// How long a chunk may take to fill, in nanoseconds: what a slow sequence gave so far is not held back.
    private static let moment: UInt64 = 5_000_000

    private let line: Line
    private var input: BatchInput?
    private var pump: Task<Void, Never>?
    private var ready = ArraySlice<BatchResult>()
    private var finished = false
    /// How many requests are pushed next: few while the sequence is slow, so that what it gave goes out at once.
    private var size = 1

    init(_ batch: Batch, _ input: BatchInput) {
        line = Line(batch)
        self.input = input
    }

    deinit {
        stop()
    }

    func next() async throws -> BatchResult? {
        do {
            return try await pull()
        } catch {
            // There is nothing after an error, and nobody who would read it.
            finished = true
            stop()
            throw error
        }
    }

    private func stop() {
        pump?.cancel()
        line.batch.cancel()
    }

    private func pull() async throws -> BatchResult? {
        while ready.isEmpty {
            guard !finished else {
                if let failure = line.takeFailure() { throw failure }
                return nil
            }
            let step = try await step()
            ready = line.take(step)
            finished = step.finished
            // Nothing is under way: there is nothing to wait for but the input.
            if ready.isEmpty, !finished, pump != nil {
                await line.pushed.wait()
                try Task.checkCancellation()
            }
        }
        return ready.popFirst()
    }

    private func step() async throws -> BatchStep {
        while try !feed() {
            if let step = try poll() { return step }
            try Task.checkCancellation()
            // The sequence took its time: other tasks have their turn.
            await Task.yield()
        }
        let batch = line.batch
        return try await RustWork.run { try await batch.nextResults(max: Self.many) }
    }

    /// Results that are there now, if any.
    private func poll() throws -> BatchStep? {
        switch try line.batch.startNextResults(max: Self.many, ms: 0) {
        case .done(let step):
            return step.results.isEmpty ? nil : step
        case .pending(let operation):
            // At once, since the next read would find this one still waiting.
            operation.cancel()
            return nil
        }
    }

    /// Pushes what the batch wants, as far as there is something; false when the sequence is slow, and there may be
    /// results meanwhile.
    private func feed() throws -> Bool {
        switch input {
        case .sequence(let source):
            while line.wants {
                let begun = DispatchTime.now().uptimeNanoseconds
                var requests = [UrlRequest]()
                var isSlow = false
                while requests.count < size, !isSlow {
                    guard let request = source.next() else {
                        try line.push(requests)
                        input = nil
                        line.finish()
                        return true
                    }
                    requests.append(request)
                    isSlow = DispatchTime.now().uptimeNanoseconds - begun > Self.moment
                }
                try line.push(requests)
                size = isSlow ? 1 : min(2 * size, Self.chunk)
                if isSlow { return false }
            }
        case .stream(let requests):
            input = nil
            // It holds the line only: when the iterator goes, this goes too.
            pump = Task { [line] in
                do {
                    try await requests { request in
                        while !line.wants {
                            await line.room.wait()
                            try Task.checkCancellation()
                        }
                        try line.push([request])
                    }
                    line.finish()
                } catch {
                    line.finish(error)
                }
            }
        case nil:
            break
        }
        return true
    }
}

/// What stands in line at the core: the requests that were pushed, until their results come.
private final class Line: @unchecked Sendable {
    let batch: Batch
    /// Something was pushed, or nothing more will be.
    let pushed = Signal()
    /// The batch may want more.
    let room = Signal()

    private let lock = NSLock()
    private var asked = ArraySlice<UrlRequest>()
    private var wanted: Int64 = 1
    private var failure: (any Error)?

    init(_ batch: Batch) {
        self.batch = batch
    }

    /// Whether the batch wants more requests now.
    var wants: Bool {
        lock.withLock { wanted > 0 }
    }

    func push(_ requests: [UrlRequest]) throws {
        // In one piece: their results may come at once.
        try lock.withLock {
            wanted = try batch.push(requests: requests)
            asked.append(contentsOf: requests)
        }
        pushed.send()
    }

    /// No more requests come, perhaps for a reason.
    func finish(_ failure: (any Error)? = nil) {
        lock.withLock { self.failure = failure }
        batch.finish()
        pushed.send()
    }

    /// The results of a step, each with its request.
    func take(_ step: BatchStep) -> ArraySlice<BatchResult> {
        defer { room.send() }
        return lock.withLock {
            wanted = step.wanted
            let results = zip(asked, step.results).map { request, outcome in
                switch outcome {
                case .fetched(let url): return BatchResult(request: request, outcome: .success(WebphoneURL(url)))
                case .failed(let error): return BatchResult(request: request, outcome: .failure(error))
                }
            }
            asked.removeFirst(results.count)
            return results[...]
        }
    }

    func takeFailure() -> (any Error)? {
        lock.withLock {
            defer { failure = nil }
            return failure
        }
    }
}

/// What one task waits for and others send. One that was sent while nobody waited is kept; more of them are one.
private struct Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func send() {
        continuation.yield()
    }

    /// Returns when it was sent, or when the task is cancelled.
    func wait() async {
        for await _ in stream { return }
    }
}

import Webphone
import WebphoneFFI
import WebphoneSimulator
import XCTest

/// Batches whose requests come when they come.
final class BatchTests: XCTestCase {
    struct NoMore: Error, Equatable {}

    func testResultsComeInOrderWhileTheInputGoesOn() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        let (input, give) = AsyncStream.makeStream(of: Extension.self)
        var results = try client.fetchMany(input, type: .hidden, concurrency: 4).makeAsyncIterator()
        // Each result comes although the input has not ended, and waits for the next.
        for number in [4000, 4009, 4001] {
            give.yield(.number(number))
            let result = try await results.next()
            XCTAssertEqual(result?.request.extension, .number(number))
            XCTAssertEqual(result?.url?.type, number == 4009 ? nil : .hidden)
        }
        for number in 0..<1000 { give.yield(.number(4000 + number % 2)) }
        give.finish()
        for number in 0..<1000 {
            let result = try await results.next()
            XCTAssertEqual(result?.request.extension, .number(4000 + number % 2))
            XCTAssertNil(result?.error)
        }
        let end = try await results.next()
        XCTAssertNil(end)
        let still = try await results.next()
        XCTAssertNil(still)
    }

    func testResultsComeWhileASlowSequenceGoesOn() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        let pulled = Shared(0)
        // Other work of the caller's: what a whole chunk of it takes would be felt.
        let slow = (0..<200).lazy.map { number in
            usleep(10_000)
            pulled.change { $0 += 1 }
            return Extension.number(4000 + number % 2)
        }
        var results = try client.fetchMany(slow, type: .hidden).makeAsyncIterator()
        for number in 0..<3 {
            let result = try await results.next()
            XCTAssertEqual(result?.request.extension, .number(4000 + number % 2))
            XCTAssertNil(result?.error)
        }
        XCTAssertLessThan(pulled.value, 64)
    }

    func testAnInputIsPulledOnlyAsFarAsItIsRead() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        let pulled = Shared(0)
        let endless = AsyncStream(unfolding: {
            pulled.change { $0 += 1 }
            return UrlRequest(.number(4000))
        })
        var read = 0
        for try await result in try client.fetchMany(endless, concurrency: 8, rateLimitPatience: .seconds(1)) {
            XCTAssertNil(result.error)
            read += 1
            if read == 1000 { break }
        }
        XCTAssertLessThan(pulled.value, 2000)
        // Who reads no more lets the input go too.
        let after = pulled.value
        try await until("its requests ended") { try simulator.requests().inFlight == 0 }
        XCTAssertLessThan(pulled.value - after, 10)
    }

    func testWhatTheInputThrowsComesAfterTheResults() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        let input = AsyncThrowingStream<Extension, any Error> { give in
            for _ in 0..<100 { give.yield(.number(4000)) }
            give.finish(throwing: NoMore())
        }
        var results = 0
        do {
            for try await result in try client.fetchMany(SendableStream(stream: input)) {
                XCTAssertNil(result.error)
                results += 1
            }
            XCTFail("it did not throw")
        } catch {
            XCTAssertEqual(error as? NoMore, NoMore())
        }
        XCTAssertEqual(results, 100)
    }

    func testAnInputWithoutRequestsEnds() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        for try await result in try client.fetchMany(AsyncStream<Extension> { $0.finish() }) { XCTFail("\(result)") }
    }

    /// A reader that waits for an input that waits: the cancellation reaches both.
    func testACancelledReaderEndsItsInput() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        let isOver = Shared(false)
        let (input, give) = AsyncStream.makeStream(of: Extension.self)
        give.onTermination = { _ in isOver.value = true }
        let read = Shared(0)
        let task = Task {
            for try await _ in try client.fetchMany(input) { read.change { $0 += 1 } }
        }
        give.yield(.number(4000))
        try await until("it reads") { read.value == 1 }
        task.cancel()
        let outcome = try await within { await task.result }
        XCTAssertThrowsError(try outcome.get()) { XCTAssertTrue($0 is CancellationError, "\($0)") }
        try await until("nobody pulls the input") { isOver.value }
    }

    func testNothingIsHeldAfterALoopIsLeft() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        weak var given: Shared<Int>?
        try await {
            let counter = Shared(0)
            given = counter
            let endless = AsyncStream(unfolding: {
                counter.change { $0 += 1 }
                return Extension.number(4000)
            })
            for try await _ in try client.fetchMany(endless) { break }
        }()
        try await until("the input is gone") { given == nil }
    }
}

/// A stream of errors is no `Sendable` in older compilers' libraries; nobody else reads this one.
private struct SendableStream: AsyncSequence, @unchecked Sendable {
    typealias Element = Extension
    let stream: AsyncThrowingStream<Extension, any Error>

    func makeAsyncIterator() -> AsyncThrowingStream<Extension, any Error>.AsyncIterator {
        stream.makeAsyncIterator()
    }
}

import Webphone
import WebphoneFFI
import WebphoneSimulator
import XCTest

/// A cancelled task's work ends in Rust too, and what nobody holds any more is gone.
final class CancellationTests: XCTestCase {
    /// The outcome of a task that is cancelled once something is so. Without the cancellation it would never end.
    private func cancelled<T: Sendable>(
        once isSo: @escaping @Sendable () throws -> Bool, _ work: @escaping @Sendable () async throws -> T
    ) async throws -> Result<T, any Error> {
        let task = Task(operation: work)
        try await until("it began", isSo)
        task.cancel()
        return try await within { await task.result }
    }

    func testAFetch() async throws {
        let simulator = try Simulator()
        let client = try simulator.client(timeout: 600)
        try simulator.addFault(.delay(delayMs: 600_000))
        let outcome = try await cancelled(once: { try simulator.requests().inFlight == 1 }) {
            try await client.fetch(.number(4000))
        }
        XCTAssertThrowsError(try outcome.get()) { XCTAssertTrue($0 is CancellationError, "\($0)") }
        // The request itself is over: the server sees that its connection closed.
        try await until("the request ended") { try simulator.requests().inFlight == 0 }
    }

    func testAFetchOfATaskThatWasCancelledBefore() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        let gate = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            for await _ in gate.stream {}
            XCTAssertTrue(Task.isCancelled)
            return try await client.fetch(.number(4000))
        }
        task.cancel()
        let outcome = try await within { await task.result }
        XCTAssertThrowsError(try outcome.get()) { XCTAssertTrue($0 is CancellationError, "\($0)") }
        XCTAssertEqual(try simulator.requests().total, 0)
    }

    func testABatch() async throws {
        let simulator = try Simulator()
        let client = try simulator.client(timeout: 600)
        try simulator.addFault(.delay(delayMs: 600_000))
        let outcome = try await cancelled(once: { try simulator.requests().inFlight == 4 }) {
            for try await _ in try client.fetchMany((0..<100).map { _ in Extension.number(4000) }, concurrency: 4) {}
        }
        XCTAssertThrowsError(try outcome.get()) { XCTAssertTrue($0 is CancellationError, "\($0)") }
        try await until("its requests ended") { try simulator.requests().inFlight == 0 }
    }

    func testABatchWhoseLoopIsLeft() async throws {
        let simulator = try Simulator()
        let client = try simulator.client(timeout: 600)
        try simulator.addFault(.delay(delayMs: 600_000), extension: "4001")
        let extensions = [Extension.number(4000)] + (0..<100).map { _ in Extension.number(4001) }
        for try await result in try client.fetchMany(extensions, concurrency: 4) {
            XCTAssertNotNil(result.url)
            break
        }
        try await until("its requests ended") { try simulator.requests().inFlight == 0 }
    }

    /// A command at the gate is not posted any more.
    func testACommandThatWaitsForThePage() async throws {
        let phone = try Session(configuration: SessionConfig(record: .plain)) { _ in }
        let updates = phone.updates
        let outcome = try await cancelled(once: { try phone.trace()?.contains("4001") == true }) {
            try await phone.call("4001")
        }
        XCTAssertThrowsError(try outcome.get()) { XCTAssertTrue($0 is CancellationError, "\($0)") }
        phone.report(.loaded)
        phone.receive(Said.connected)
        phone.report(.notice(name: "end", detail: ""))
        for await update in updates {
            if case .posting(_, let name) = update.cause { XCTAssertNotEqual(name, "chamaNumero") }
            if case .page(.notice) = update.cause { break }
        }
    }

    /// What was posted stays posted; nobody waits for it any more.
    func testACommandThatWaitsForItsConfirmation() async throws {
        let window = Window()
        let phone = try Session.ready(window, configuration: SessionConfig(callTimeoutMs: 3_600_000))
        let task = Task { try await phone.call("4001") }
        let posted = await window.next()
        XCTAssertEqual(posted, #"{"message":"chamaNumero","numero":"4001"}"#)
        task.cancel()
        let outcome = try await within { await task.result }
        XCTAssertThrowsError(try outcome.get()) { XCTAssertTrue($0 is CancellationError, "\($0)") }
        phone.receive(Said.callID(3))
        XCTAssertEqual(phone.state.call?.callID, "3")
    }

    func testAnUpdateStreamEndsItsLoop() async throws {
        let phone = try Session.ready(Window())
        let read = Shared(0)
        let task = Task {
            for await _ in phone.updates { read.change { $0 += 1 } }
            return Task.isCancelled
        }
        try await until("it follows") {
            phone.report(.notice(name: "n", detail: ""))
            return read.value > 0
        }
        task.cancel()
        let wasCancelled = try await within { await task.value }
        XCTAssertTrue(wasCancelled)
    }

    func testLeavingALoopUnsubscribes() async throws {
        let phone = try Session.ready(Window())
        let updates = phone.updates
        phone.report(.notice(name: "n", detail: ""))
        weak var following: CoreUpdates?
        do {
            var iterator = updates.makeAsyncIterator()
            following = iterator.following
            XCTAssertNotNil(following)
            _ = await iterator.next()
        }
        XCTAssertNil(following, "the loop is left, and something follows on")
        // So is one that is cancelled while it waits, though its iterator is still there.
        let waiting = Shared(false)
        let task = Task {
            var iterator = phone.updates.makeAsyncIterator()
            waiting.value = true
            let end = await iterator.next()
            return (end == nil, iterator.following == nil)
        }
        try await until("it waits") { waiting.value }
        task.cancel()
        let (ended, isGone) = try await within { await task.value }
        XCTAssertTrue(ended)
        XCTAssertTrue(isGone)
    }

    func testASessionGoesWithItsLastReference() async throws {
        let window = Window()
        var phone: Session? = try Session.ready(window)
        weak var gone = phone
        let core = try XCTUnwrap(phone).core
        let updates = try XCTUnwrap(phone).updates
        phone = nil
        XCTAssertNil(gone)
        XCTAssertTrue(try core.state().shutDown)
        let causes = try await within {
            var causes: [Cause] = []
            for await update in updates { causes.append(update.cause) }
            return causes
        }
        XCTAssertEqual(causes, [.shutDown])
    }

    func testNothingIsHeldAfterItsEnd() async throws {
        // In Swift, and of the core: what nobody holds here any more was given back there.
        weak var client: Client?
        weak var coreClient: CoreClient?
        weak var url: WebphoneUrl?
        weak var batch: Batch?
        weak var clock: Clock?
        weak var coreClock: CoreClock?
        weak var phone: Session?
        weak var corePhone: CoreSession?
        weak var following: CoreUpdates?
        weak var transport: Window?
        weak var simulator: Simulator?
        weak var coreSimulator: CoreSimulator?
        weak var simulated: SimulatedPhone?
        weak var coreSimulated: CoreSimulatedPhone?
        try await {
            let heldSimulator = try Simulator()
            (simulator, coreSimulator) = (heldSimulator, heldSimulator.core)
            let heldClient = try heldSimulator.client()
            (client, coreClient) = (heldClient, heldClient.core)
            url = try await heldClient.fetch(.number(4000)).core
            let run = try heldClient.fetchMany([Extension.number(4000), .number(4001)])
            batch = run.batch
            for try await _ in run { break }

            let heldClock = Clock()
            (clock, coreClock) = (heldClock, heldClock.core)
            let heldTransport = Window()
            transport = heldTransport
            let heldPhone = try Session.ready(heldTransport, clock: heldClock)
            (phone, corePhone) = (heldPhone, heldPhone.core)
            var updates = heldPhone.updates.makeAsyncIterator()
            following = updates.following
            let task = Task { try await heldPhone.call("4001") }
            _ = await heldTransport.next()
            _ = await updates.next()
            XCTAssertNotNil(following)
            task.cancel()
            _ = try await within { await task.result }

            let heldSimulated = try heldSimulator.phone("4000")
            (simulated, coreSimulated) = (heldSimulated, heldSimulated.core)
            _ = try await Session(heldSimulated).call("11999990001")
        }()
        XCTAssertNil(client)
        XCTAssertNil(coreClient)
        XCTAssertNil(url)
        XCTAssertNil(batch)
        XCTAssertNil(phone)
        XCTAssertNil(following)
        XCTAssertNil(simulator)
        XCTAssertNil(coreSimulator)
        XCTAssertNil(simulated)
        XCTAssertNil(coreSimulated)
        XCTAssertNil(clock)
        XCTAssertNil(coreClock)
        // The one who posts lets go when it hears that the session ended.
        try await until("the core's session and the transport are gone") { corePhone == nil && transport == nil }
    }

    /// A thousand tasks at a time, of all kinds, each cancelled at a random moment or not at all.
    func testAThousandTasks() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        try simulator.addFault(.delay(delayMs: 3), extension: "4001")
        let phone = try Session.ready(Window())
        let window = Window()
        // Its page has not loaded: commands wait.
        let gated = try Session { [post = window.post] in post($0) }
        let kinds: [@Sendable () async throws -> Void] = [
            { _ = try await client.fetch(.number(4000)) },
            { _ = try await client.fetch(.number(4001)) },
            { for try await _ in try client.fetchMany((0..<8).map { .number(4000 + $0 % 2) }, concurrency: 4) {} },
            { try await phone.hangUp() },
            // These two end by cancellation alone, but for a command too many.
            { try await gated.call("4001") },
            {
                for await _ in phone.updates {}
                try Task.checkCancellation()
            },
        ]
        let ends = Shared((done: 0, cancelled: 0, busy: 0))
        try await within(5 * patience) {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<1000 {
                    group.addTask {
                        let kind = number % kinds.count
                        let task = Task { try await kinds[kind]() }
                        // Half of those that end by themselves are cancelled too.
                        if kind > 3 || number / kinds.count % 2 == 0 {
                            try? await Task.sleep(nanoseconds: .random(in: 0..<20_000_000))
                            task.cancel()
                        }
                        switch await task.result {
                        case .success: ends.change { $0.done += 1 }
                        case .failure(is CancellationError): ends.change { $0.cancelled += 1 }
                        case .failure(WebphoneError.busy): ends.change { $0.busy += 1 }
                        case .failure(let error): XCTFail("\(error)")
                        }
                    }
                }
            }
        }
        XCTAssertEqual(ends.value.done + ends.value.cancelled + ends.value.busy, 1000)
        XCTAssertGreaterThan(ends.value.done, 0)
        XCTAssertGreaterThan(ends.value.cancelled, 166)
        try await until("no request goes on") { try simulator.requests().inFlight == 0 }
        let url = try await client.fetch(.number(4000))
        XCTAssertEqual(url.type, .floating)
        // Of all that waited for the page nothing is left to be posted.
        gated.report(.loaded)
        gated.receive(Said.connected)
        try await gated.hangUp()
        let posted = await window.next()
        XCTAssertEqual(posted, #"{"message":"hangup"}"#)
    }
}

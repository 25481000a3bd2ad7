import Webphone
import WebphoneFFI
import WebphoneSimulator
import XCTest

/// The client against the simulated API, over a socket.
final class ClientTests: XCTestCase {
    func testTheFirstLines() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        let url = try await client.fetch(.number(4000), type: .hidden)
        XCTAssertEqual(url.type, .hidden)
        XCTAssertEqual(url.origin, try simulator.apiURL)
        XCTAssertTrue("\(url) \(String(reflecting: url))".contains("use reveal()"))
        XCTAssertFalse("\(url)".contains("key="))
        XCTAssertEqual(url.revealURL()?.absoluteString, url.reveal())
        XCTAssertTrue(url.reveal().contains("key="))
        XCTAssertNil(url.expiresAt)
        let byID = try await client.fetch(.id(104_000), type: .hidden)
        XCTAssertEqual(byID, url)
        XCTAssertEqual(Set([byID, url]).count, 1)
    }

    func testTLSAndASignedURL() async throws {
        let simulator = try Simulator(SimulatorConfig(tls: true, urlLifetimeMs: 3_600_000))
        let url = try await simulator.client().fetch(.number(4001), callOnOpen: "(11) 99999-0000", closeAtEnd: true)
        let expiresAt = try XCTUnwrap(url.expiresAt)
        XCTAssertLessThan(abs(expiresAt.timeIntervalSinceNow - 3600), 600)
        XCTAssertFalse(url.isExpired())
        XCTAssertTrue(url.isExpired(margin: 7200))
        XCTAssertTrue(url.isExpired(margin: .seconds(7200)))
        XCTAssertTrue(url.reveal().contains("ligar_para=11999990000"))
    }

    func testWhatIsWrongIsNamedBeforeAnythingIsSent() async throws {
        let simulator = try Simulator()
        for (field, make) in [
            ("token", { try Client(token: "") }),
            ("base_url", { try Client(token: "t", baseURL: .other(url: "http://host.example")) }),
            ("timeout_ms", { try Client(token: "t", timeout: 0) }),
            ("timeout_ms", { try Client(token: "t", timeout: .nan) }),
            ("timeout_ms", { try Client(token: "t", timeout: .infinity) }),
            ("timeout_ms", { try Client(token: "t", timeout: -1) }),
            ("timeout_ms", { try Client(token: "t", timeout: .seconds(3600)) }),
            ("connect_timeout_ms", { try Client(token: "t", connectTimeout: 1e300) }),
            ("max_retries", { try Client(token: "t", maxRetries: .max) }),
            ("proxy", { try Client(token: "t", proxy: Proxy("ftp://host")) }),
        ] as [(String, () throws -> Client)] {
            let error = await webphoneError { try make() }
            guard case .invalid(field, _) = error else { return XCTFail("\(field): \(String(describing: error))") }
        }
        let client = try simulator.client()
        let error = await webphoneError { try await client.fetch(.number("four")) }
        guard case .invalid("ramal", _) = error else { return XCTFail("\(String(describing: error))") }
        XCTAssertEqual(try simulator.requests().total, 0)
    }

    func testAnErrorSaysWhatToDo() async throws {
        let simulator = try Simulator()
        let client = try simulator.client(maxRetries: 0)
        let unknown = await webphoneError { try await client.fetch(.number(4009)) }
        guard case .refused(let failure) = unknown else { return XCTFail("\(String(describing: unknown))") }
        XCTAssertEqual(failure.reason, .notFound)
        let error: any Error = try XCTUnwrap(unknown)
        XCTAssertEqual(error.localizedDescription, "The API does not know this extension.")
        let suggestion = try XCTUnwrap((error as? LocalizedError)?.recoverySuggestion)
        XCTAssertTrue(suggestion.hasPrefix("Check its number or id (HTTP 404"), suggestion)
        XCTAssertEqual("\(error)", "\(error.localizedDescription) \(suggestion)")

        try simulator.addFault(.fail(httpStatus: 429, retryAfterMs: 2000), times: 1)
        let limited = await webphoneError { try await client.fetch(.number(4000)) }
        XCTAssertEqual(limited?.retryAfter, 2)
        XCTAssertEqual(limited?.isRetryable(), true)

        let wrong = try Client(token: "wrong-secret", baseURL: .other(url: simulator.apiURL))
        let unauthorized = await webphoneError { try await wrong.fetch(.number(4000)) }
        guard case .unauthorized = unauthorized else { return XCTFail("\(String(describing: unauthorized))") }
        XCTAssertFalse(String(reflecting: unauthorized).contains("wrong-secret"))
    }

    func testAClosedClientSaysSo() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        try simulator.addFault(.delay(delayMs: 600_000))
        async let waiting = webphoneError { try await client.fetch(.number(4000)) }
        try await until("the request is under way") { try simulator.requests().inFlight == 1 }
        client.close()
        client.close()
        let error = await waiting
        XCTAssertEqual(error, .closed)
        let later = await webphoneError { try await client.fetch(.number(4000)) }
        XCTAssertEqual(later, .closed)
    }

    func testABatchGivesEachItsResultInOrder() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        let numbers = (0..<500).map { $0 % 3 == 0 ? 4000 : $0 % 3 == 1 ? 4001 : 4009 }
        let run = try client.fetchMany(numbers.map { Extension.number($0) }, type: .hidden, concurrency: 32)
        var seen: [Int] = []
        for try await result in run {
            XCTAssertEqual(result.request.extension, .number(numbers[seen.count]))
            seen.append(numbers[seen.count])
            if seen.last == 4009 {
                XCTAssertNil(result.url)
                guard case .refused = result.error else { return XCTFail("\(String(describing: result.error))") }
                XCTAssertThrowsError(try result.get())
            } else {
                XCTAssertNil(result.error)
                XCTAssertEqual(result.url?.type, .hidden)
            }
        }
        XCTAssertEqual(seen, numbers)
        let progress = try run.progress
        XCTAssertEqual(progress.pushed, 500)
        XCTAssertEqual(progress.fetched + progress.failed, 500)
    }

    func testABatchOfAnEndlessInputIsPulledOnlyAsFarAsItIsRead() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        let pulled = Shared(0)
        let endless = sequence(first: 0) { $0 + 1 }.lazy.map { _ in
            pulled.change { $0 += 1 }
            return Extension.number(4000)
        }
        var read = 0
        for try await result in try client.fetchMany(endless, concurrency: 8) {
            XCTAssertNil(result.error)
            read += 1
            if read == 1000 { break }
        }
        XCTAssertLessThan(pulled.value, 2000)
        let wrong = await webphoneError { try client.fetchMany([Extension.number(1)], concurrency: 0) }
        guard case .invalid("concurrency", _) = wrong else { return XCTFail("\(String(describing: wrong))") }
    }

    func testABatchWithoutRequestsEnds() async throws {
        let simulator = try Simulator()
        for try await result in try simulator.client().fetchMany([Extension]()) {
            XCTFail("\(result)")
        }
        XCTAssertEqual(try simulator.requests().total, 0)
    }

    /// From the main actor too, in Swift 6: what is iterated there isn't `Sendable`.
    func testABatchIsReadOnTheMainActor() async throws {
        let reading = Task { @MainActor in
            let simulator = try Simulator()
            var fetched = 0
            for try await result in try simulator.client().fetchMany([Extension.number(4000), .number(4001)]) {
                fetched += result.url == nil ? 0 : 1
            }
            return fetched
        }
        let fetched = try await reading.value
        XCTAssertEqual(fetched, 2)
    }
}

import Webphone
import WebphoneSimulator
import XCTest

/// The library's log, in the hands of a program.
final class LogTests: XCTestCase {
    override func tearDown() {
        WebphoneLog.disable()
    }

    func testRecordsReachTheHandlerUntilItIsDisabled() async throws {
        let simulator = try Simulator()
        let client = try simulator.client(maxRetries: 0)
        let first = Shared<[LogRecord]>([])
        let second = Shared<[LogRecord]>([])
        func fail(_ number: Int) async throws {
            let error = await webphoneError { try await client.fetch(.number(number)) }
            XCTAssertNotNil(error)
        }

        try WebphoneLog.enable(.trace) { record in first.change { $0.append(record) } }
        try await fail(5001)
        try await until("it is told") { first.value.contains { $0.text.contains("5001") } }
        let record = try XCTUnwrap(first.value.first { $0.text.contains("5001") })
        XCTAssertTrue(record.target.hasPrefix("webphone"), record.target)
        XCTAssertLessThan(abs(record.date.timeIntervalSinceNow), 600)
        XCTAssertEqual(first.value.map(\.unixMs), first.value.map(\.unixMs).sorted())

        // Another handler takes the place of the first; a level that is too grave lets nothing through.
        try WebphoneLog.enable(.trace) { record in second.change { $0.append(record) } }
        try await fail(5002)
        try await until("the other one is told") { second.value.contains { $0.text.contains("5002") } }
        XCTAssertFalse(first.value.contains { $0.text.contains("5002") })
        try WebphoneLog.enable(.error) { record in second.change { $0.append(record) } }
        try await fail(5003)
        WebphoneLog.disable()
        WebphoneLog.disable()
        try await fail(5004)
        try WebphoneLog.enable(.trace) { record in second.change { $0.append(record) } }
        try await fail(5005)
        try await until("it is told again") { second.value.contains { $0.text.contains("5005") } }
        for silent in ["5003", "5004"] {
            XCTAssertFalse(second.value.contains { $0.text.contains(silent) }, silent)
        }
    }

    func testAHandlerIsLetGo() async throws {
        weak var held: Shared<Int>?
        try {
            let counter = Shared(0)
            held = counter
            try WebphoneLog.enable { _ in counter.change { $0 += 1 } }
        }()
        XCTAssertNotNil(held)
        WebphoneLog.disable()
        XCTAssertNil(held)
    }
}

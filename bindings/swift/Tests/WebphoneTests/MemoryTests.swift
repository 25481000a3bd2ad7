#if os(Linux)
    import Foundation
    import Webphone
    import WebphoneSimulator
    import XCTest

    /// What Swift lets go, Rust lets go: memory stays flat over many lives of everything that the package hands out.
    final class MemoryTests: XCTestCase {
        /// What this process has in memory: bytes.
        private func resident() throws -> Int {
            let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
            return try XCTUnwrap(Int(pages[1])) * Int(sysconf(Int32(_SC_PAGESIZE)))
        }

        private func lives(_ count: Int, _ simulator: Simulator) async throws {
            for _ in 0..<count {
                let client = try simulator.client()
                for try await _ in try client.fetchMany([Extension.number(4000), .number(4001)], type: .hidden) {
                    break
                }
                let cancelled = Task { try await client.fetch(.number(4000)) }
                cancelled.cancel()
                _ = await cancelled.result
                let window = Window()
                let phone = try Session.ready(window, configuration: SessionConfig(record: .plain))
                var updates = phone.updates.makeAsyncIterator()
                for _ in 0..<20 {
                    phone.receive(#"{"message":"stats_webphone","internet":{"ping":31},"computador":1}"#)
                }
                _ = await updates.next()
                let waiting = Task { try await phone.call("4001") }
                _ = await window.next()
                waiting.cancel()
                _ = await waiting.result
            }
        }

        func testItIsFlat() async throws {
            let simulator = try Simulator()
            try await lives(200, simulator)
            try simulator.forgetRequests()
            let before = try resident()
            try await lives(600, simulator)
            try simulator.forgetRequests()
            let grown = try resident() - before
            // A session that stays takes some 40 kB, a client more.
            XCTAssertLessThan(grown, 6_000_000)
        }
    }
#endif

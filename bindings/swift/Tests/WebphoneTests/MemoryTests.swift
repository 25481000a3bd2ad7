#if os(Linux)
    import CHeap
    import Foundation
    import Webphone
    import WebphoneSimulator
    import XCTest

    #if canImport(WebKit)
        import UIKit
    #endif

    /// What Swift lets go, Rust lets go: many lives of each thing that the package hands out leave nothing on the heap, which
    /// both share.
    final class MemoryTests: XCTestCase {
        /// - Parameters:
        ///   - lives: So many that the smallest leak of its kind would stand out from what the allocator keeps for each
        ///     thread.
        ///   - forget: Lets go what is kept on purpose.
        private func leavesNothing(
            _ what: String, lives: Int, forget: () throws -> Void = {}, _ life: () async throws -> Void
        ) async throws {
            // What is not cancelled any more waits for its own end each time.
            let hopeless = Date().addingTimeInterval(5 * patience)
            func live(_ count: Int) async throws {
                for _ in 0..<count {
                    guard Date() < hopeless else { throw TookTooLong() }
                    try await life()
                }
            }
            // The first ones fill what stays: connections, pools, tables.
            try await live(lives / 2)
            try forget()
            let before = heap_in_use()
            func grown() -> Int { Int(heap_in_use()) - Int(before) }
            try await live(lives)
            try forget()
            let most = 400_000
            // What Rust lets go in the background may take a moment.
            let end = Date().addingTimeInterval(10)
            while grown() > most, Date() < end { try await Task.sleep(nanoseconds: 1_000_000) }
            XCTAssertLessThanOrEqual(grown(), most, "\(lives) times \(what), \(grown() / lives) bytes each")
        }

        func testClients() async throws {
            try await leavesNothing("a client", lives: 300) {
                let proxy = try Proxy("http://127.0.0.1:9", username: "u", password: "p")
                _ = try Client(token: "t", proxy: proxy)
            }
        }

        func testFetches() async throws {
            let simulator = try Simulator()
            let client = try simulator.client()
            try await leavesNothing("a fetch", lives: 1000, forget: simulator.forgetRequests) {
                _ = try await client.fetch(.number(4000))
                _ = await webphoneError { try await client.fetch(.number("four")) }
            }
            try await leavesNothing("a cancelled fetch", lives: 1000, forget: simulator.forgetRequests) {
                let task = Task { try await client.fetch(.number(4000)) }
                await Task.yield()
                task.cancel()
                _ = await task.result
            }
        }

        func testBatches() async throws {
            let simulator = try Simulator()
            let client = try simulator.client()
            try await leavesNothing("a batch", lives: 1000, forget: simulator.forgetRequests) {
                for try await _ in try client.fetchMany([Extension.number(4000), .number(4001)], type: .hidden) {}
            }
            try await leavesNothing("a batch whose loop is left", lives: 1000, forget: simulator.forgetRequests) {
                let input = AsyncStream(unfolding: { Extension.number(4000) })
                for try await _ in try client.fetchMany(input, concurrency: 2) { break }
            }
        }

        func testSessions() async throws {
            try await leavesNothing("a session", lives: 500) {
                let window = Window()
                let phone = try Session.ready(window, configuration: SessionConfig(record: .plain))
                let updates = phone.updates
                for _ in 0..<20 {
                    phone.receive(#"{"message":"stats_webphone","internet":{"ping":31},"computador":1}"#)
                }
                let waiting = Task { try await phone.call("4001") }
                _ = await window.next()
                waiting.cancel()
                _ = await waiting.result
                for await _ in updates { break }
            }
            try await leavesNothing("a simulated phone", lives: 40) {
                let simulator = try Simulator(SimulatorConfig(virtualTime: true))
                let phone = try Session(simulator.phone("4000"))
                _ = try await phone.call("11999990001")
            }
        }

        func testWhatASessionHandsOut() async throws {
            let phone = try Session.ready(Window())
            try await leavesNothing("a follower", lives: 20_000) {
                _ = phone.updates
            }
            try await leavesNothing("a loop", lives: 10_000) {
                let updates = phone.updates
                phone.report(.notice(name: "n", detail: ""))
                for await _ in updates { break }
            }
            let gated = try Session { _ in }
            try await leavesNothing("a cancelled command", lives: 10_000) {
                let task = Task { try await gated.call("4001") }
                await Task.yield()
                task.cancel()
                _ = await task.result
            }
        }

        func testWhatIsMadeOfText() async throws {
            try await leavesNothing("a URL, a proxy and a clock", lives: 20_000) {
                _ = try WebphoneURL("https://host.example/w3/?key=K&tipo=hidden").reveal()
                _ = try Proxy("http://127.0.0.1:9")
                try Clock().advance(by: 1)
            }
        }

        #if canImport(WebKit)
            @MainActor
            private static func liveInAView(_ url: WebphoneURL, _ window: UIWindow) throws {
                let phone = Webphone(url: url)
                phone.attach(to: window)
                try phone.restart()
                XCTAssertNil(PhoneState(phone).call)
            }

            func testPhonesInTheirViews() async throws {
                let url = try WebphoneURL("https://host.example/w3/?key=K&tipo=hidden")
                let window = await UIWindow(frame: .zero)
                try await leavesNothing("a phone in its view", lives: 1000) { try await Self.liveInAView(url, window) }
            }
        #endif
    }
#endif

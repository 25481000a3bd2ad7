#if os(Linux) && canImport(WebKit)
    import Foundation
    import Webphone
    import WebphoneFFI
    import WebphoneSimulator
    import WebKit
    import XCTest

    /// What lives in the stand-in's view: the bridge, spoken by the test in the bridge's own words, and in its frame the
    /// phone of the core's simulator.
    @MainActor
    final class Page: StandInScripts {
        let phone: CoreSimulatedPhone
        /// The numbers of the loads whose bridge was there, oldest first.
        private(set) var nonces: [String] = []
        /// What the program asked of the bridge: `start`, `post`, `stop`.
        private(set) var orders: [String] = []
        private(set) var url: String?
        /// Where its scripts ran.
        private(set) var worlds: Set<String?> = []
        /// Whether calls of its functions fail.
        var isDeaf = false
        /// Whether the phone says nothing.
        var isSilent = false

        private let simulator: CoreSimulator
        private var seq = 0
        private weak var engine: StandInEngine?
        private var speaking: Task<Void, Never>?

        init(_ simulator: CoreSimulator) throws {
            self.simulator = simulator
            phone = try simulator.phone(extension: "4000")
        }

        deinit {
            speaking?.cancel()
        }

        func run(_ script: String, world: String?, in engine: StandInEngine) {
            guard let match = script.range(of: #""nonce":"[0-9a-f]{32}""#, options: .regularExpression) else {
                return XCTFail("a script without a number")
            }
            self.engine = engine
            worlds.insert(world)
            nonces.append(String(script[match].dropFirst(9).dropLast()))
            seq = 0
            say(#"["hello"]"#)
        }

        /// An envelope of the latest load.
        func envelope(_ batch: String, nonce: String? = nil) -> String {
            seq += 1
            return #"{"webphone":1,"nonce":"\#(nonce ?? nonces.last ?? "")","seq":\#(seq),"batch":[\#(batch)]}"#
        }

        /// The bridge says something.
        func say(_ batch: String) {
            guard let engine else { return }
            engine.post(envelope(batch), name: "webphone", world: "webphone", from: engine.mainFrame)
        }

        func call(_ body: String, arguments: [String: Any], world: String?) async throws -> Any? {
            guard !isDeaf, world == "webphone", body == "webphoneHost.receive(envelope)",
                let text = arguments["envelope"] as? String,
                let envelope = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
                let batch = envelope["batch"] as? [[Any]]
            else { throw StandInScriptError() }
            guard envelope["nonce"] as? String == nonces.last else { return nil }
            for order in batch { try obey(order) }
            return nil
        }

        private func obey(_ order: [Any]) throws {
            guard let word = order.first as? String else { throw StandInScriptError() }
            orders.append(word)
            switch word {
            case "start":
                url = (order[1] as? [String: Any])?["url"] as? String
                try open()
            case "post":
                guard let n = order[1] as? Int, let text = order[3] as? String else { throw StandInScriptError() }
                say(#"["posted",\#(n),true]"#)
                try phone.post(text: text)
            default:
                break
            }
        }

        /// The phone's frame loads.
        private func open() throws {
            let phone = try WebphoneURL(try XCTUnwrap(url))
            let before = speaking
            before?.cancel()
            say(#"["loaded",1]"#)
            guard !isSilent else { return }
            say(#"["pinned","\#(phone.origin)"]"#)
            try self.phone.openPage(url: phone.core)
            speaking = Task.detached { [weak self, phone = self.phone] in
                // Two at a time are refused.
                await before?.value
                while let said = try? await RustWork.run({ try await phone.nextMessages(max: 16) }) {
                    for case .message(let text) in said { await self?.hear(text) }
                }
            }
        }

        private func hear(_ text: String) {
            guard let quoted = try? JSONEncoder().encode(text) else { return XCTFail("no text") }
            say(#"["message",\#(String(decoding: quoted, as: UTF8.self))]"#)
        }
    }

    /// As `until`, of what lives on the main actor.
    @MainActor
    func eventually(
        _ what: String, file: StaticString = #filePath, line: UInt = #line, _ isSo: @MainActor () throws -> Bool
    ) async throws {
        let end = Date().addingTimeInterval(patience)
        while try !isSo() {
            guard Date() < end else { return XCTFail("never: \(what)", file: file, line: line) }
            try await Task.sleep(nanoseconds: 1_000_000)
        }
    }

    /// As `webphoneError`, of what is done on the main actor.
    @MainActor
    func failure<T>(
        file: StaticString = #filePath, line: UInt = #line, _ work: @MainActor () async throws -> T
    ) async -> WebphoneError? {
        do {
            _ = try await work()
            XCTFail("it did not throw", file: file, line: line)
        } catch let error as WebphoneError {
            return error
        } catch {
            XCTFail("it threw \(error)", file: file, line: line)
        }
        return nil
    }

    /// A phone in the stand-in's view, the simulator that serves it, and what it said.
    @MainActor
    final class Hosted {
        let simulator: CoreSimulator
        let url: WebphoneURL
        let page: Page
        let phone: Webphone
        let window = UIWindow(frame: CGRect(x: 0, y: 0, width: 320, height: 480))
        let causes: Shared<[Cause]>
        private let following: Task<Void, Never>

        var engine: StandInEngine { phone.view.standIn }
        var origin: String { url.origin }
        /// Where the host page stands.
        var hostOrigin: String { engine.loads.first.map { $0.url.absoluteString } ?? "" }

        /// - Parameter url: nil: one of a hidden phone that the simulator gave.
        init(
            url: String? = nil, configuration: SessionConfig = SessionConfig(), attached: Bool = true
        ) async throws {
            simulator = try CoreSimulator.start(config: SimulatorConfig(), token: nil)
            let client = try Client(
                token: simulator.token(), baseURL: .other(url: simulator.apiUrl()))
            self.url =
                if let url { try WebphoneURL(url) } else { try await client.fetch(.number(4000), type: .hidden) }
            page = try Page(simulator)
            phone = try Webphone(url: self.url, options: HostPageOptions(), configuration: configuration)
            phone.view.standIn.scripts = page
            let causes = Shared<[Cause]>([])
            self.causes = causes
            following = Task.detached { [updates = phone.updates] in
                for await update in updates { causes.change { $0.append(update.cause) } }
            }
            if attached { phone.attach(to: window) }
        }

        /// The same with its line.
        static func ready(
            url: String? = nil, configuration: SessionConfig = SessionConfig()
        ) async throws -> Hosted {
            let hosted = try await Hosted(url: url, configuration: configuration)
            try await eventually("the phone is ready") { hosted.phone.state.line == .connected }
            return hosted
        }

        func reported(_ what: String, _ match: @escaping (PageReport) -> Bool) async throws {
            try await eventually(what) {
                causes.value.contains { if case .page(let report) = $0 { match(report) } else { false } }
            }
        }

        func noticed(_ name: String) async throws {
            try await reported(name) { if case .notice(name, _) = $0 { true } else { false } }
        }

        func frame(_ origin: String) -> WKFrameInfo {
            engine.frame(main: false, origin: origin)
        }
    }
#endif

#if os(Linux) && canImport(WebKit)
    import Foundation
    import Webphone
    import WebphoneFFI
    import WebphoneSimulator
    import WebKit
    import XCTest

    /// A phone whose page lives in a real WebKit: WebKitGTK, which has message handlers in named worlds and asynchronous
    /// functions as WKWebView has. `scripts/test-swift` starts it (tests/browser/webkit_server.py) and says where it is.
    @MainActor
    private final class RealPage: StandInScripts {
        private let server: URL
        private weak var engine: StandInEngine?
        private var listening: Task<Void, Never>?
        private(set) var decisions: [WKPermissionDecision] = []
        let phoneOrigin: String

        init(phoneOrigin: String) throws {
            let address = try XCTUnwrap(
                ProcessInfo.processInfo.environment["WEBPHONE_WEBKIT"], "this test is run by scripts/test-swift")
            server = try XCTUnwrap(URL(string: address))
            self.phoneOrigin = phoneOrigin
        }

        /// Calls a method of the server's.
        @discardableResult
        func ask(_ method: String, _ arguments: [String: any Sendable]) async throws -> [String: any Sendable] {
            var request = URLRequest(url: server.appendingPathComponent(method))
            request.httpMethod = "POST"
            request.httpBody = try JSONSerialization.data(withJSONObject: arguments)
            let (data, response) = try await URLSession.shared.data(for: request)
            guard (response as? HTTPURLResponse)?.statusCode == 200 else { throw StandInScriptError() }
            let answer = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed) as? [String: Any]
            return (answer ?? [:]).compactMapValues { value in
                if let text = value as? String { text } else { value as? Int }
            }
        }

        func run(_ script: String, world: String?, in engine: StandInEngine) {
            self.engine = engine
            listening?.cancel()
            let document = engine.document
            listening = Task { [weak self] in
                do {
                    try await self?.ask(
                        "load",
                        [
                            "html": document?.html ?? "", "url": document?.url.absoluteString ?? "", "script": script,
                            "world": world ?? "", "handler": "webphone",
                        ])
                    while !Task.isCancelled, let happened = try await self?.ask("happened", [:]) {
                        try await self?.take(happened)
                    }
                } catch is CancellationError {
                } catch let error as URLError where error.code == .cancelled {
                } catch {
                    XCTFail("\(error)")
                }
            }
        }

        private func take(_ happened: [String: any Sendable]) async throws {
            guard let engine else { return }
            if let text = happened["text"] {
                engine.post(text, name: "webphone", world: "webphone", from: engine.mainFrame)
            }
            if let permission = happened["permission"] {
                let type: WKMediaCaptureType =
                    switch (happened["audio"] as? Int, happened["video"] as? Int) {
                    case (1, 0): .microphone
                    case (0, _): .camera
                    default: .cameraAndMicrophone
                    }
                // WebKitGTK does not tell the frame.
                let decision = await engine.askToCapture(
                    type, top: engine.document?.url.absoluteString ?? "",
                    frame: engine.frame(main: false, origin: phoneOrigin))
                decisions.append(decision)
                try await ask("decide", ["permission": permission, "grant": decision == .grant])
            }
        }

        func call(_ body: String, arguments: [String: Any], world: String?) async throws -> Any? {
            let texts = arguments.compactMapValues { $0 as? String }
            try await ask("call", ["body": body, "arguments": texts, "world": world ?? ""])
            return nil
        }

        func end() async throws {
            listening?.cancel()
            try await ask("drop", [:])
        }
    }

    @MainActor
    final class EngineTests: XCTestCase, @unchecked Sendable {
        /// Both ways in which a hidden phone is loaded.
        func testACallInARealWebKit() async throws {
            for loading in [PhoneLoading.script, .frame] {
                let simulator = try Simulator()
                let url = try await simulator.client().fetch(.number(4000), type: .hidden)
                let phone = try Webphone(url: url, options: HostPageOptions(loading: loading))
                let page = try RealPage(phoneOrigin: url.origin)
                phone.view.standIn.scripts = page
                let window = UIWindow(frame: .zero)
                phone.attach(to: window)
                let outcome = try await within { try await phone.call("11 99999-0001") }
                guard case .confirmed("chamada_id", _?) = outcome else { return XCTFail("\(outcome)") }
                try await eventually("they talk") { phone.state.call?.phase == .talking }
                try await eventually("the microphone was asked for") { page.decisions == [.grant] }
                try await phone.sendDTMF("1#")
                try await eventually("the keys arrived") { try simulator.phone("4000").state.dtmf == "1#" }
                let ended = try await phone.hangUp()
                guard case .confirmed("encerrada", _) = ended else { return XCTFail("\(ended)") }
                try simulator.phone("4000").incoming(SimulatedCaller(number: "4001"))
                try await eventually("it rings") { phone.state.ringing != nil }
                try await phone.answer()
                XCTAssertEqual(phone.state.call?.phase, .talking)
                phone.close()
                try await page.end()
            }
        }
    }
#endif

import Webphone
import WebphoneFFI
import WebphoneSimulator
import XCTest

/// A session as a program holds it: over simulated phones, and over a window of the test's own.
final class SessionTests: XCTestCase {
    func testTheTenLines() async throws {
        let simulator = try Simulator(SimulatorConfig(virtualTime: true))
        let simulated = try simulator.phone("4000")
        let phone = try Session(simulated)
        let updates = phone.updates
        // No time passes: the phone says at once that it dials, and the id of the call.
        let outcome = try await phone.call("11 99999-0000")
        guard case .confirmed(let by, let callID?) = outcome else { return XCTFail("\(outcome)") }
        XCTAssertEqual(by, "chamada_id")
        try simulator.advance(by: 10)
        let call = try XCTUnwrap(phone.state.call)
        XCTAssertEqual(call.phase, .talking)
        XCTAssertEqual(call.callID, callID)
        XCTAssertEqual(call.id, call.serial)
        let talked = try XCTUnwrap(call.talkTime(now: phone.now))
        try simulator.advance(by: 60)
        XCTAssertEqual(call.talkTime(now: phone.now), talked + 60)
        XCTAssertEqual(call.elapsed(now: phone.now), call.ringTime(now: phone.now) + talked + 60)
        let pressing = Task { try await phone.sendDTMF("12#") }
        for pressed in ["1", "12", "12#"] {
            // Time moves when a key has arrived: else it might pass before the first one is on its way.
            try await until("\(pressed) in the phone") { try simulated.state.dtmf == pressed }
            try simulator.advance(by: 0.2)
        }
        let keys = try await pressing.value
        XCTAssertEqual(keys, .sent(keys: 3))
        phone.assumeMuted(false)
        let muted = try await phone.setMuted(true)
        XCTAssertEqual(muted, .sent(keys: nil))
        let again = try await phone.setMuted(true)
        XCTAssertEqual(again, .unchanged)
        let hungUp = try await phone.hangUp()
        XCTAssertEqual(hungUp, .confirmed(by: "encerrada", callID: callID))
        let ended = try XCTUnwrap(phone.history.last)
        XCTAssertEqual(ended.end?.reason, .ended)
        XCTAssertEqual(ended.number?.digits, "11999990000")
        phone.close()

        var numbers: [Int64] = []
        var last: Cause?
        for await update in updates {
            numbers.append(update.number)
            last = update.cause
        }
        let first = try XCTUnwrap(numbers.first)
        XCTAssertEqual(numbers, Array(first..<first + Int64(numbers.count)))
        XCTAssertEqual(last, .shutDown)
        XCTAssertTrue(phone.state.shutDown)
    }

    func testEveryVerbReachesThePhone() async throws {
        let window = Window()
        let phone = try await Session.talking(window)
        let verbs: [(String, @Sendable (Session) async throws -> Outcome)] = [
            (#"{"message":"enviaDTMF","dtmf":"5"}"#, { try await $0.sendDTMF("5") }),
            (#"{"message":"mute"}"#, { try await $0.toggleMute() }),
            (#"{"message":"mute"}"#, { try await $0.setMuted(false) }),
            (#"{"message":"recStart"}"#, { try await $0.startRecording() }),
            (#"{"message":"recStop"}"#, { try await $0.stopRecording() }),
            (#"{"message":"pausarNaFila","filaId":47}"#, { try await $0.pauseInQueue("47") }),
            (#"{"message":"despausarNaFila","filaId":47}"#, { try await $0.resumeInQueue("47") }),
            (#"{"message":"pausarNaFila"}"#, { try await $0.pauseInQueue() }),
            (#"{"message":"despausarNaFila"}"#, { try await $0.resumeInQueue() }),
            (#"{"message":"entrarNaFila","filaId":47}"#, { try await $0.joinQueue("47") }),
            (#"{"message":"sairDaFila","filaId":47}"#, { try await $0.leaveQueue("47") }),
            (
                #"{"message":"transferirConsulta","numeroTelefone":"4001"}"#,
                { try await $0.consultTransfer(to: "4001") }
            ),
            (#"{"message":"transferir","numeroTelefone":"4001"}"#, { try await $0.blindTransfer(to: "4001") }),
            (#"{"message":"hangup"}"#, { try await $0.hangUp() }),
            (#"{"message":"desconectar"}"#, { try await $0.disconnect() }),
            (#"{"message":"conectar"}"#, { try await $0.connect() }),
        ]
        for (text, verb) in verbs {
            let waiting = Task { try await verb(phone) }
            let posted = await window.next()
            XCTAssertEqual(posted, text)
            waiting.cancel()
            _ = await waiting.result
            guard text.contains("desconectar") else { continue }
            // What is in flight stands in the way of its opposite.
            phone.receive(#"{"message":"status","status":"desconectado"}"#)
        }
        phone.receive(#"{"message":"chegandoChamada","numeroChegando":"(79) 91234-5678"}"#)
        XCTAssertEqual(phone.state.ringing?.number?.raw, "(79) 91234-5678")
        let answering = Task { try await phone.answer() }
        let posted = await window.next()
        XCTAssertEqual(posted, #"{"message":"answer"}"#)
        phone.receive(Said.talking)
        let outcome = try await answering.value
        guard case .confirmed("conversando", _) = outcome else { return XCTFail("\(outcome)") }
    }

    func testAnErrorMeansThatNothingHappened() async throws {
        let simulator = try Simulator(SimulatorConfig(virtualTime: true))
        let phone = try Session(simulator.phone("4000"))
        let noCall = await webphoneError { try await phone.sendDTMF("1") }
        XCTAssertEqual(noCall, .noCall)
        let invalid = await webphoneError { try await phone.call("0800-FLOWERS") }
        guard case .invalid("number", _) = invalid else { return XCTFail("\(String(describing: invalid))") }
        // 0004: the phone refuses it.
        let rejected = await webphoneError { try await phone.call("110004") }
        guard case .rejected(let words) = rejected else { return XCTFail("\(String(describing: rejected))") }
        XCTAssertTrue(try XCTUnwrap(rejected?.localizedDescription).contains(words))
        XCTAssertNil(rejected?.recoverySuggestion)
        _ = try await phone.call("11999990000")
        let second = await webphoneError { try await phone.call("11999990001") }
        XCTAssertEqual(second, .callInProgress)
        phone.close()
        let closed = await webphoneError { try await phone.hangUp() }
        XCTAssertEqual(closed, .sessionClosed(posted: .no))
    }

    func testATransportThatThrowsHasNotPosted() async throws {
        struct NoPage: Error {}
        let phone = try Session { _ in throw NoPage() }
        phone.report(.loaded)
        phone.receive(Said.connected)
        let error = await webphoneError { try await phone.call("4001") }
        XCTAssertEqual(error, .pageLost(posted: .no))
        XCTAssertNil(phone.state.call)
    }

    func testEachLoopFollowsByItself() async throws {
        let window = Window()
        let phone = try Session.ready(window)
        let first = phone.updates
        let second = phone.updates
        phone.report(.notice(name: "n", detail: "1"))
        phone.report(.notice(name: "n", detail: "2"))
        for updates in [first, second] {
            for await update in updates {
                XCTAssertEqual(update.cause, .page(report: .notice(name: "n", detail: "1")))
                break
            }
        }
        // Another loop over the same begins anew.
        var again = first.makeAsyncIterator()
        phone.report(.notice(name: "n", detail: "3"))
        let third = await again.next()
        XCTAssertEqual(third?.cause, .page(report: .notice(name: "n", detail: "3")))
    }

    func testASlowReaderHearsHowMuchItLost() async throws {
        let phone = try Session.ready(Window())
        let updates = try phone.updates(limit: 2)
        for n in 0..<10 { phone.report(.notice(name: "n", detail: "\(n)")) }
        var iterator = updates.makeAsyncIterator()
        let lost = await iterator.next()
        XCTAssertEqual(lost?.cause, .overflow(lost: 8))
        let next = await iterator.next()
        XCTAssertEqual(next?.cause, .page(report: .notice(name: "n", detail: "8")))
        let wrong = await webphoneError { try phone.updates(limit: 0) }
        guard case .invalid("limit", _) = wrong else { return XCTFail("\(String(describing: wrong))") }
    }

    func testAWrongSettingIsNamed() async throws {
        var configuration = SessionConfig()
        configuration.callTimeout = -1
        XCTAssertEqual(configuration.callTimeoutMs, -1000)
        let error = await webphoneError { try Session(configuration: configuration) { _ in } }
        guard case .invalid("call_timeout_ms", _) = error else { return XCTFail("\(String(describing: error))") }
    }

    func testARecordedSessionIsLivedAgain() async throws {
        let simulator = try Simulator(SimulatorConfig(virtualTime: true))
        let phone = try Session(simulator.phone("4000"), configuration: SessionConfig(record: .masked))
        _ = try await phone.call("11999990000")
        let trace = try XCTUnwrap(phone.trace())
        XCTAssertFalse(trace.contains("11999990000"))
        let steps = try replay(trace)
        XCTAssertFalse(steps.isEmpty)
        XCTAssertEqual(steps.flatMap(\.differs), [])
        XCTAssertEqual(steps.last?.state.call?.phase, phone.state.call?.phase)
        XCTAssertNil(try Session.ready(Window()).trace())
    }

    func testADialledURLIsLoadedOnce() async throws {
        let phone = try Session.ready(Window())
        let dials = try WebphoneURL("https://host.example/w3/?key=K&ligar_para=4001")
        let error = await webphoneError { try phone.changeURL(dials) }
        XCTAssertEqual(error, .dialsOnOpen)
        try phone.changeURL(WebphoneURL("https://host.example/w3/?key=K2"))
    }
}

import Foundation
import PhoneLogic
import Webphone
import WebphoneSimulator
import XCTest

/// The app's logic over the simulated phone.
final class PhoneLogicTests: XCTestCase {
    private var simulator: Simulator!
    private var simulated: SimulatedPhone!
    private var phone: Session!

    override func setUpWithError() throws {
        simulator = try Simulator(SimulatorConfig(virtualTime: true))
        simulated = try simulator.phone("4000")
        phone = try Session(simulated)
    }

    override func tearDown() {
        phone.close()
        simulator.close()
    }

    private func screen() -> Screen {
        Screen(phone.state, now: phone.now)
    }

    /// Waits until the screen is so: what the phone says arrives by itself.
    private func shows(line: UInt = #line, _ isSo: (Screen) -> Bool) async throws {
        let end = Date().addingTimeInterval(60)
        while !isSo(screen()) {
            guard Date() < end else { return XCTFail("never so: \(screen())", line: line) }
            try await Task.sleep(nanoseconds: 1_000_000)
        }
    }

    private func perform(_ action: Action) async throws -> String? {
        await action.perform(on: try XCTUnwrap(phone))
    }

    func testACallFromTheKeysToItsEnd() async throws {
        var dialler = Dialler()
        XCTAssertNil(dialler.call())
        for key in "110001x".dropLast() { XCTAssertNil(dialler.press(String(key), talking: false)) }
        _ = dialler.press("9", talking: false)
        dialler.deleteLast()
        let call = try XCTUnwrap(dialler.call())
        XCTAssertEqual(call, .call("110001"))
        XCTAssertEqual(dialler.number, "")
        let told = try await perform(call)
        XCTAssertNil(told)
        try simulator.advance(by: 61)
        try await shows { $0.call?.isTalking == true }
        let card = try XCTUnwrap(screen().call)
        XCTAssertTrue(card.isTalking)
        XCTAssertEqual(card.title, "110001")
        XCTAssertGreaterThanOrEqual(try XCTUnwrap(card.talked), 60)
        XCTAssertFalse(screen().canCall)

        let key = try XCTUnwrap(dialler.press("5", talking: true))
        let pressed = try await perform(key)
        XCTAssertNil(pressed)
        XCTAssertEqual(try simulated.state.dtmf, "5")
        XCTAssertEqual(dialler.number, "")

        let second = try await perform(.call("4001"))
        XCTAssertNotNil(second, "a second call is refused, with words")
        let hungUp = try await perform(.hangUp)
        XCTAssertNil(hungUp)
        try await shows { $0.call == nil && $0.canCall }
    }

    func testTheMicrophonesButtonSaysWhatItDoes() async throws {
        XCTAssertEqual(screen().mute, .none)
        _ = try await perform(.call("110001"))
        try simulator.advance(by: 2)
        // No URL: the phone may be seen, and its user may have pressed mute.
        try await shows { $0.mute == .ask }
        let unknown = try await perform(.setMuted(true))
        XCTAssertNotNil(unknown)
        _ = try await perform(.sayMuted(false))
        XCTAssertEqual(screen().mute, .mute)
        let muted = try await perform(.setMuted(true))
        XCTAssertNil(muted)
        XCTAssertEqual(screen().mute, .unmute)
        XCTAssertTrue(try simulated.state.muted)
    }

    func testAnIncomingCallIsShownAndAnswered() async throws {
        try simulator.advance(by: 3)
        try simulated.incoming(SimulatedCaller(number: "(79) 91234-5678"))
        try await shows { $0.ringing == "(79) 91234-5678" }
        let answered = try await perform(.answer)
        XCTAssertNil(answered)
        XCTAssertEqual(screen().call?.title, "(79) 91234-5678")
        XCTAssertNil(screen().ringing)
        let nothing = try await perform(.answer)
        XCTAssertNotNil(nothing, "nothing rings")
    }

    func testATransferAndAConsultation() async throws {
        _ = try await perform(.call("110001"))
        try simulator.advance(by: 2)
        _ = try await perform(.consult("4001"))
        XCTAssertEqual(screen().call?.consulting, "4001")
        _ = try await perform(.hangUp)
        try simulator.advance(by: 30)
        _ = try await perform(.call("110001"))
        try simulator.advance(by: 2)
        let told = try await perform(.transfer(to: "4001"))
        XCTAssertNil(told)
        try simulator.advance(by: 5)
        try await shows { $0.call == nil }
    }

    func testAQueue() async throws {
        let joined = try await perform(.join(queue: "47"))
        XCTAssertNil(joined)
        XCTAssertEqual(screen().queues.map(\.id), ["47"])
        let paused = try await perform(.pause(in: "47"))
        XCTAssertNil(paused)
        XCTAssertEqual(screen().queues.first?.paused, true)
        _ = try await perform(.resume(in: "47"))
        XCTAssertEqual(screen().queues.first?.paused, false)
    }

    func testWhatIsWrongIsSaid() async throws {
        try simulator.advance(by: 3)
        try await shows { $0.trouble == nil }
        let refused = try await perform(.call("110004"))
        XCTAssertNotNil(refused, "the phone's own words")
        let wrong = try await perform(.call("0800-FLOWERS"))
        XCTAssertTrue(try XCTUnwrap(wrong).contains("number"))
        try simulated.crash()
        try await shows { $0.trouble == "The phone's page is gone." && $0.offersRestart }
        phone.close()
        XCTAssertEqual(screen().trouble, "This phone is closed.")
        XCTAssertFalse(screen().offersRestart)
    }
}

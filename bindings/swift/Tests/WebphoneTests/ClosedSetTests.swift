import Foundation
import Webphone
import XCTest

/// What an enumeration lists is all there is: these compile without a `default`. Where the phone or the API may say more one
/// day, a case of its own holds that.
final class ClosedSetTests: XCTestCase {
    private func word(_ phase: CallPhase) -> String {
        switch phase {
        case .dialling, .calling: return "out"
        case .ringing: return "in"
        case .talking: return "both"
        }
    }

    private func happened(_ outcome: Outcome) -> Bool? {
        switch outcome {
        case .confirmed, .unchanged: return true
        case .sent, .unconfirmed: return nil
        }
    }

    private func isNew(_ event: Event) -> String? {
        switch event {
        case .incomingCall, .callID, .callError, .quality: return nil
        case .joinedQueue, .leftQueue, .pausedInQueue, .resumedInQueue: return nil
        case .status(.connected), .status(.disconnected), .status(.calling), .status(.talking), .status(.ended):
            return nil
        case .status(.other(let text)): return text
        case .unknown(let name, let payload): return "\(name) \(payload)"
        }
    }

    private func next(after error: WebphoneError) -> String {
        switch error {
        case .invalid, .refused, .unauthorized, .notTried: return "mend"
        case .rateLimited, .unavailable, .unreachable: return "try again"
        case .rejected, .callInProgress, .noCall, .muteUnknown, .notReady, .dialsOnOpen: return "look at the state"
        case .pageLost(let posted), .sessionClosed(let posted), .commandCancelled(let posted):
            switch posted {
            case .yes, .unknown: return "ask"
            case .no: return "again"
            }
        case .closed, .cancelled, .busy: return "nothing"
        case .unexpectedAnswer, .unsupported, .internal: return "report"
        }
    }

    func testEachHasItsPlace() async throws {
        XCTAssertEqual(CallPhase.allCases.map(word), ["out", "out", "in", "both"])
        XCTAssertEqual(happened(.sent(keys: nil)), nil)
        XCTAssertEqual(next(after: .pageLost(posted: .no)), "again")
        let phone = try Session { _ in }
        phone.report(.loaded)
        let updates = phone.updates
        phone.receive(#"{"message":"status","status":"em_espera"}"#)
        phone.receive(#"{"message":"novidade","valor":1}"#)
        phone.close()
        var new: [String] = []
        for await update in updates {
            if case .event(let event, _) = update.cause, let text = isNew(event) { new.append(text) }
        }
        XCTAssertEqual(new.count, 2)
        XCTAssertEqual(new.first, "em_espera")
        XCTAssertTrue(try XCTUnwrap(new.last).hasPrefix("novidade {"), "\(new)")
    }

    func testTimesAreSeconds() throws {
        var configuration = SessionConfig()
        let waits: [WritableKeyPath<SessionConfig, TimeInterval>] = [
            \.aliveGrace, \.readyGrace, \.readyTimeout, \.postTimeout, \.lineTimeout, \.callTimeout, \.idGrace,
            \.answerTimeout, \.hangUpTimeout, \.queueTimeout, \.lateWindow, \.reopenWindow, \.autoDialGrace, \.dtmfPace,
            \.renewalMargin,
        ]
        // Each is another one, and all that there are.
        for (number, wait) in waits.enumerated() { configuration[keyPath: wait] = Double(number) + 0.25 }
        for (number, wait) in waits.enumerated() {
            XCTAssertEqual(configuration[keyPath: wait], Double(number) + 0.25)
        }
        let milliseconds = Mirror(reflecting: configuration).children.filter { $0.label?.hasSuffix("Ms") ?? false }
        XCTAssertEqual(milliseconds.compactMap { $0.value as? Int64 }.sorted(), (0..<15).map { $0 * 1000 + 250 })
        configuration.set(\.callTimeout, to: .milliseconds(1500))
        XCTAssertEqual(configuration.callTimeoutMs, 1500)
    }
}

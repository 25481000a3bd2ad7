import Foundation
import XCTest

/// Which of the core's values a program sees: each is exported, or kept back on purpose, so that none is forgotten.
final class ExportsTests: XCTestCase {
    /// What the package's own types stand for.
    private static let kept: Set = [
        "BatchOptions", "BatchStep", "ClientConfig", "FetchOutcome", "LogRecords", "SimulatedPhoneOutput",
        "WakeQueueFunctions",
        // What the host of a page asks the core.
        "MessageSource", "NavigationDecision", "PageHost", "PagePart", "PermissionRequest",
    ]

    private func names(_ pattern: String, in file: String) throws -> Set<String> {
        let sources = root.appendingPathComponent("bindings/swift/Sources")
        let text = try String(contentsOf: sources.appendingPathComponent(file), encoding: .utf8)
        let expression = try NSRegularExpression(pattern: pattern, options: .anchorsMatchLines)
        let found = expression.matches(in: text, range: NSRange(text.startIndex..., in: text))
        return Set(found.compactMap { Range($0.range(at: 1), in: text).map { String(text[$0]) } })
    }

    func testNoneIsForgotten() throws {
        let made = try names(
            "^public (?:enum|struct) (?!FfiConverter)(\\w+)", in: "WebphoneFFI/Generated/WebphoneFFI.swift")
        XCTAssertGreaterThan(made.count, 60)
        let pattern = "@_exported import (?:enum|struct) WebphoneFFI\\.(\\w+)"
        let exported = try names(pattern, in: "Webphone/Exports.swift")
            .union(names(pattern, in: "WebphoneSimulator/Simulator.swift"))
        let hidden = made.subtracting(exported).filter { !$0.hasSuffix("Started") }
        XCTAssertEqual(hidden.subtracting(["HostPageOptions", "PhoneLoading"]).sorted(), Self.kept.sorted())
    }
}

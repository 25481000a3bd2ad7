#if os(Linux)
    import Foundation
    import XCTest

    /// What only Apple's compiler would find in the host of a phone: an interface that is newer than the oldest system, and a
    /// method that WebKit does not call. On Linux nobody looks at `@available`, and nothing has a selector.
    final class LintTests: XCTestCase {
        private let package = root.appendingPathComponent("bindings/swift")

        private struct Version: Comparable {
            let major: Int
            let minor: Int

            static func < (one: Version, other: Version) -> Bool {
                (one.major, one.minor) < (other.major, other.minor)
            }
        }

        /// The oldest systems, as the manifest has them.
        private func oldest() throws -> [String: Version] {
            let manifest = try String(contentsOf: package.appendingPathComponent("Package.swift"), encoding: .utf8)
            let platforms = manifest.matches(of: /\.(iOS|macOS)\(\.v(\d+)\)/)
            let found = platforms.map { (String($0.1), Version(major: Int($0.2) ?? 0, minor: 0)) }
            XCTAssertEqual(Set(found.map(\.0)), ["iOS", "macOS"])
            return Dictionary(uniqueKeysWithValues: found)
        }

        private func versions(_ line: Substring) -> [String: Version] {
            guard line.contains("@available(") else { return [:] }
            let found = line.matches(of: /\b(iOS|macOS) (\d+)(?:\.(\d+))?/)
            return Dictionary(
                uniqueKeysWithValues: found.map {
                    (String($0.1), Version(major: Int($0.2) ?? 0, minor: $0.3.flatMap { Int($0) } ?? 0))
                })
        }

        private func sources(_ folder: String) throws -> [(name: String, lines: [Substring])] {
            let folder = package.appendingPathComponent(folder)
            let files = try XCTUnwrap(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
                .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
            XCTAssertFalse(files.isEmpty)
            return try files.map { file in
                let text = try String(contentsOf: file, encoding: .utf8)
                return (file.lastPathComponent, text.split(separator: "\n", omittingEmptySubsequences: false))
            }
        }

        /// The host compiles against the stand-in, so it uses no symbol of Apple's that does not stand there, each with the
        /// versions since which it is there.
        func testNothingOfApplesThatIsUsedIsNewerThanTheOldestSystem() throws {
            let oldest = try oldest()
            var symbols = 0
            for (name, lines) in try sources("StandIn/Sources") where name != "Engine.swift" {
                var since: [String: Version] = [:]
                for line in lines {
                    let said = versions(line)
                    for (platform, version) in said {
                        XCTAssertLessThanOrEqual(version, try XCTUnwrap(oldest[platform]), "\(name): \(line)")
                    }
                    since.merge(said) { $1 }
                    if let symbol = line.firstMatch(
                        of: /^(?:public|open) (?:final )?(?:class|struct|enum|protocol) (\w+)|^extension (\w+)/)
                    {
                        let word = symbol.1 ?? symbol.2 ?? ""
                        if !word.hasPrefix("StandIn") {
                            XCTAssertNotNil(since["iOS"], "\(name): since when is there \(word)?")
                            symbols += 1
                        }
                    }
                    // Attributes stand above their declaration.
                    if !line.hasPrefix("@") { since = [:] }
                }
            }
            XCTAssertGreaterThan(symbols, 40)
        }

        /// What Swift and Foundation have on Linux in every version, and on Apple's systems since one that is newer.
        func testNothingNewerOfSwiftIsUsedOutsideOfAvailable() throws {
            let newer: [(Regex<Substring>, Int)] = [
                (/\bDuration\b/, 16), (/\b(?:Continuous|Suspending)Clock\b/, 16), (/\bsleep\((?:for|until):/, 16),
                (/\bRegex\b|\bfirstMatch\(of: \/|\bmatches\(of:/, 16), (/\bOSAllocatedUnfairLock\b/, 16),
                (/\bURL\(filePath:|\.appending\(path/, 16), (/\bisInspectable\b/, 16),
                (/@Observable\b|\bimport Observation\b/, 17), (/\bimport Synchronization\b|\bMutex</, 18),
                (/\bsome AsyncSequence</, 18), (/\bDiscardingTaskGroup\b/, 17),
            ]
            let oldest = try XCTUnwrap(try oldest()["iOS"])
            var guarded = 0
            for (name, lines) in try sources("Sources/Webphone") {
                // How deep the guarded declaration stands, and since which version it is there.
                var depth = 0
                var scope: (depth: Int, major: Int, begun: Bool)?
                for line in lines {
                    if let since = versions(line)["iOS"], since > oldest { scope = (depth, since.major, false) }
                    if !line.drop(while: \.isWhitespace).hasPrefix("//") {
                        for (word, major) in newer
                        where line.contains(word.wordBoundaryKind(.simple)) && major > oldest.major {
                            XCTAssertGreaterThanOrEqual(scope?.major ?? 0, major, "\(name): \(line)")
                            guarded += 1
                        }
                    }
                    depth += line.filter { $0 == "{" }.count - line.filter { $0 == "}" }.count
                    if let current = scope {
                        if depth > current.depth { scope?.begun = true }
                        if current.begun && depth <= current.depth { scope = nil }
                    }
                }
            }
            XCTAssertGreaterThan(guarded, 0)
        }

        /// Each method of WebKit's protocols stands in the host as it stands in the stand-in, with its selector.
        func testEveryMethodThatWebKitCallsHasItsSelector() throws {
            func spoken(_ lines: some Sequence<Substring>) -> String {
                lines.map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
                    .replacing("( ", with: "(").replacing(" )", with: ")")
            }
            func methods(_ lines: [Substring], _ selector: Regex<(Substring, Substring)>) -> [String: String] {
                var found: [String: String] = [:]
                for (at, line) in lines.enumerated() {
                    guard let named = line.firstMatch(of: selector) else { continue }
                    let head = lines[(at + 1)...].drop { !$0.contains("func ") }
                    let end = head.firstIndex { $0.isEmpty || $0.hasSuffix("{") || $0.hasPrefix("}") } ?? head.endIndex
                    let last = end < head.endIndex && head[end].hasSuffix("{") ? end + 1 : end
                    var method = spoken(head[..<last])
                    if method.hasSuffix(" {") { method.removeLast(2) }
                    found[String(named.1)] = method
                }
                return found
            }
            let protocols = try sources("StandIn/Sources/WebKit").first { $0.name == "WebKit.swift" }
            let host = try sources("Sources/Webphone/Host").first { $0.name == "WebKitHost.swift" }
            let wanted = methods(try XCTUnwrap(protocols).lines, /^    \/\/ ([a-zA-Z]+:[a-zA-Z:]*)$/)
            let there = methods(try XCTUnwrap(host).lines, /@objc\(([a-zA-Z:]+)\)/)
            XCTAssertEqual(wanted.count, 9)
            XCTAssertEqual(there, wanted)
            for (selector, method) in wanted {
                // `webView:didCommitNavigation:` begins as the method is called, and has a part for each argument.
                XCTAssertTrue(method.hasPrefix("func \(selector.prefix { $0 != ":" })("), method)
            }
        }
    }
#endif

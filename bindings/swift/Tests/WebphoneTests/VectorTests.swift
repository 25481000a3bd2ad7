import Foundation
import Webphone
import WebphoneFFI
import WebphoneSimulator
import XCTest

/// The vectors, which the tests of every language read, through this one. Their format stands beside them.
final class VectorTests: XCTestCase {
    /// Reads one file, and names what differs.
    private typealias Reader = @Sendable (_ document: JSON, _ file: String) async throws -> Void

    /// Every file, or folder of files of one kind, with who reads it.
    private static let readers: [String: Reader] = [
        "commands/canonical.json": canonicalCommands,
        "commands/lenient.json": lenientCommands,
        "commands/values.json": values,
        "events/broken.json": brokenEvents,
        "events/foreign.json": foreignEvents,
        "events/known.json": knownEvents,
        "numbers.json": numbers,
        "rest/answers.json": answers,
        "rest/requests.json": requests,
        "traces/": trace,
        "urls.json": urls,
    ]

    /// The readers that each test runs.
    private static let commands = ["commands/canonical.json", "commands/lenient.json", "commands/values.json"]
    private static let events = ["events/known.json", "events/broken.json", "events/foreign.json"]
    private static let rest = ["rest/answers.json", "rest/requests.json", "numbers.json", "urls.json"]
    private static let traces = ["traces/"]

    func testCommands() async throws { try await read(Self.commands) }
    func testEvents() async throws { try await read(Self.events) }
    func testTheAPI() async throws { try await read(Self.rest) }
    func testSessions() async throws { try await read(Self.traces) }

    func testEveryFileIsRead() throws {
        let run = Self.commands + Self.events + Self.rest + Self.traces
        XCTAssertEqual(run.sorted(), Self.readers.keys.sorted())
        for file in try Self.files() {
            let reading = run.filter { file == $0 || $0.hasSuffix("/") && file.hasPrefix($0) }
            XCTAssertEqual(reading.count, 1, "\(file) is read by \(reading)")
        }
    }

    private static let folder = root.appendingPathComponent("tests/vectors")

    /// The files of vectors, by their paths in the folder.
    private static func files() throws -> [String] {
        let found = try XCTUnwrap(FileManager.default.enumerator(atPath: folder.path))
        let files = found.compactMap { $0 as? String }.filter { $0.hasSuffix(".json") }.sorted()
        XCTAssertGreaterThan(files.count, 40)
        return files
    }

    private func read(_ names: [String]) async throws {
        let files = try Self.files()
        for name in names {
            let reader = try XCTUnwrap(Self.readers[name])
            let own = files.filter { $0 == name || name.hasSuffix("/") && $0.hasPrefix(name) }
            XCTAssertFalse(own.isEmpty, name)
            for file in own {
                let text = try Data(contentsOf: Self.folder.appendingPathComponent(file))
                try await reader(JSONDecoder().decode(JSON.self, from: text), file)
            }
        }
    }
}

// MARK: The phone's language

extension VectorTests {
    /// The cases of a file; none is a mistake.
    private static func cases(_ document: JSON) -> [JSON] {
        let list = document["cases"].list
        XCTAssertFalse(list.isEmpty)
        return list
    }

    /// What a case gives to read.
    private static func text(of it: JSON) throws -> String {
        let parts = it["repeat"]
        guard parts.isNull else {
            let unit = String(repeating: try XCTUnwrap(parts["unit"].string), count: try XCTUnwrap(parts["times"].int))
            return try XCTUnwrap(parts["before"].string) + unit + XCTUnwrap(parts["after"].string)
        }
        return try XCTUnwrap(it["text"].string)
    }

    /// A name for the messages of a case: long texts are cut.
    private static func name(_ file: String, _ text: String) -> String {
        "\(file): \(text.prefix(120))"
    }

    @Sendable private static func canonicalCommands(_ document: JSON, _ file: String) async throws {
        for it in cases(document) {
            let json = try XCTUnwrap(it["json"].string)
            let command = try XCTUnwrap(try parseCommand(text: json), json)
            XCTAssertEqual(JSON(shape: command), it["command"].withoutNulls, json)
            let posted = try await text(postedFor: command)
            XCTAssertEqual(posted, json)
        }
    }

    /// What a session posts for a command, in a state in which it can be given.
    private static func text(postedFor command: Command) async throws -> String? {
        let window = Window()
        let phone = try Session.ready(window, clock: Clock())
        switch command {
        case .call: break
        case .answer: phone.receive(#"{"message":"chegandoChamada","numeroChegando":"4001"}"#)
        case .connect: phone.receive(#"{"message":"status","status":"desconectado"}"#)
        default: phone.receive(Said.talking)
        }
        let waiting = Task { try await phone.execute(command) }
        let posted = await window.next()
        waiting.cancel()
        _ = await waiting.result
        return posted
    }

    @Sendable private static func lenientCommands(_ document: JSON, _ file: String) async throws {
        for it in cases(document) {
            let text = try text(of: it)
            let read = Result { try parseCommand(text: text) }
            if case .failure(let error) = read {
                guard case WebphoneError.invalid(let field, _) = error else { throw error }
                XCTAssertEqual(JSON.text(field), it["error"]["field"], name(file, text))
            } else {
                XCTAssertTrue(it["error"].isNull, name(file, text))
                let shape = try read.get().map(JSON.init(shape:)) ?? .null
                XCTAssertEqual(shape, it["command"].withoutNulls, name(file, text))
            }
        }
    }

    /// A value is checked before anything is sent.
    @Sendable private static func values(_ document: JSON, _ file: String) async throws {
        for it in cases(document) {
            let text = try text(of: it)
            let kind = try XCTUnwrap(it["type"].string)
            let posted = Shared<[String]>([])
            let phone = try Session(clock: Clock()) { text in posted.change { $0.append(text) } }
            // What is right is taken: only the session that has ended is in its way.
            if it["error"].isNull { phone.close() }
            let error = await webphoneError {
                switch kind {
                case "number": try await phone.call(text)
                case "dtmf": try await phone.sendDTMF(text)
                default: try await phone.joinQueue(text)
                }
            }
            if let part = it["error"].string {
                guard case .invalid(kind, let reason) = error else {
                    XCTFail("\(name(file, text)): \(String(describing: error))")
                    continue
                }
                XCTAssertTrue(reason.contains(part), "\(name(file, text)): \(reason)")
            } else {
                XCTAssertEqual(error, .sessionClosed(posted: .no), name(file, text))
                if kind == "number" {
                    XCTAssertEqual(try parsePhoneNumber(written: text), it["value"].string, name(file, text))
                }
            }
            XCTAssertEqual(posted.value, [])
        }
    }

    /// The causes of the updates that a message led to.
    private static func heard(_ phone: Session, _ text: String) async throws -> [Cause] {
        let updates = phone.updates
        phone.receive(text)
        let end = PageReport.notice(name: "end", detail: "")
        phone.report(end)
        var causes: [Cause] = []
        for await update in updates {
            if update.cause == .page(report: end) { return causes }
            causes.append(update.cause)
        }
        throw TookTooLong()
    }

    private static func ready() throws -> Session {
        let phone = try Session(clock: Clock()) { _ in }
        phone.report(.loaded)
        phone.receive(Said.connected)
        return phone
    }

    @Sendable private static func knownEvents(_ document: JSON, _ file: String) async throws {
        func said(_ phone: Session, _ text: String) async throws -> [Event] {
            try await heard(phone, text).compactMap {
                if case .event(let event, _) = $0 { return event }
                return nil
            }
        }
        for it in cases(document) {
            let text = try text(of: it)
            let phone = try ready()
            let events = try await said(phone, text)
            XCTAssertEqual(events.map(JSON.init(shape:)), [it["event"].withoutNulls], name(file, text))
            guard let json = it["json"].string else { continue }
            let again = try await said(phone, json)
            XCTAssertEqual(again, events, name(file, text))
        }
    }

    @Sendable private static func brokenEvents(_ document: JSON, _ file: String) async throws {
        for it in cases(document) {
            let text = try text(of: it)
            let phone = try ready()
            let before = phone.state
            let causes = try await heard(phone, text)
            guard causes.count == 1, case .brokenEvent(let broken) = causes[0] else {
                XCTFail("\(name(file, text)): \(causes)")
                continue
            }
            XCTAssertEqual(JSON.text(broken.name), it["error"]["name"], name(file, text))
            XCTAssertEqual(JSON.text(broken.field), it["error"]["field"], name(file, text))
            XCTAssertFalse(broken.reason.isEmpty)
            XCTAssertEqual(phone.state.brokenEvents, before.brokenEvents + 1)
            XCTAssertEqual(phone.state.line, before.line)
        }
    }

    @Sendable private static func foreignEvents(_ document: JSON, _ file: String) async throws {
        for it in cases(document) {
            let text = try text(of: it)
            let phone = try ready()
            let before = phone.state
            let causes = try await heard(phone, text)
            XCTAssertEqual(causes, [], name(file, text))
            XCTAssertEqual(phone.state, before, name(file, text))
        }
    }
}

// MARK: Sessions

extension VectorTests {
    @Sendable private static func trace(_ document: JSON, _ file: String) async throws {
        let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
        let steps = try replay(text)
        let recorded = document["steps"].list
        XCTAssertEqual(steps.count, recorded.count, file)
        XCTAssertFalse(steps.isEmpty, file)
        let base = Int64(document["unix_base_ms"].int ?? 0)
        var state = document["initial"]
        for (number, (step, record)) in zip(steps, recorded).enumerated() {
            let place = "\(file), step \(number)"
            state = state.merged(with: record["state"].isNull ? .object([:]) : record["state"])
            let at = Int64(try XCTUnwrap(record["at"].int, place))
            XCTAssertEqual(step.at.monoMs, at, place)
            XCTAssertEqual(step.at.unixMs, record["unix_ms"].int.map(Int64.init) ?? base + at, place)
            XCTAssertEqual(step.note, record["note"].string, place)
            XCTAssertEqual(JSON(shape: step.input), record["input"].withoutNulls, place)
            XCTAssertEqual(step.texts.map(JSON.init(shape:)), record["texts"].list, place)
            XCTAssertEqual(step.settlements.map(settlement), record["settled"].list, place)
            XCTAssertEqual(step.updates.map { JSON(shape: $0.cause) }, record["updates"].list, place)
            XCTAssertTrue(step.updates.allSatisfy { $0.state == step.state }, place)
            XCTAssertEqual(step.deadlineMs, record["deadline"].int.map(Int64.init), place)
            XCTAssertEqual(JSON(shape: step.state), state.withoutNulls, place)
            XCTAssertEqual(step.differs, [], place)
        }
    }

    private static func settlement(_ settled: ReplayedSettlement) -> JSON {
        let id = JSON(shape: settled.id)
        switch settled.result {
        case .ended(let outcome): return .object(["id": id, "outcome": JSON(shape: outcome)])
        case .failed(let error): return .object(["id": id, "error": JSON(shape: error)])
        }
    }
}

// MARK: The API

extension VectorTests {
    private static func vectors(_ document: JSON) -> [JSON] {
        XCTAssertEqual(document["format"], .integer(1))
        let list = document["vectors"].list
        XCTAssertFalse(list.isEmpty)
        return list
    }

    /// A Text: a string, or parts of one.
    private static func whole(_ value: JSON) throws -> String {
        switch value {
        case .list(let parts): return try parts.map(whole).joined()
        case .object: return String(repeating: try XCTUnwrap(value["repeat"].string), count: value["times"].int ?? 0)
        default: return try XCTUnwrap(value.string)
        }
    }

    private static func phoneType(_ word: JSON) throws -> PhoneType {
        try XCTUnwrap(PhoneType.allCases.first { JSON(shape: $0) == word }, "\(word)")
    }

    /// What an error says, in the words of the vectors.
    private static func facts(_ error: WebphoneError) -> [String: JSON] {
        var facts: [String: JSON] = [
            "code": .text(error.code()),
            "is_retryable": .flag(error.isRetryable()),
            "retry_after_ms": error.retryAfterMs().map(JSON.integer) ?? .null,
            "api_text": error.apiText().map(JSON.text) ?? .null,
        ]
        switch error {
        case .unauthorized(let failure), .refused(let failure), .rateLimited(let failure, _),
            .unavailable(let failure, _):
            facts["http_status"] = .integer(Int64(failure.httpStatus))
            facts["motivo"] = failure.motivo.map(JSON.integer)
            if case .other(let value) = failure.reason {
                facts["reason"] = .text("other")
                facts["reason_value"] = JSON(shape: value as Any)
            } else {
                facts["reason"] = JSON(shape: failure.reason)
            }
        case .unexpectedAnswer(let httpStatus, let problem, _):
            facts["http_status"] = .integer(Int64(httpStatus))
            if case .field(let field, _) = problem {
                facts["problem"] = .text("field")
                facts["field"] = .text(field)
            } else {
                facts["problem"] = JSON(shape: problem)
            }
        case .invalid(let field, _):
            facts["field"] = .text(field)
        default:
            break
        }
        return facts
    }

    private static func facts(_ url: WebphoneURL) throws -> [String: JSON] {
        let shown = url.description
        let host = try XCTUnwrap(shown.components(separatedBy: " at ").last?.split { ",;".contains($0) }.first)
        return [
            "type": JSON(shape: url.type),
            "origin": .text(url.origin),
            "host": .text(String(host)),
            "expires_at_ms": url.expiresAt.map { .integer(Int64(($0.timeIntervalSince1970 * 1000).rounded())) }
                ?? .null,
            "public_text": .text(shown),
            "reveal": .text(url.reveal()),
        ]
    }

    /// Holds what was found against what a vector expects, and every text of it against the secrets.
    private static func judge(
        _ expected: JSON, _ result: Result<WebphoneURL, WebphoneError>, secrets: [String] = [], _ place: String
    ) throws {
        let found: [String: JSON]
        var texts = String(reflecting: result)
        dump(result, to: &texts)
        switch result {
        case .success(let url):
            found = try facts(url)
            texts += " \(url) \(url.description)"
        case .failure(let error):
            found = facts(error)
            let described = error.describe()
            texts += " \(error) \(error.localizedDescription) \(error.recoverySuggestion ?? "") \(described)"
            for said in expected["says"].list {
                let said = try whole(said)
                XCTAssertTrue(described.contains(said), "\(place): does not say \(said): \(described)")
            }
        }
        guard case .object(let facts) = expected, !facts.isEmpty else { return XCTFail("\(place) expects nothing") }
        for (name, fact) in facts where name != "says" {
            let fact = name == "api_text" && !fact.isNull ? JSON.text(try whole(fact)) : fact
            XCTAssertEqual(found[name] ?? .null, fact, "\(place): \(name)")
        }
        for secret in secrets {
            XCTAssertFalse(texts.contains(secret), "\(place) shows a secret")
        }
    }

    private static func outcome<T>(_ work: () async throws -> T) async throws -> Result<T, WebphoneError> {
        do {
            return .success(try await work())
        } catch let error as WebphoneError {
            return .failure(error)
        }
    }

    /// Simulated APIs that give the answers, one in plain HTTP and one in TLS.
    @Sendable private static func answers(_ document: JSON, _ file: String) async throws {
        let token = document["token"].string
        let secrets = document["secrets"].list.compactMap(\.string)
        XCTAssertGreaterThan(secrets.count, 2)
        let logged = Shared("")
        try WebphoneLog.enable(.trace) { record in logged.change { $0 += record.text + "\n" } }
        defer { WebphoneLog.disable() }
        for (base, tls) in [("loopback", false), ("public", true)] {
            let simulator = try Simulator(SimulatorConfig(tls: tls), token: token)
            let client = try simulator.client(maxRetries: 0)
            let own = vectors(document).filter { $0["base"].string == base }
            XCTAssertGreaterThan(own.count, 5)
            for vector in own {
                let place = "\(vector["name"].string ?? "?") (\(vector["why"].string ?? "?"))"
                let answer = vector["answer"]
                let headers = answer["headers"].list.map { ($0.list[0].string ?? "", $0.list[1].string ?? "") }
                let bytes = answer["body_base64"].string
                let body = try bytes.map { try XCTUnwrap(Data(base64Encoded: $0)) } ?? Data(whole(answer["body"]).utf8)
                let fault = Fault.answer(
                    httpStatus: Int32(try XCTUnwrap(answer["status"].int)),
                    headers: Dictionary(uniqueKeysWithValues: headers), body: body
                )
                try simulator.addFault(fault, times: 1)
                let type = try phoneType(vector["asked"])
                let result = try await outcome { try await client.fetch(.number(4000), type: type) }
                let expected = vector["expect"]
                switch result {
                case .success: try judge(expected["url"], result, secrets: secrets, place)
                case .failure: try judge(expected["error"], result, secrets: secrets, place)
                }
            }
        }
        // Records come in order: with the last of them, all are there.
        _ = await webphoneError { try await Simulator().client(maxRetries: 0).fetch(.number(999_999)) }
        try await until("the log is read") { logged.value.contains("999999") }
        for secret in secrets { XCTAssertFalse(logged.value.contains(secret), "the log shows a secret") }
    }

    @Sendable private static func requests(_ document: JSON, _ file: String) async throws {
        let simulator = try Simulator()
        let client = try simulator.client(maxRetries: 0)
        let body = #"{"status":200,"sucesso":true,"motivo":0,"dados":{"url":"https://host.example/w3/?key=K"}}"#
        try simulator.addFault(.answer(httpStatus: 200, headers: [:], body: Data(body.utf8)))
        var sent: Int64 = 0
        for vector in vectors(document) {
            let place = "\(vector["name"].string ?? "?") (\(vector["why"].string ?? "?"))"
            let asked = vector["request"]
            let id = asked["extension"]["id"]
            let request = UrlRequest(
                id.isNull ? .number(try whole(asked["extension"]["number"])) : .id(try whole(id)),
                type: try phoneType(asked["type"]),
                callOnOpen: asked["call_on_open"].isNull ? nil : try whole(asked["call_on_open"]),
                closeAtEnd: asked["close_at_end"] == .flag(true)
            )
            let result = try await outcome { try await client.fetch(request) }
            let log = try simulator.requests(last: 1)
            if let query = vector["expect"]["query"].string {
                XCTAssertNoThrow(try result.get(), place)
                sent += 1
                XCTAssertEqual(log.requests.last?.target, "/webphone?\(query)", place)
                XCTAssertEqual(log.requests.last?.method, "GET", place)
            } else {
                try judge(vector["expect"]["error"], result, place)
            }
            XCTAssertEqual(log.total, sent, place)
        }
    }

    @Sendable private static func numbers(_ document: JSON, _ file: String) async throws {
        for vector in vectors(document) {
            let written = try whole(vector["written"])
            let place = "\(written.prefix(60)) (\(vector["why"].string ?? "?"))"
            switch try await outcome({ try parsePhoneNumber(written: written) }) {
            case .success(let number): XCTAssertEqual(JSON.text(number), vector["expect"]["dialled"], place)
            case .failure(let error): try judge(vector["expect"]["error"], .failure(error), place)
            }
        }
    }

    @Sendable private static func urls(_ document: JSON, _ file: String) async throws {
        let secrets = document["secrets"].list.compactMap(\.string)
        for vector in vectors(document) {
            let text = try whole(vector["url"])
            let place = "\(text.prefix(120)) (\(vector["why"].string ?? "?"))"
            let given = vector["given_type"].isNull ? nil : try phoneType(vector["given_type"])
            let result = try await outcome { try WebphoneURL(text, type: given) }
            let expected = vector["expect"]
            try judge(expected["error"].isNull ? expected : expected["error"], result, secrets: secrets, place)
            if case .success(let url) = result {
                XCTAssertTrue(expected["error"].isNull, place)
                XCTAssertEqual(url.reveal(), text, place)
            }
        }
    }
}

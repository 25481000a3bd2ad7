import Foundation
import Webphone
import WebphoneSimulator
import XCTest

/// Generous: it only has to tell "ends" from "hangs", on a machine that does other things too.
let patience: TimeInterval = 60

/// The checkout's root.
let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

/// What the phone says.
enum Said {
    static let connected = #"{"message":"status","status":"conectado"}"#
    static let talking = #"{"message":"status","status":"conversando"}"#
    static let ended = #"{"message":"status","status":"encerrada"}"#
    static func callID(_ id: Int) -> String { #"{"message":"chamada_id","chamada_id":\#(id)}"# }
}

/// What did not end in time.
struct TookTooLong: Error {}

/// Gives what a piece of work gives, or throws when it hangs. Nobody waits for what hangs: it may not hear that it is
/// cancelled, which is what the tests are about.
func within<T: Sendable>(
    _ seconds: TimeInterval = patience, _ work: @escaping @Sendable () async throws -> T
) async throws -> T {
    try await withCheckedThrowingContinuation { (waiting: CheckedContinuation<T, any Error>) in
        let first = Shared<CheckedContinuation<T, any Error>?>(waiting)
        @Sendable func settle(_ result: Result<T, any Error>) {
            first.change { waiting in
                waiting?.resume(with: result)
                waiting = nil
            }
        }
        let alarm = Task {
            try await Task.sleep(nanoseconds: UInt64(seconds * 1e9))
            settle(.failure(TookTooLong()))
        }
        Task {
            do { settle(.success(try await work())) } catch { settle(.failure(error)) }
            alarm.cancel()
        }
    }
}

/// Waits until something is so that nobody announces.
func until(
    _ what: String, file: StaticString = #filePath, line: UInt = #line, _ isSo: () throws -> Bool
) async throws {
    let end = Date().addingTimeInterval(patience)
    while try !isSo() {
        guard Date() < end else { return XCTFail("never: \(what)", file: file, line: line) }
        try await Task.sleep(nanoseconds: 1_000_000)
    }
}

/// The library's error that a piece of work throws.
func webphoneError<T>(
    file: StaticString = #filePath, line: UInt = #line, _ work: () async throws -> T
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

/// A value that tasks share.
final class Shared<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var stored: Value

    init(_ value: Value) {
        stored = value
    }

    var value: Value {
        get { lock.withLock { stored } }
        set { lock.withLock { stored = newValue } }
    }

    func change<T>(_ change: (inout Value) throws -> T) rethrows -> T {
        try lock.withLock { try change(&stored) }
    }
}

/// A phone's window of a test's own: what was posted to it comes out in order.
final class Window: Sendable {
    let posted: AsyncStream<String>
    let post: @Sendable (String) -> Void

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        posted = stream
        post = { continuation.yield($0) }
    }

    /// The next text that is posted.
    func next() async -> String? {
        var iterator = posted.makeAsyncIterator()
        return await iterator.next()
    }
}

extension Session {
    /// A session over a window, whose phone has its line.
    static func ready(
        _ window: Window, url: WebphoneURL? = nil, configuration: SessionConfig = SessionConfig(), clock: Clock? = nil
    ) throws -> Session {
        let session = try Session(url: url, configuration: configuration, clock: clock) { [post = window.post] in
            post($0)
        }
        session.report(.loaded)
        session.receive(Said.connected)
        return session
    }

    /// The same in a call that talks.
    static func talking(_ window: Window) async throws -> Session {
        let session = try ready(window, url: try WebphoneURL("https://host.example/w3/?key=K&tipo=hidden"))
        let calling = Task { try await session.call("11999990000") }
        _ = await window.next()
        session.receive(Said.callID(7))
        session.receive(Said.talking)
        _ = try await calling.value
        return session
    }
}

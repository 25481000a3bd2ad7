import Foundation
import WebphoneFFI

#if canImport(os)
    import os
#endif

/// Where the library's log records go: nowhere, until it is told. No record of any level holds a token, a key or a
/// signature.
///
/// ```swift
/// try WebphoneLog.enable(.debug) { record in
///     logger.log(level: .init(record.level), "\(record.text)")  // swift-log's, say
/// }
/// ```
public enum WebphoneLog {
    /// Hands records to a function, one after the other, until ``disable()``. Again: to another one, from another level.
    ///
    /// - Parameters:
    ///   - level: The least grave that counts. Records below it are not even made.
    ///   - handler: Takes a record. Up to 4,096 wait for a slow one; one of its own then tells how many older were lost.
    /// - Throws: ``WebphoneError/unsupported(feature:)`` in a program whose own Rust code takes the records already.
    public static func enable(
        _ level: LogLevel = .info, handler: @escaping @Sendable (LogRecord) -> Void
    ) throws {
        try reader.start(level, handler)
    }

    #if canImport(os)
        /// Hands records to the unified log, under the subsystem `webphone`, with the library's part as the category.
        ///
        /// - Throws: As ``enable(_:handler:)``.
        public static func enable(_ level: LogLevel = .info) throws {
            try enable(level) { record in
                let logger = Logger(subsystem: "webphone", category: record.target)
                logger.log(level: record.level.unified, "\(record.text, privacy: .public)")
            }
        }
    #endif

    /// No more records are made; those that wait are dropped. Twice is fine.
    public static func disable() {
        reader.stop()
    }

    private static let reader = LogReader()
}

/// The one that pulls records. It waits for them from the first ``WebphoneLog/enable(_:handler:)`` on: waiting costs
/// nothing while none is made.
private final class LogReader: @unchecked Sendable {
    private static let many: Int32 = 256

    private let lock = NSLock()
    private var handler: (@Sendable (LogRecord) -> Void)?
    private var isReading = false

    func start(_ level: LogLevel, _ handler: @escaping @Sendable (LogRecord) -> Void) throws {
        try lock.withLock {
            try collectLogs(level: level)
            self.handler = handler
            guard !isReading else { return }
            isReading = true
            Task.detached(priority: .utility) { [self] in
                while let pulled = try? await nextLogRecords(max: Self.many) { hand(over: pulled) }
                lock.withLock { isReading = false }
            }
        }
    }

    func stop() {
        lock.withLock {
            // Taking no records is never refused to who could take some.
            try? collectLogs(level: nil)
            handler = nil
        }
    }

    private func hand(over pulled: LogRecords) {
        // Not under the lock: a handler may enable and disable.
        guard let handler = lock.withLock({ handler }), let first = pulled.records.first else { return }
        if pulled.lost > 0 {
            let text = "\(pulled.lost) older records were lost: they came faster than they were read"
            handler(LogRecord(level: .warn, target: "webphone", text: text, unixMs: first.unixMs))
        }
        for record in pulled.records { handler(record) }
    }
}

extension LogRecord {
    /// When it happened.
    public var date: Date {
        Date(unixMs: unixMs)
    }
}

#if canImport(os)
    extension LogLevel {
        /// The nearest of the unified log's own.
        fileprivate var unified: OSLogType {
            switch self {
            case .error: return .error
            case .warn: return .default
            case .info: return .info
            case .debug, .trace: return .debug
            }
        }
    }
#endif

// Cancellation, once for everything that is awaited: UniFFI's generated code waits for a Rust future to its end, whatever
// becomes of the task. The functions at the end of this file have the names of the C functions by which the generated code
// polls, completes and frees a future. This module's own declarations come before imported ones, so it calls these, and a
// task that is cancelled inside `RustWork.run` cancels its future. They go when UniFFI's Swift cancels by itself.

import CWebphone
import Foundation

/// What one task awaits in Rust.
public final class RustWork: @unchecked Sendable {
    @TaskLocal private static var current: RustWork?

    /// Guards all that follows. It is held while a future is cancelled or freed, so that none is touched after its end.
    private let lock = NSLock()
    private var isCancelled = false
    private var open: (future: UInt64, cancel: @Sendable (UInt64) -> Void)?

    /// Awaits a generated call such that cancelling the task ends it at once: its Rust work is dropped, and this throws
    /// `CancellationError`. What had ended by then keeps its result.
    public static func run<T>(_ call: () async throws -> T) async throws -> T {
        let work = RustWork()
        return try await withTaskCancellationHandler {
            do {
                return try await $current.withValue(work) { try await call() }
            } catch WebphoneError.cancelled where work.wasCancelled {
                throw CancellationError()
            }
        } onCancel: {
            work.cancel()
        }
    }

    private var wasCancelled: Bool {
        lock.withLock { isCancelled }
    }

    private func cancel() {
        lock.withLock {
            isCancelled = true
            if let open { open.cancel(open.future) }
        }
    }

    /// A future is about to be polled, perhaps for the first time.
    fileprivate static func poll(_ future: UInt64, cancel: @escaping @Sendable (UInt64) -> Void) {
        guard let work = current else { return }
        work.lock.withLock {
            guard work.open?.future != future else { return }
            work.open = (future, cancel)
            if work.isCancelled { cancel(future) }
        }
    }

    /// A future's end: nobody cancels it any more.
    fileprivate static func free(_ future: UInt64, _ free: (UInt64) -> Void) {
        guard let work = current else { return free(future) }
        work.lock.withLock {
            work.open = nil
            free(future)
        }
    }

    /// Turns the status of a cancelled future, which generated code does not know, into the library's own error.
    fileprivate static func settle(_ status: UnsafeMutablePointer<RustCallStatus>?) {
        guard let status, status.pointee.code == callCancelled else { return }
        status.pointee.errorBuf = FfiConverterTypeWebphoneError_lower(.cancelled)
        status.pointee.code = callError
    }
}

/// UniFFI's codes of a `RustCallStatus`.
private let callError: Int8 = 1
private let callCancelled: Int8 = 3

// The generated code awaits futures of these two kinds. `scripts/swift` refuses one with another kind.

// swift-format-ignore: AlwaysUseLowerCamelCase
func ffi_webphone_rust_future_poll_u64(
    _ future: UInt64, _ callback: @escaping UniffiRustFutureContinuationCallback, _ data: UInt64
) {
    RustWork.poll(future) { CWebphone.ffi_webphone_rust_future_cancel_u64($0) }
    CWebphone.ffi_webphone_rust_future_poll_u64(future, callback, data)
}

// swift-format-ignore: AlwaysUseLowerCamelCase
func ffi_webphone_rust_future_complete_u64(
    _ future: UInt64, _ status: UnsafeMutablePointer<RustCallStatus>
) -> UInt64 {
    defer { RustWork.settle(status) }
    return CWebphone.ffi_webphone_rust_future_complete_u64(future, status)
}

// swift-format-ignore: AlwaysUseLowerCamelCase
func ffi_webphone_rust_future_free_u64(_ future: UInt64) {
    RustWork.free(future) { CWebphone.ffi_webphone_rust_future_free_u64($0) }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
func ffi_webphone_rust_future_poll_rust_buffer(
    _ future: UInt64, _ callback: @escaping UniffiRustFutureContinuationCallback, _ data: UInt64
) {
    RustWork.poll(future) { CWebphone.ffi_webphone_rust_future_cancel_rust_buffer($0) }
    CWebphone.ffi_webphone_rust_future_poll_rust_buffer(future, callback, data)
}

// swift-format-ignore: AlwaysUseLowerCamelCase
func ffi_webphone_rust_future_complete_rust_buffer(
    _ future: UInt64, _ status: UnsafeMutablePointer<RustCallStatus>
) -> RustBuffer {
    defer { RustWork.settle(status) }
    return CWebphone.ffi_webphone_rust_future_complete_rust_buffer(future, status)
}

// swift-format-ignore: AlwaysUseLowerCamelCase
func ffi_webphone_rust_future_free_rust_buffer(_ future: UInt64) {
    RustWork.free(future) { CWebphone.ffi_webphone_rust_future_free_rust_buffer($0) }
}

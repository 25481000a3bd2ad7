//! The two things that happen with every message of a phone, as plain C functions: to hand it in, and to take what came of
//! it. Where a call is made by an interpreter or a library for such calls (Python's ctypes, Java's JNA), the generated
//! code's five for each take longer than the message itself.

use std::ffi::{CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;
use std::{ptr, slice};

use uniffi::ffi::Handle;
use uniffi::{Lower, RustBuffer};

use super::followers::Updates;
use super::host::Session;
use super::output::Update;
use crate::UniFfiTag;

/// The functions, in this order.
#[repr(C)]
struct Functions {
    /// `receive` of the session with this handle: a UTF-8 text by its address and length.
    receive: unsafe extern "C" fn(u64, *const u8, i64),
    /// Updates that are there now, by the handle of an `Updates`, at most so many: a JSON text as `next_json` gives it,
    /// which ends with a null byte and has to be given back. Null: there are none now, or the wait for them would fail.
    take_updates: unsafe extern "C" fn(u64, i32) -> *mut c_char,
    /// Takes back a text.
    take_back: unsafe extern "C" fn(*mut c_char),
    /// As `take_updates`, as the generated code writes a list of updates, into a buffer of its own that has to be given
    /// back. 1 if there are any, else 0.
    take_lowered: unsafe extern "C" fn(u64, i32, *mut RustBuffer) -> i32,
    /// Takes back a buffer.
    take_buffer_back: unsafe extern "C" fn(*mut RustBuffer),
}

static FUNCTIONS: Functions = Functions { receive, take_updates, take_back, take_lowered, take_buffer_back };

/// Where a table of functions is, none of which waits: `void receive(uint64_t session, const uint8_t *text, int64_t
/// length)`, `char *take_updates(uint64_t updates, int32_t max)`, `void take_back(char *)`, `int32_t take_lowered(uint64_t
/// updates, int32_t max, RustBuffer *)` and `void take_buffer_back(RustBuffer *)`.
///
/// The first does what `receive` of a `Session` does. The second gives what `next_json` of an `Updates` would give at
/// once, or null; the fourth what `next` would give, as the bytes that the generated code lifts, or 0. Handles are those
/// of the generated code. For the library's own packages only: it is no part of the interface that is kept stable.
#[uniffi::export]
pub fn direct_session_functions() -> i64 {
    ptr::from_ref(&FUNCTIONS) as i64
}

/// # Safety
/// `session` is the handle of a session that lives until the call returns, and `text`, which is not null, has `length`
/// bytes.
unsafe extern "C" fn receive(session: u64, text: *const u8, length: i64) {
    // Nobody could do anything about a panic.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: the caller vouches for both.
        let (session, text) = unsafe {
            let session: Arc<Session> = Handle::from_raw_unchecked(session).into_arc_borrowed();
            (session, slice::from_raw_parts(text, usize::try_from(length).unwrap_or(0)))
        };
        session.receive(String::from_utf8_lossy(text).into_owned());
    }));
}

/// # Safety
/// `updates` is the handle of an `Updates` that lives until the call returns.
unsafe extern "C" fn take_updates(updates: u64, max: i32) -> *mut c_char {
    let taken = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: the caller vouches for it.
        let updates: Arc<Updates> = unsafe { Handle::from_raw_unchecked(updates).into_arc_borrowed() };
        match updates.poll_json(max) {
            Poll::Ready(Ok(text)) => CString::new(text).ok(),
            _ => None,
        }
    }));
    taken.ok().flatten().map_or(ptr::null_mut(), CString::into_raw)
}

/// # Safety
/// `updates` is the handle of an `Updates` that lives until the call returns, and `taken` may be written to.
unsafe extern "C" fn take_lowered(updates: u64, max: i32, taken: *mut RustBuffer) -> i32 {
    let lowered = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: the caller vouches for it.
        let updates: Arc<Updates> = unsafe { Handle::from_raw_unchecked(updates).into_arc_borrowed() };
        match updates.poll_next_now(max) {
            Poll::Ready(Ok(updates)) => Some(<Vec<Update> as Lower<UniFfiTag>>::lower_into_rust_buffer(updates)),
            _ => None,
        }
    }));
    let Ok(Some(buffer)) = lowered else { return 0 };
    // SAFETY: the caller vouches for it.
    unsafe { taken.write(buffer) };
    1
}

/// # Safety
/// `buffer` came from [`take_lowered`], and is not used any more.
unsafe extern "C" fn take_buffer_back(buffer: *mut RustBuffer) {
    // SAFETY: the caller vouches for it.
    unsafe { buffer.read() }.destroy();
}

/// # Safety
/// `text` came from [`take_updates`], and is not used any more.
unsafe extern "C" fn take_back(text: *mut c_char) {
    if !text.is_null() {
        // SAFETY: the caller vouches for it.
        drop(unsafe { CString::from_raw(text) });
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use uniffi::Lift;

    use super::*;
    use crate::session::{Cause, SessionConfig};

    fn taken(updates: &Arc<Updates>, max: i32) -> Option<String> {
        let handle = Handle::from_arc(Arc::clone(updates));
        // SAFETY: the handle is alive, and the text is given back once.
        unsafe {
            let text = take_updates(handle.as_raw(), max);
            let copy = (!text.is_null()).then(|| CStr::from_ptr(text).to_str().unwrap().to_owned());
            take_back(text);
            drop(handle.into_arc::<Updates>());
            copy
        }
    }

    fn taken_lowered(updates: &Arc<Updates>, max: i32) -> Option<Vec<Update>> {
        let handle = Handle::from_arc(Arc::clone(updates));
        let mut buffer = RustBuffer::new();
        // SAFETY: the handle is alive, and the buffer is given back once, after a copy was read.
        unsafe {
            let some = take_lowered(handle.as_raw(), max, &raw mut buffer) == 1;
            drop(handle.into_arc::<Updates>());
            some.then(|| {
                let copy = RustBuffer::from_vec(slice::from_raw_parts(buffer.data_pointer(), buffer.len()).to_vec());
                take_buffer_back(&raw mut buffer);
                <Vec<Update> as Lift<UniFfiTag>>::try_lift_from_rust_buffer(copy).unwrap()
            })
        }
    }

    #[test]
    fn what_is_taken_directly_is_what_the_generated_code_lifts() {
        let session = Arc::new(Session::open(SessionConfig::default(), None, None).unwrap());
        let (direct, other) = (Arc::new(session.updates(16).unwrap()), session.updates(16).unwrap());
        assert_eq!(taken_lowered(&direct, 16), None);
        session.receive(r#"{"message":"entrou_na_fila","filaId":47}"#.to_owned());
        session.receive(r#"{"message":"status","status":"conectado"}"#.to_owned());
        assert_eq!(taken_lowered(&direct, 0), None);
        let first = taken_lowered(&direct, 1).unwrap();
        let rest = taken_lowered(&direct, 16).unwrap();
        let Poll::Ready(Ok(all)) = other.poll_next_now(16) else { panic!() };
        assert_eq!(first.len(), 1);
        assert_eq!([first, rest].concat(), all);
        session.shut_down();
        assert_eq!(taken_lowered(&direct, 16).unwrap().last().unwrap().cause, Cause::ShutDown);
        assert_eq!(taken_lowered(&direct, 16), None);
    }

    #[test]
    fn what_is_handed_in_directly_is_taken_directly() {
        let session = Arc::new(Session::open(SessionConfig::default(), None, None).unwrap());
        let updates = Arc::new(session.updates(16).unwrap());
        assert_eq!(taken(&updates, 16), None);
        let handle = Handle::from_arc(Arc::clone(&session));
        for text in [&b"{\"message\":\"status\",\"status\":\"conectado\"}"[..], b"\xff", b"{}"] {
            // SAFETY: the handle is alive, the length is the text's.
            unsafe { receive(handle.as_raw(), text.as_ptr(), i64::try_from(text.len()).unwrap()) };
        }
        assert_eq!(taken(&updates, 0), None);
        let text = taken(&updates, 16).unwrap();
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read.as_array().unwrap().len(), 1);
        assert_eq!(read[0]["cause"]["event"]["status"], "connected");
        assert_eq!(taken(&updates, 16), None);
        session.shut_down();
        assert!(taken(&updates, 16).unwrap().contains("shut_down"));
        assert_eq!(taken(&updates, 16), None);
        // SAFETY: it was made from an `Arc` above.
        drop(unsafe { handle.into_arc::<Session>() });
    }
}

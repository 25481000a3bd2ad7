//! A blocking fetch as one plain C call, for a host whose generated code takes longer than the fetch itself: where calls
//! go through an interpreter, the five that an exported method needs cost more than the HTTP exchange.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{slice, str};

use uniffi::ffi::Handle;
use uniffi::{LowerError, RustBuffer};

use super::client::{Client, FetchStarted};
use crate::UniFfiTag;
use crate::error::Error;

/// What [`fetch`] leaves for its caller.
#[repr(C)]
struct DirectAnswer {
    /// Of the URL when it is done, of the operation while it is pending: as the generated code holds them.
    handle: u64,
    /// When it failed: the error, as the generated code reads it.
    error: RustBuffer,
}

const DONE: i8 = 0;
const PENDING: i8 = 1;
const FAILED: i8 = 2;

/// Where `int8_t fetch(uint64_t client, const uint8_t *request, int64_t length, int64_t ms, DirectAnswer *answer)` is:
/// `start_fetch_json` of the client with that handle, in one call. It returns 0 with the handle of a `WebphoneUrl`, 1
/// with the handle of a `FetchOperation`, or 2 with a buffer that holds a `WebphoneError`; `DirectAnswer` is a `uint64_t`
/// and a buffer of the generated code's.
#[uniffi::export]
pub fn direct_fetch_address() -> i64 {
    fetch as *const () as i64
}

/// # Safety
/// `client` is the handle of a client that lives until the call returns, `request` has `length` bytes, and `answer` may
/// be written to.
unsafe extern "C" fn fetch(client: u64, request: *const u8, length: i64, ms: i64, answer: *mut DirectAnswer) -> i8 {
    let started = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: the caller vouches for both.
        let (client, request) = unsafe {
            let client = Handle::from_raw_unchecked(client).into_arc_borrowed::<Client>();
            (client, slice::from_raw_parts(request, usize::try_from(length).unwrap_or(0)))
        };
        let request = str::from_utf8(request).map_err(|_| Error::invalid("request", "is not UTF-8 text"))?;
        client.start_fetch_json(request.to_owned(), ms)
    }));
    let started = started.unwrap_or_else(|_| Err(Error::internal("a panic while starting")));
    // SAFETY: the caller vouches for it.
    let answer = unsafe { &mut *answer };
    match started {
        Ok(FetchStarted::Done { value }) => {
            answer.handle = Handle::from_arc(value).as_raw();
            DONE
        }
        Ok(FetchStarted::Pending { operation }) => {
            answer.handle = Handle::from_arc(operation).as_raw();
            PENDING
        }
        Err(error) => {
            answer.error = <Error as LowerError<UniFfiTag>>::lower_error(error);
            FAILED
        }
    }
}

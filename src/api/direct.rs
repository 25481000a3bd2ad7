//! What every Python program does, and what a batch does all the time, as plain C functions with texts: to make a client, to
//! fetch, to wait, to look at a URL; to push requests and to take results.
//!
//! The generated code makes five calls through an interpreter for one fetch, which take longer than the fetch itself, and
//! only to load it takes longer than everything else that a program needs before its first fetch.

use std::ffi::{CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::{ptr, slice, str};

use serde_json::Value;
use uniffi::ffi::Handle;

use super::batch::{Batch, BatchTextOperation, BatchTextStarted};
use super::client::{Client, FetchOperation, FetchStarted};
use super::config::{BaseUrl, ClientConfig, Proxy};
use crate::error::Error;
use crate::fields::{Fields, Read};
use crate::protocol::PhoneNumber;
use crate::runtime::capsule::{self, Capsules};
use crate::runtime::{cancel_unclaimed, prepare_exit};
use crate::url::{PhoneType, WebphoneUrl};

/// Counted up with each change of [`Functions`], of what they take or of what they give: the other side has the same
/// number.
const LAYOUT: i64 = 2;

/// How many results of a batch are taken at a time, at most.
const MANY: i32 = 256;

/// All of these functions look alike: an object by its handle as the generated code holds it, a UTF-8 text by its address
/// and length, a time in milliseconds, each where it needs one; and room for the answer.
type Function = unsafe extern "C" fn(u64, *const u8, i64, i64, *mut Answer) -> i8;

/// What a function leaves for its caller.
#[repr(C)]
struct Answer {
    /// Of the object that was made, or of the operation that is pending: to be freed as the generated code does. Or a
    /// count.
    number: u64,
    /// What it gave, or, when it failed, the error as JSON: ends with a null byte, and has to be given back.
    text: *mut c_char,
}

const DONE: i8 = 0;
const PENDING: i8 = 1;
const FAILED: i8 = 2;

#[repr(C)]
struct Functions {
    layout: i64,
    /// Makes a client. Object: its proxy, or 0; text: [`Settings`]. Gives an object.
    client: Function,
    /// Fetches with a client, for up to so many milliseconds. Text: a request as JSON. Gives the URL, a secret, or an
    /// operation.
    fetch: Function,
    /// Waits on with an operation for up to so many milliseconds. Gives the URL, a secret, or is pending still.
    wait: Function,
    /// Cancels an operation.
    cancel: Function,
    /// Ends a client.
    shut_down: Function,
    /// Adds requests to a batch. Text: a JSON array of them. Gives how many more it likes to have.
    push: Function,
    /// The next results of a batch, for up to so many milliseconds. Gives them as a text, with the URLs in it, or an
    /// operation.
    results: Function,
    /// Waits on with an operation for up to so many milliseconds. Gives results, or is pending still.
    wait_results: Function,
    /// Cancels an operation.
    cancel_results: Function,
    /// Checks a telephone number. Gives it as it is dialled.
    phone_number: Function,
    /// Takes a URL that was fetched. Text: the word of the type that it has if it names none, and below that the URL. Gives
    /// lines: its type's word, its origin, its expiry in Unix milliseconds or nothing, its public text.
    url: Function,
    /// Shuts the gate, see [`prepare_exit`].
    prepare_exit: Function,
    /// See [`cancel_unclaimed`].
    cancel_unclaimed: Function,
    /// Takes the text of an answer back.
    take_back: unsafe extern "C" fn(*mut Answer),
    use_capsules: unsafe extern "C" fn(*const Capsules),
    own: unsafe extern "C" fn(u64, unsafe extern "C" fn(u64, &mut uniffi::RustCallStatus)) -> *mut std::ffi::c_void,
}

static FUNCTIONS: Functions = Functions {
    layout: LAYOUT,
    client,
    fetch,
    wait,
    cancel,
    shut_down,
    push,
    results,
    wait_results,
    cancel_results,
    phone_number,
    url,
    prepare_exit: shut_gate,
    cancel_unclaimed: cancel_lost,
    take_back,
    use_capsules: capsule::use_capsules,
    own: capsule::own,
};

/// Where the table of these functions is. For the library's own Python package only: it is no part of the interface that
/// is kept stable.
#[uniffi::export]
pub fn direct_functions() -> i64 {
    &raw const FUNCTIONS as i64
}

enum Given {
    Nothing,
    Text(String),
    Count(u64),
    Object(Handle),
    Pending(Handle),
}

/// What may have been given along.
struct Call<'a> {
    object: u64,
    text: &'a [u8],
    ms: i64,
}

impl Call<'_> {
    /// # Safety
    /// As for [`Function`]: the handle is that of a `T` which lives until the call returns.
    unsafe fn object<T>(&self) -> Arc<T> {
        // SAFETY: the caller vouches for it.
        unsafe { Handle::from_raw_unchecked(self.object).into_arc_borrowed() }
    }

    fn text(&self) -> Result<&str, Error> {
        str::from_utf8(self.text).map_err(|_| Error::invalid("text", "is not UTF-8"))
    }
}

/// A function of the table from what it does.
macro_rules! function {
    ($(#[$about:meta])* $name:ident, $does:expr) => {
        $(#[$about])*
        /// # Safety
        /// The object is one of this function's kind, which lives until the call returns; the text has this length; the
        /// answer may be written to.
        unsafe extern "C" fn $name(object: u64, text: *const u8, length: i64, ms: i64, answer: *mut Answer) -> i8 {
            let text = match usize::try_from(length) {
                Ok(length) if !text.is_null() => {
                    // SAFETY: the caller vouches for it.
                    unsafe { slice::from_raw_parts(text, length) }
                }
                _ => &[],
            };
            let does: fn(Call<'_>) -> Result<Given, Error> = $does;
            let given = catch_unwind(AssertUnwindSafe(|| does(Call { object, text, ms })))
                .unwrap_or_else(|_| Err(Error::internal("a panic in a call")));
            // SAFETY: the caller vouches for it.
            unsafe { &mut *answer }.take(given)
        }
    };
}

function!(client, |call| {
    let read = serde_json::from_slice(call.text).ok().and_then(Settings::read);
    let settings = read.ok_or_else(|| Error::internal("settings that can't be read"))?;
    // SAFETY: as for the function.
    let proxy = (call.object != 0).then(|| unsafe { call.object::<Proxy>() });
    settings.open(proxy).map(|client| Given::Object(Handle::from_arc(Arc::new(client))))
});

function!(fetch, |call| {
    // SAFETY: as for the function.
    let client = unsafe { call.object::<Client>() };
    Ok(match client.start_fetch_json(call.text()?, call.ms)? {
        FetchStarted::Done { value } => Given::Text(value.reveal()),
        FetchStarted::Pending { operation } => Given::Pending(Handle::from_arc(operation)),
    })
});

function!(wait, |call| {
    // SAFETY: as for the function.
    let operation = unsafe { call.object::<FetchOperation>() };
    Ok(operation.wait_for(call.ms)?.map_or(Given::Nothing, |url| Given::Text(url.reveal())))
});

function!(cancel, |call| {
    // SAFETY: as for the function.
    unsafe { call.object::<FetchOperation>() }.cancel();
    Ok(Given::Nothing)
});

function!(shut_down, |call| {
    // SAFETY: as for the function.
    unsafe { call.object::<Client>() }.shut_down();
    Ok(Given::Nothing)
});

function!(push, |call| {
    // SAFETY: as for the function.
    let batch = unsafe { call.object::<Batch>() };
    let wanted = batch.push_json(call.text()?)?;
    Ok(Given::Count(wanted.unsigned_abs()))
});

function!(results, |call| {
    // SAFETY: as for the function.
    let batch = unsafe { call.object::<Batch>() };
    Ok(match batch.start_next_results_text(MANY, call.ms)? {
        BatchTextStarted::Done { value } => Given::Text(value),
        BatchTextStarted::Pending { operation } => Given::Pending(Handle::from_arc(operation)),
    })
});

function!(wait_results, |call| {
    // SAFETY: as for the function.
    let operation = unsafe { call.object::<BatchTextOperation>() };
    Ok(operation.wait_for(call.ms)?.map_or(Given::Nothing, Given::Text))
});

function!(cancel_results, |call| {
    // SAFETY: as for the function.
    unsafe { call.object::<BatchTextOperation>() }.cancel();
    Ok(Given::Nothing)
});

function!(phone_number, |call| Ok(Given::Text(PhoneNumber::parse(call.text()?)?.as_str().to_owned())));

function!(url, |call| {
    let (asked, text) = call.text()?.split_once('\n').unwrap_or_default();
    let url = WebphoneUrl::parse(text.to_owned(), PhoneType::from_wire(asked))?;
    let expires_at_ms = url.expires_at_ms().map(|ms| ms.to_string()).unwrap_or_default();
    Ok(Given::Text(format!("{}\n{}\n{expires_at_ms}\n{url}", url.phone_type(), url.origin())))
});

function!(shut_gate, |call| {
    prepare_exit(call.ms);
    Ok(Given::Nothing)
});

function!(cancel_lost, |_| {
    cancel_unclaimed();
    Ok(Given::Nothing)
});

impl Answer {
    fn take(&mut self, given: Result<Given, Error>) -> i8 {
        match given {
            Ok(Given::Nothing) => DONE,
            Ok(Given::Text(text)) => self.write(text, DONE),
            Ok(Given::Count(count)) => {
                self.number = count;
                DONE
            }
            Ok(Given::Object(handle)) => {
                self.number = handle.as_raw();
                DONE
            }
            Ok(Given::Pending(handle)) => {
                self.number = handle.as_raw();
                PENDING
            }
            Err(error) => self.write(error.to_json(), FAILED),
        }
    }

    fn write(&mut self, text: String, code: i8) -> i8 {
        // Neither URLs nor numbers hold null bytes, and JSON escapes them.
        self.text = CString::new(text).unwrap_or_default().into_raw();
        code
    }
}

/// # Safety
/// The answer is one that a function of the table wrote, and nobody reads its text any more.
unsafe extern "C" fn take_back(answer: *mut Answer) {
    // SAFETY: the caller vouches for it.
    let text = std::mem::replace(unsafe { &mut (*answer).text }, ptr::null_mut());
    if !text.is_null() {
        // SAFETY: made by `into_raw`, and taken out of the answer.
        drop(unsafe { CString::from_raw(text) });
    }
}

/// What makes a client, beside its proxy: the arguments of the constructors. Without a token it is the environment's.
struct Settings {
    token: Option<String>,
    base_url: Option<String>,
    connect_timeout_ms: i64,
    timeout_ms: i64,
    max_retries: i32,
    user_agent: Option<String>,
    root_certificates_pem: Option<String>,
}

impl Read for Settings {
    fn read(value: Value) -> Option<Self> {
        let mut fields = Fields::of(value)?;
        let settings = Self {
            token: fields.take("token")?,
            base_url: fields.take("base_url")?,
            connect_timeout_ms: fields.take("connect_timeout_ms")?,
            timeout_ms: fields.take("timeout_ms")?,
            max_retries: fields.take("max_retries")?,
            user_agent: fields.take("user_agent")?,
            root_certificates_pem: fields.take("root_certificates_pem")?,
        };
        fields.end(settings)
    }
}

impl Settings {
    fn open(self, proxy: Option<Arc<Proxy>>) -> Result<Client, Error> {
        let config = ClientConfig {
            base_url: self.base_url.map_or_else(BaseUrl::default, |url| BaseUrl::Other { url }),
            connect_timeout_ms: self.connect_timeout_ms,
            timeout_ms: self.timeout_ms,
            max_retries: self.max_retries,
            user_agent: self.user_agent,
            root_certificates_pem: self.root_certificates_pem,
            proxy,
        };
        match self.token {
            Some(token) => Client::new(token, config),
            None => Client::from_environment(config),
        }
    }
}

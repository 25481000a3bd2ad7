//! Updates as one JSON text: for hosts where a text crosses ten times faster than a record does.

use std::sync::Arc;
use std::task::{Poll, Waker};

use serde::Serialize;

use super::{Following, Updates};
use crate::error::Error;
use crate::runtime::operation::{self, operation};
use crate::runtime::pull::{self, Reader, poll_now, pull};
use crate::runtime::{Moment, guard};
use crate::session::call::Call;
use crate::session::output::{Cause, Update};
use crate::session::snapshot::{Line, Mute, Page, PhoneError, Queue, Recording, Snapshot};

operation! {
    /// A wait for the next updates of a session, as JSON text.
    UpdatesJsonOperation, UpdatesJsonStarted -> String
}

#[uniffi::export]
impl Updates {
    /// As [`next`](Self::next), as one JSON text: a list of objects with the fields of an `Update`, written as in a
    /// trace. The first `state` of a text has all its fields, each further one those that differ from the one before.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub async fn next_json(&self, max: i32) -> Result<String, Error> {
        guard(pull(self.as_json()?, max)?).await
    }

    /// As [`next_json`](Self::next_json), for callers that block: waits up to `ms` milliseconds.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub fn start_next_json(&self, max: i32, ms: i64) -> Result<UpdatesJsonStarted, Error> {
        operation::start(pull(self.as_json()?, max)?, ms).map(Into::into)
    }
}

impl Updates {
    /// What [`next_json`](Self::next_json) would give at once; pending when it would wait.
    pub(in crate::session) fn poll_json(&self, max: i32) -> Poll<Result<String, Error>> {
        poll_now(self.as_json()?, max)
    }

    fn as_json(&self) -> Result<AsJson, Error> {
        self.following.get().map(|following| AsJson(Arc::clone(following)))
    }
}

/// The queue of one follower, each batch of which is a text.
struct AsJson(Arc<Following>);

impl pull::Queue for AsJson {
    type Batch = String;

    const MOST: i32 = <Arc<Following> as pull::Queue>::MOST;

    fn reader<T>(&self, look: impl FnOnce(&mut Reader) -> T) -> T {
        pull::Queue::reader(&self.0, look)
    }

    fn poll_items(&self, max: usize, waker: &Waker) -> Poll<Result<String, Error>> {
        let Following { driver, id } = &*self.0;
        let (updates, _displaced) = driver.followers(|followers| followers.poll_take(*id, max, waker));
        updates.map(|updates| to_json(&updates?))
    }
}

#[derive(Serialize)]
struct Written<'a> {
    number: i64,
    at: Moment,
    cause: &'a Cause,
    state: Changes<'a>,
}

macro_rules! changes {
    ($($field:ident: $type:ty),* $(,)?) => {
        /// The fields of a picture that are others than before.
        #[derive(Serialize)]
        struct Changes<'a> {
            $(#[serde(skip_serializing_if = "Option::is_none")] $field: Option<&'a $type>,)*
        }

        impl<'a> Changes<'a> {
            fn between(before: Option<&Snapshot>, after: &'a Snapshot) -> Self {
                // All fields by their names: one that is missing here would not compile.
                let Snapshot { $($field),* } = after;
                Self { $($field: before.is_none_or(|before| before.$field != *$field).then_some($field),)* }
            }
        }
    };
}

changes! {
    page: Page,
    line: Line,
    call: Option<Call>,
    ringing: Option<Call>,
    mute: Mute,
    recording: Recording,
    queues: Vec<Queue>,
    last_error: Option<PhoneError>,
    unexpected_events: i64,
    broken_events: i64,
    shut_down: bool,
}

fn to_json(updates: &[Arc<Update>]) -> Result<String, Error> {
    let mut before = None;
    let written: Vec<_> = updates
        .iter()
        .map(|update| {
            let Update { number, at, cause, state } = &**update;
            let state = Changes::between(before.replace(state), state);
            Written { number: *number, at: *at, cause, state }
        })
        .collect();
    serde_json::to_string(&written).map_err(|_| Error::internal("an update that can't be written"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(number: i64, state: &Snapshot) -> Arc<Update> {
        Arc::new(Update { number, at: Moment::default(), cause: Cause::Time, state: state.clone() })
    }

    #[test]
    fn a_picture_is_written_where_it_changed() {
        let first = Snapshot::default();
        let second = Snapshot { line: Line::Connected, broken_events: 1, ..Snapshot::default() };
        let text = to_json(&[update(1, &first), update(2, &first), update(3, &second), update(4, &first)]).unwrap();
        let written: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        let states: Vec<_> = written.iter().map(|update| &update["state"]).collect();
        assert_eq!(*states[0], serde_json::to_value(&first).unwrap());
        assert_eq!(*states[1], serde_json::json!({}));
        assert_eq!(*states[2], serde_json::json!({"line": "connected", "broken_events": 1}));
        assert_eq!(*states[3], serde_json::json!({"line": "unknown", "broken_events": 0}));
        assert_eq!(written[3]["number"], 4);
    }
}

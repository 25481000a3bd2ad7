//! Updates as one JSON text: for hosts where a text crosses ten times faster than a record does.

use std::sync::Arc;
use std::task::{Poll, Waker};

use serde::Serialize;

use super::{Following, Updates};
use crate::error::Error;
use crate::runtime::operation::{self, operation};
use crate::runtime::pull::{Queue, Reader, pull};
use crate::runtime::{Moment, guard};
use crate::session::output::{Cause, Update};
use crate::session::snapshot::Snapshot;

operation! {
    /// A wait for the next updates of a session, as JSON text.
    UpdatesJsonOperation, UpdatesJsonStarted -> String
}

#[uniffi::export]
impl Updates {
    /// As [`next`](Self::next), as one JSON text: a list of objects with the fields of an `Update`, written as in a
    /// trace but with every field. Updates that carry the same picture as the one before leave `state` out.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub async fn next_json(&self, max: i32) -> Result<String, Error> {
        guard(pull(self.as_json()?, max)?).await
    }

    /// As [`next_json`](Self::next_json), for callers that block: waits up to `ms` milliseconds.
    pub fn start_next_json(&self, max: i32, ms: i64) -> Result<UpdatesJsonStarted, Error> {
        operation::start(pull(self.as_json()?, max)?, ms).map(Into::into)
    }
}

impl Updates {
    fn as_json(&self) -> Result<AsJson, Error> {
        self.following.get().map(|following| AsJson(Arc::clone(following)))
    }
}

/// The queue of one follower, each batch of which is a text.
struct AsJson(Arc<Following>);

impl Queue for AsJson {
    type Batch = String;

    const MOST: i32 = <Arc<Following> as Queue>::MOST;

    fn reader<T>(&self, look: impl FnOnce(&mut Reader) -> T) -> T {
        self.0.reader(look)
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
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a Snapshot>,
}

fn to_json(updates: &[Arc<Update>]) -> Result<String, Error> {
    let mut before = None;
    let written: Vec<_> = updates
        .iter()
        .map(|update| {
            let Update { number, at, cause, state } = &**update;
            let same = before.replace(state) == Some(state);
            Written { number: *number, at: *at, cause, state: (!same).then_some(state) }
        })
        .collect();
    serde_json::to_string(&written).map_err(|_| Error::internal("an update that can't be written"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(number: i64, line: crate::session::Line) -> Arc<Update> {
        let state = Snapshot { line, ..Snapshot::default() };
        Arc::new(Update { number, at: Moment::default(), cause: Cause::Time, state })
    }

    #[test]
    fn a_picture_is_written_when_it_is_another_one() {
        use crate::session::Line::{Connected, Unknown};
        let updates = [update(1, Unknown), update(2, Unknown), update(3, Connected), update(4, Unknown)];
        let text = to_json(&updates).unwrap();
        let written: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        let lines: Vec<_> = written.iter().map(|update| update["state"]["line"].as_str()).collect();
        assert_eq!(lines, [Some("unknown"), None, Some("connected"), Some("unknown")]);
        assert_eq!(written[3]["number"], 4);
    }
}

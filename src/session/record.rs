//! Writing a session down.

use super::config::{RecordNumbers, SessionConfig};
use super::input::{Input, Moment};
use super::output::Outputs;

/// A recording that goes on.
#[derive(Clone)]
pub(super) struct Recorder {}

impl Recorder {
    pub(super) fn new(_config: &SessionConfig, _numbers: RecordNumbers) -> Self {
        Self {}
    }

    pub(super) fn record(&mut self, _input: &Input, _at: Moment, _outputs: &Outputs) {}

    pub(super) fn write(&self) -> String {
        String::new()
    }
}

//! What stands in for the server in a build without the feature `simulator`: nothing that could ever exist.

use super::{FaultRule, RequestLog, SimulatedExtension, SimulatorConfig};
use crate::error::Error;

pub(super) enum Server {}

impl Server {
    pub(super) fn start(_config: SimulatorConfig, _token: String) -> Result<Self, Error> {
        Err(Error::Unsupported { feature: "simulator".to_owned() })
    }

    pub(super) fn is_open(&self) -> bool {
        match *self {}
    }

    pub(super) fn token(&self) -> String {
        match *self {}
    }

    pub(super) fn api_url(&self) -> String {
        match *self {}
    }

    pub(super) fn control_url(&self) -> String {
        match *self {}
    }

    pub(super) fn root_certificate_pem(&self) -> Option<String> {
        match *self {}
    }

    pub(super) fn add_fault(&self, _rule: FaultRule) -> Result<(), Error> {
        match *self {}
    }

    pub(super) fn clear_faults(&self) {
        match *self {}
    }

    pub(super) fn requests(&self, _last: usize) -> RequestLog {
        match *self {}
    }

    pub(super) fn forget_requests(&self) {
        match *self {}
    }

    pub(super) fn extensions(&self) -> Vec<SimulatedExtension> {
        match *self {}
    }

    pub(super) fn set_extensions(&self, _extensions: &[SimulatedExtension]) -> Result<(), Error> {
        match *self {}
    }

    pub(super) fn reset(&self) -> Result<(), Error> {
        match *self {}
    }

    pub(super) fn shut_down(&self) {
        match *self {}
    }
}

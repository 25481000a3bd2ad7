//! What stands in for server and phones in a build without the feature `simulator`: nothing that could ever exist.

use std::future::Pending;
use std::sync::Arc;

use super::{
    FaultRule, RequestLog, SimulatedCaller, SimulatedExtension, SimulatedPhoneFault, SimulatedPhoneOutput,
    SimulatedPhoneState, SimulatedScript, SimulatedWording, SimulatorConfig,
};
use crate::error::Error;
use crate::protocol::Command;
use crate::runtime::Clock;
use crate::session::Session;
use crate::url::WebphoneUrl;

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

    pub(super) fn switchboard(&self) -> Arc<Switchboard> {
        match *self {}
    }

    pub(super) fn clock(&self) -> Option<Arc<Clock>> {
        match *self {}
    }

    pub(super) fn shut_down(&self) {
        match *self {}
    }
}

pub(super) enum Switchboard {}

impl Switchboard {
    pub(super) fn check(&self, _extension: &str) -> Result<(), Error> {
        match *self {}
    }

    pub(super) fn attach(&self, _extension: &str, _session: &Arc<Session>) -> Result<(), Error> {
        match *self {}
    }

    pub(super) fn open_page(&self, _extension: &str, _url: Option<&WebphoneUrl>) -> Result<(), Error> {
        match *self {}
    }

    pub(super) fn post(&self, _extension: &str, _text: &str) -> Result<(), Error> {
        match *self {}
    }

    pub(super) fn messages(
        &self,
        _extension: &str,
        _max: i32,
    ) -> Result<Pending<Result<Vec<SimulatedPhoneOutput>, Error>>, Error> {
        match *self {}
    }

    pub(super) fn state(&self, _extension: &str) -> Result<SimulatedPhoneState, Error> {
        match *self {}
    }

    pub(super) fn incoming(&self, _extension: &str, _caller: &SimulatedCaller) -> Result<i64, Error> {
        match *self {}
    }

    pub(super) fn remote_answer(&self, _extension: &str) -> Result<(), Error> {
        match *self {}
    }

    pub(super) fn remote_hang_up(&self, _extension: &str) -> Result<(), Error> {
        match *self {}
    }

    pub(super) fn add_script(
        &self,
        _extension: &str,
        _script: SimulatedScript,
        _times: Option<i32>,
    ) -> Result<(), Error> {
        match *self {}
    }

    pub(super) fn clear_scripts(&self, _extension: &str) -> Result<(), Error> {
        match *self {}
    }

    pub(super) fn supervise(&self, _extension: &str, _command: &Command) -> Result<(), Error> {
        match *self {}
    }

    pub(super) fn set_wording(&self, _extension: &str, _wording: SimulatedWording) -> Result<(), Error> {
        match *self {}
    }

    pub(super) fn add_fault(
        &self,
        _extension: &str,
        _fault: SimulatedPhoneFault,
        _times: Option<i32>,
    ) -> Result<(), Error> {
        match *self {}
    }

    pub(super) fn clear_faults(&self, _extension: &str) -> Result<(), Error> {
        match *self {}
    }

    pub(super) fn reload(&self, _extension: &str) -> Result<(), Error> {
        match *self {}
    }

    pub(super) fn crash(&self, _extension: &str) -> Result<(), Error> {
        match *self {}
    }

    pub(super) fn close_page(&self, _extension: &str) -> Result<(), Error> {
        match *self {}
    }
}

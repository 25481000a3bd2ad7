//! The simulated API: a process-local stand-in for the vendor's, for tests, demos and offline work.
//!
//! It listens on 127.0.0.1 only, speaks the documented API on a real socket, and has as its plain default what the
//! vendor's documentation uses: the token `Seu_Token` and the extensions 4000 and 4001 (ids 104000 and 104001). What
//! works against the real API works against it unchanged but for the base URL:
//!
//! ```text
//! curl -H 'Access-Token: Seu_Token' "$API/webphone?ramal=4000&tipo=hidden"
//! ```
//!
//! # What it answers
//!
//! | asked | HTTP | `motivo` |
//! | --- | --- | --- |
//! | a phone of a known extension, by `ramal` or `id_ramal` | 200 | 0 |
//! | no token, or a wrong one (`Access-Token`) | 401 | 40 |
//! | neither `ramal` nor `id_ramal` | 405 | 10 |
//! | a `ramal` that is no number, an `id_ramal` with other than letters, digits, `-`, `_` | 405 | 11 |
//! | `tipo` other than `floating`, `embedded`, `hidden` | 405 | 11 |
//! | `ligar_para` that can't be dialled; `fechar_fim` other than `true`, `false`, `1`, `0` (in any case) | 405 | 11 |
//! | an extension that it does not know | 404 | 60 |
//! | `ramal` and `id_ramal` of different extensions | 405 | 11 |
//! | another path | 404 | 90 |
//! | another method than GET (or HEAD), with `Allow` | 405 | 100 |
//! | more requests than its rate limit lets through | 429 | `null` |
//!
//! These are looked at in this order: rate, path, method, token, parameters missing, malformed, unknown, contradictory.
//! A parameter without a value counts as not given, of one given twice the last counts, unknown ones are ignored. The
//! vendor documents no `motivo` for 429. The URL is made from the request's own `Host`. Its key is random, made once
//! for each extension and type; its page (`/w3`) is that phone, or answers 403 to a wrong key, a wrong signature or an
//! expired URL.
//!
//! # Faults
//!
//! [`FaultRule`]s stand in a queue; the first that fits a request strikes it, and goes when it is spent. They strike
//! whatever is asked of the API except the phone's page, before token and rate are looked at. A [`Fault`] is data: the
//! same in process and over HTTP.
//!
//! # Phones
//!
//! Each extension has a phone that does what a real one does ([`SimulatedPhone`]): [`Simulator::phone`] gives it to a
//! session of the same process, without a browser. Phones whose pages are open call each other; everybody else is
//! played, by scripts and by the number that is called ([`SimulatedScript`]). With
//! [`virtual_time`](SimulatorConfig::virtual_time) nothing takes time but by [`Simulator::advance`].
//!
//! ```
//! # #[cfg(feature = "simulator")] {
//! use std::sync::Arc;
//! use webphone::simulator::{SimulatedCaller, Simulator, SimulatorConfig};
//! use webphone::{Session, SessionConfig};
//!
//! let simulator = Simulator::start(SimulatorConfig { virtual_time: true, ..Default::default() }, None)?;
//! let phone = simulator.phone("4000".to_owned())?;
//! let session = Arc::new(Session::open(SessionConfig::default(), None, simulator.clock()?)?);
//! phone.attach(Arc::clone(&session))?;
//! phone.incoming(SimulatedCaller::new("(79) 91234-5678"))?;
//! assert!(session.state()?.ringing.is_some());
//! simulator.advance(60_000)?;
//! phone.remote_hang_up()?;
//! assert!(session.state()?.ringing.is_none());
//! # }
//! # Ok::<(), webphone::Error>(())
//! ```
//!
//! # Pages in browsers
//!
//! A URL that the API gave is a page with the phone in it, for any browser and any application that was written for the
//! vendor's: in a frame, in a window, or, for a hidden one, as a script. As a script (`Sec-Fetch-Dest`, else `Accept`) it
//! makes its frame, inside `#widget-evoline-api-container` if there is one, and leaves it in the global `webphone`. The
//! phone takes commands from whatever page holds it and posts plain objects to that, `opener` or `parent`, with `'*'`. It
//! asks for the microphone when it opens and again with each call; a refusal is shown. With an interface its user can do
//! all that a host can. The page is in Portuguese, and in English for who prefers that (`lang`, or the browser's
//! languages).
//!
//! It is the same phone: it opens with its page and ends with it, in-process tests see its
//! [`state`](SimulatedPhone::state), and the control drives both. One page holds a phone: a second browser takes it from
//! the first, whose phone says `desconectado`; while a session has it, none gets it. That a window's phone posts to its
//! opener, that only the page that holds it commands it, and what becomes of the first of two pages, is assumed.
//!
//! # Control
//!
//! In process by the methods of [`Simulator`], from any other program by HTTP on a port of its own
//! ([`control_url`](Simulator::control_url), here `$CONTROL`), which no fault and no rate limit touches:
//!
//! | | |
//! | --- | --- |
//! | what was asked, without tokens | `curl $CONTROL/requests` |
//! | the last ten of it | `curl "$CONTROL/requests?last=10"` |
//! | forget it | `curl -X DELETE $CONTROL/requests` |
//! | the next three requests get their answer after 0.5 s | `curl --json '{"fault":{"delay":{"delay_ms":500}},"times":3}' $CONTROL/faults` |
//! | every request of extension 4001 is reset | `curl --json '{"fault":"reset","extension":"4001"}' $CONTROL/faults` |
//! | one 429 that says when to come back | `curl --json '{"fault":{"fail":{"http_status":429,"retry_after_ms":2000}},"times":1}' $CONTROL/faults` |
//! | two that do not say | `curl --json '{"fault":{"fail":{"http_status":429}},"times":2}' $CONTROL/faults` |
//! | five times HTTP 500; also any other from 400 to 599 | `curl --json '{"fault":{"fail":{"http_status":500}},"times":5}' $CONTROL/faults` |
//! | one answer comes in pieces of 10 bytes, one every 0.1 s | `curl --json '{"fault":{"drip":{"chunk_bytes":10,"pause_ms":100}},"times":1}' $CONTROL/faults` |
//! | one breaks off after 20 bytes of its body | `curl --json '{"fault":{"cut":{"body_bytes":20}},"times":1}' $CONTROL/faults` |
//! | one connection is closed before anything is read | `curl --json '{"fault":"refuse","times":1}' $CONTROL/faults` |
//! | one answer is not HTTP | `curl --json '{"fault":"garbage","times":1}' $CONTROL/faults` |
//! | one has a body of 10 MB | `curl --json '{"fault":{"oversized":{"claimed_bytes":10000000}},"times":1}' $CONTROL/faults` |
//! | one never ends | `curl --json '{"fault":"endless","times":1}' $CONTROL/faults` |
//! | a redirect to elsewhere | `curl --json '{"fault":{"answer":{"http_status":302,"headers":{"Location":"https://elsewhere.example/"}}}}' $CONTROL/faults` |
//! | no more faults | `curl -X DELETE $CONTROL/faults` |
//! | the extensions | `curl $CONTROL/extensions` |
//! | other extensions | `curl -X PUT --json '["4000",{"number":"4001","id":"77"}]' $CONTROL/extensions` |
//! | a host opens a phone's page, without a session | `curl -X POST $CONTROL/phones/4000/open` |
//! | the phones that are open, and what is so in them | `curl $CONTROL/phones` |
//! | one phone, open or not | `curl $CONTROL/phones/4000` |
//! | somebody calls it | `curl --json '{"from":"(79) 91234-5678"}' $CONTROL/phones/4000/incoming` |
//! | its own user presses a key, in the phone's language | `curl --json '{"message":"answer"}' $CONTROL/phones/4000/post` |
//! | the other side hangs up | `curl -X POST $CONTROL/phones/4000/hangup` |
//! | somebody calls who gives up after 20 s, and would hang up a minute after the answer | `curl --json '{"from":"4009","gives_up_after_ms":20000,"hangs_up_after_ms":60000}' $CONTROL/phones/4000/incoming` |
//! | its next two calls are never answered | `curl --json '{"script":{"answer":"never"},"times":2}' $CONTROL/phones/4000/scripts` |
//! | the one after them is answered after 3 s, and hung up a minute later | `curl --json '{"script":{"answer":{"answers":{"after_ms":3000}},"hangs_up_after_ms":60000}}' $CONTROL/phones/4000/scripts` |
//! | then one is refused | `curl --json '{"script":{"answer":{"refused":{"status_erro":"Sem crédito"}}}}' $CONTROL/phones/4000/scripts` |
//! | then all are busy (`null`: without end) | `curl --json '{"script":{"answer":{"busy":{"after_ms":500}}},"times":null}' $CONTROL/phones/4000/scripts` |
//! | its own user calls | `curl --json '{"message":"chamaNumero","numero":"11999990000"}' $CONTROL/phones/4000/post` |
//! | who is called answers now | `curl -X POST $CONTROL/phones/4000/answer` |
//! | no more scripts | `curl -X DELETE $CONTROL/phones/4000/scripts` |
//! | it keeps the next thing that it would say to itself; also `duplicate`, `reordered`, `unknown_event`, `broken_payload`, `crash` | `curl --json '{"fault":"silent"}' $CONTROL/phones/4000/faults` |
//! | no more faults of it | `curl -X DELETE $CONTROL/phones/4000/faults` |
//! | it says ids as text, and which queue it means | `curl -X PUT --json '{"ids_as_text":true,"names_queues":true}' $CONTROL/phones/4000/wording` |
//! | a supervisor changes its queues | `curl --json '{"message":"pausarNaFila","filaId":47}' $CONTROL/phones/4000/supervise` |
//! | its page crashes | `curl -X POST $CONTROL/phones/4000/crash` |
//! | its page loads again by itself | `curl -X POST $CONTROL/phones/4000/reload` |
//! | its page closes itself | `curl -X POST $CONTROL/phones/4000/close` |
//! | its page posts something that no phone says | `curl --json '{"message":{"hello":"world"}}' $CONTROL/phones/4000/say` |
//! | 10,000 times a second, 30,000 times (`per_second: null`: all at once) | `curl --json '{"message":{"message":"status","status":"x"},"times":30000,"per_second":10000}' $CONTROL/phones/4000/say` |
//! | with 10 MB of text, and holding itself, which JSON can't express | `curl --json '{"message":{"message":"status"},"padding":10000000,"cyclic":true}' $CONTROL/phones/4000/say` |
//! | how its page loads, its microphone (`live`, `refused`, `absent`, …), what its script found | `curl $CONTROL/phones/4000/page` |
//! | its page loads after 5 s; also `never`, `forbidden` (403), `unframeable` (`X-Frame-Options: DENY`), `needs_cookie` (its phone gets no wire without the cookie that the page set) | `curl -X PUT --json '{"load":{"slow":{"after_ms":5000}}}' $CONTROL/phones/4000/page` |
//! | its page is at another host, at the same port unless the name has one | `curl -X PUT --json '{"load":{"redirects":{"to":"localhost"}}}' $CONTROL/phones/4000/page` |
//! | its script makes a frame without `allow`; also `late_source` (`src` comes later), `inner_html`, `style_attribute`, `chained`, `many_frames` | `curl -X PUT --json '{"script":"without_allow"}' $CONTROL/phones/4000/page` |
//! | the script's frame is at another host | `curl -X PUT --json '{"script":{"sibling_frame":{"host":"localhost"}}}' $CONTROL/phones/4000/page` |
//! | its script hunts for what the page around it keeps to itself: `fetch`, the document, globals, what is posted and sent | `curl -X PUT --json '{"script":"hunts"}' $CONTROL/phones/4000/page` |
//! | its page is as it should be | `curl -X DELETE $CONTROL/phones/4000/page` |
//! | all as it was after the start | `curl -X POST $CONTROL/reset` |
//!
//! `--json` needs curl 7.82; before, write `-H 'Content-Type: application/json' -d`. An answer is JSON, or HTTP 204
//! without a body; what is refused says why in `error`: HTTP 400 when it is malformed, 404 for an extension that is not
//! there, 409 when the phone is not in a state for it. No web page can reach it: a request that carries an `Origin`,
//! or whose `Host` is not this machine's loopback, gets 403, and a body has to say that it is `application/json`.

use std::fmt;
use std::sync::Arc;

use crate::error::Error;
use crate::runtime::{Clock, ProcessBound};

mod config;
#[cfg(any(feature = "simulator", test))]
#[cfg_attr(not(feature = "simulator"), allow(dead_code, reason = "the session's tests use a part of it"))]
pub(crate) mod exchange;
mod fault;
mod manner;
mod phone;
mod picture;
mod record;
mod script;

#[cfg(not(feature = "simulator"))]
mod absent;
#[cfg(feature = "simulator")]
mod server;
#[cfg(feature = "simulator")]
mod switchboard;

#[cfg(not(feature = "simulator"))]
use absent::{Server, Switchboard};
#[cfg(feature = "simulator")]
use server::Server;
#[cfg(feature = "simulator")]
use switchboard::Switchboard;

pub use config::{SimulatedExtension, SimulatedRateLimit, SimulatorConfig};
pub use fault::{Fault, FaultRule};
pub use manner::{SimulatedPhoneFault, SimulatedWording};
pub use phone::{SimulatedPhone, SimulatedPhoneOperation, SimulatedPhoneStarted};
pub use picture::{SimulatedLeg, SimulatedPage, SimulatedPhoneOutput, SimulatedPhoneState, SimulatedQueue};
pub use record::{RequestLog, SimulatedRequest, TokenCheck};
pub use script::{SimulatedAnswer, SimulatedCaller, SimulatedScript};

/// The token of the vendor's examples, which a simulator takes unless told otherwise.
const DEFAULT_TOKEN: &str = "Seu_Token";

/// A simulated API, serving from a thread of its own until it is shut down or dropped.
///
/// It belongs to the process that started it: after a fork every method of the child's copy gives [`Error::Closed`]
/// (its copy of the sockets keeps the ports taken for as long as the child lives). The same holds for all but
/// [`shut_down`](Self::shut_down) once it is shut down.
///
/// ```
/// use webphone::simulator::{Simulator, SimulatorConfig};
/// # #[cfg(feature = "simulator")] {
/// let simulator = Simulator::start(SimulatorConfig::default(), None)?;
/// assert!(simulator.api_url()?.starts_with("http://127.0.0.1:"));
/// # }
/// # Ok::<(), webphone::Error>(())
/// ```
#[derive(uniffi::Object)]
pub struct Simulator {
    server: ProcessBound<Server>,
}

#[uniffi::export]
impl Simulator {
    /// Starts a simulator. `token` is the access token (`Access-Token`) that it takes; none: `Seu_Token`.
    ///
    /// # Errors
    /// [`Error::Unsupported`] in a build without the feature `simulator`; [`Error::Invalid`] naming the field of the
    /// configuration, `port` too when another program has it; [`Error::Internal`] when the system gives no socket,
    /// thread or random bytes.
    #[uniffi::constructor(default(token = None, config))]
    pub fn start(config: SimulatorConfig, token: Option<String>) -> Result<Self, Error> {
        let token = token.unwrap_or_else(|| DEFAULT_TOKEN.to_owned());
        Ok(Self { server: ProcessBound::new(Server::start(config, token)?) })
    }

    /// The base URL of the API: `http://127.0.0.1:40123`, or `https` with TLS.
    ///
    /// # Errors
    /// [`Error::Closed`] after the shut-down and in a forked child.
    pub fn api_url(&self) -> Result<String, Error> {
        self.server().map(Server::api_url)
    }

    /// The base URL of its HTTP control: `http://127.0.0.1:40124`. Always plain HTTP.
    ///
    /// # Errors
    /// [`Error::Closed`] after the shut-down and in a forked child.
    pub fn control_url(&self) -> Result<String, Error> {
        self.server().map(Server::control_url)
    }

    /// The access token that it takes, in full.
    ///
    /// # Errors
    /// [`Error::Closed`] after the shut-down and in a forked child.
    #[doc(alias = "Access-Token")]
    pub fn token(&self) -> Result<String, Error> {
        self.server().map(Server::token)
    }

    /// The certificate of the throw-away authority (PEM) that a client has to trust; none without TLS.
    ///
    /// # Errors
    /// [`Error::Closed`] after the shut-down and in a forked child.
    pub fn root_certificate_pem(&self) -> Result<Option<String>, Error> {
        self.server().map(Server::root_certificate_pem)
    }

    /// Puts a fault at the end of the queue.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field that is out of its range; [`Error::Closed`] after the shut-down and in a
    /// forked child.
    pub fn add_fault(&self, rule: FaultRule) -> Result<(), Error> {
        self.server()?.add_fault(rule)
    }

    /// Removes every fault from the queue. What is being delayed or sent slowly goes on.
    ///
    /// # Errors
    /// [`Error::Closed`] after the shut-down and in a forked child.
    pub fn clear_faults(&self) -> Result<(), Error> {
        self.server().map(Server::clear_faults)
    }

    /// What the API was asked: the counts, and the latest requests, at most `last` of them (0: the counts alone).
    ///
    /// # Errors
    /// [`Error::Invalid`] when `last` is negative; [`Error::Closed`] after the shut-down and in a forked child.
    #[uniffi::method(default(last = 10000))]
    pub fn requests(&self, last: i32) -> Result<RequestLog, Error> {
        let server = self.server()?;
        let last = usize::try_from(last).map_err(|_| Error::invalid("last", "is negative"))?;
        Ok(server.requests(last))
    }

    /// Forgets what the API was asked.
    ///
    /// # Errors
    /// [`Error::Closed`] after the shut-down and in a forked child.
    pub fn forget_requests(&self) -> Result<(), Error> {
        self.server().map(Server::forget_requests)
    }

    /// The extensions that it knows, each with its number and its id, in the order in which they were given.
    ///
    /// # Errors
    /// [`Error::Closed`] after the shut-down and in a forked child.
    pub fn extensions(&self) -> Result<Vec<SimulatedExtension>, Error> {
        self.server().map(Server::extensions)
    }

    /// Replaces the extensions. An extension that stays keeps its keys and its phone; URLs of the others stop working,
    /// and their phones close.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `number` or `id` when one is malformed or given twice; [`Error::Closed`] after the
    /// shut-down and in a forked child.
    pub fn set_extensions(&self, extensions: Vec<SimulatedExtension>) -> Result<(), Error> {
        self.server()?.set_extensions(&extensions)
    }

    /// The phone of an extension, by its number (`ramal`), in this process. It opens when it is given to a session.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `extension` when it knows none of this number; [`Error::Closed`] after the shut-down
    /// and in a forked child.
    pub fn phone(&self, extension: String) -> Result<SimulatedPhone, Error> {
        SimulatedPhone::new(extension, self.server()?.switchboard())
    }

    /// The clock that it goes by, for the sessions of its phones; none when it goes by the system's time.
    ///
    /// # Errors
    /// [`Error::Closed`] after the shut-down and in a forked child.
    pub fn clock(&self) -> Result<Option<Arc<Clock>>, Error> {
        self.server().map(Server::clock)
    }

    /// Moves its time on by `ms` milliseconds, 0 or more, and returns when all that was due until then has happened, to
    /// its phones and to the sessions that go by its clock: each at its own time, in order, and what came of it as well.
    /// It does not wait for other threads, as [`Clock::advance`] says.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `virtual_time` when it goes by the system's time, or `ms` when that is negative;
    /// [`Error::Busy`] while somebody else moves the clock; [`Error::Closed`] after the shut-down and in a forked child.
    pub fn advance(&self, ms: i64) -> Result<(), Error> {
        let clock = self.clock()?;
        clock
            .ok_or_else(|| Error::invalid("virtual_time", "is off: this simulator's time passes by itself"))?
            .advance(ms)
    }

    /// Puts all as it was after the start: its configured extensions with new keys, their phones closed and without
    /// faults and scripts, no faults, no requests, a fresh rate limit. Time is not put back.
    ///
    /// # Errors
    /// [`Error::Closed`] after the shut-down and in a forked child.
    pub fn reset(&self) -> Result<(), Error> {
        self.server()?.reset()
    }

    /// Stops serving: closes its ports and every connection, and waits for its thread to end (at most 2 s). Twice is
    /// fine.
    ///
    /// # Errors
    /// [`Error::Closed`] in a forked child.
    pub fn shut_down(&self) -> Result<(), Error> {
        self.server.get()?.shut_down();
        Ok(())
    }
}

impl Simulator {
    fn server(&self) -> Result<&Server, Error> {
        self.server.get().and_then(|server| if server.is_open() { Ok(server) } else { Err(Error::Closed) })
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.server() {
            Ok(server) => write!(f, "<Simulator at {}>", server.api_url()),
            Err(_) => f.write_str("<Simulator closed>"),
        }
    }
}

#[cfg(all(test, not(feature = "simulator")))]
mod tests {
    use super::*;

    #[test]
    fn a_build_without_the_feature_says_so() {
        let unsupported = Error::Unsupported { feature: "simulator".to_owned() };
        assert_eq!(Simulator::start(SimulatorConfig::default(), None).err(), Some(unsupported));
    }
}

//! The server: two listeners on 127.0.0.1, a thread of its own, and the ways in for the process that has it.
//!
//! `connection` carries bytes and knows HTTP; `rest` (the API), `page` (what a phone's URL opens) and `control` say what
//! is answered; `state` is all that they share; `wire` plays the faults that HTTP can't express.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::switchboard::Switchboard;
use super::{FaultRule, RequestLog, SimulatedExtension, SimulatorConfig};
use crate::error::Error;
use crate::runtime::{Clock, NoSigpipe, Time};
use crate::secret::Secret;
use crate::url::unix_ms;
use connection::Room;
use links::Links;
use state::State;
use tls::Authority;

mod connection;
mod control;
mod directory;
mod faults;
mod journal;
mod limiter;
mod links;
mod page;
mod rest;
mod state;
mod tls;
mod wire;

/// How long a shut-down waits for the thread.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// Connections that may wait to be accepted: a burst of a whole batch's, since a lost SYN costs its sender a second.
const BACKLOG: u32 = 4096;

/// What the connections and the owner share.
pub(super) struct Shared {
    token: Secret,
    links: Links,
    in_flight: AtomicI32,
    state: Mutex<State>,
    switchboard: Arc<Switchboard>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn requests(&self, last: usize) -> RequestLog {
        let in_flight = self.in_flight.load(Ordering::Relaxed);
        self.state().journal().read(last, in_flight, self.token.reveal())
    }

    /// The simulator's time, in Unix milliseconds.
    fn now_ms(&self) -> i64 {
        self.switchboard.time().now().unix_ms
    }

    fn set_extensions(&self, extensions: &[SimulatedExtension]) -> Result<Vec<SimulatedExtension>, Error> {
        let known = {
            let mut state = self.state();
            state.set_extensions(extensions)?;
            state.extensions()
        };
        self.switchboard.set_extensions(numbers(&known))?;
        Ok(known)
    }

    fn reset(&self) -> Result<(), Error> {
        let known = {
            let mut state = self.state();
            state.reset()?;
            state.extensions()
        };
        self.switchboard.reset(numbers(&known))
    }
}

pub(super) struct Server {
    shared: Arc<Shared>,
    api_url: String,
    control_url: String,
    root_certificate_pem: Option<String>,
    clock: Option<Arc<Clock>>,
    open: AtomicBool,
    running: Mutex<Option<Running>>,
}

/// The thread, and the two ends by which it is stopped: dropping `stop` asks it to end, `ended` tells that it has.
struct Running {
    stop: oneshot::Sender<()>,
    ended: Receiver<()>,
    thread: JoinHandle<()>,
}

impl Server {
    pub(super) fn start(config: SimulatorConfig, token: String) -> Result<Self, Error> {
        check_token(&token)?;
        let port = u16::try_from(config.port).map_err(|_| Error::invalid("port", "is not between 0 and 65535"))?;
        let authority = if config.tls { Some(Authority::make()?) } else { None };
        let scheme = if config.tls { "https" } else { "http" };
        let state = State::new(config.extensions, config.rate_limit)?;
        let clock = config.virtual_time.then(|| Arc::new(Clock::simulated(unix_ms())));
        let switchboard = Switchboard::new(Time::by(clock.clone())?, numbers(&state.extensions()));

        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(|_| Error::internal("the simulator's runtime could not be made"))?;
        let (api, api_port) = listen(&runtime, port)?;
        let (control, control_port) = listen(&runtime, 0)?;
        let links = Links::new(scheme, format!("127.0.0.1:{api_port}"), config.url_lifetime_ms)?;
        let (root_certificate_pem, acceptor) = authority.map(Authority::into_parts).unzip();

        let shared = Arc::new(Shared {
            token: Secret::new(token),
            links,
            in_flight: AtomicI32::new(0),
            state: Mutex::new(state),
            switchboard,
        });
        runtime.spawn(connection::accept(api, Room::Api { tls: acceptor }, Arc::clone(&shared)));
        runtime.spawn(connection::accept(control, Room::Control, Arc::clone(&shared)));
        Ok(Self {
            shared,
            api_url: format!("{scheme}://127.0.0.1:{api_port}"),
            control_url: format!("http://127.0.0.1:{control_port}"),
            root_certificate_pem,
            clock,
            open: AtomicBool::new(true),
            running: Mutex::new(Some(Running::start(runtime)?)),
        })
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    pub(super) fn token(&self) -> String {
        self.shared.token.reveal().to_owned()
    }

    pub(super) fn api_url(&self) -> String {
        self.api_url.clone()
    }

    pub(super) fn control_url(&self) -> String {
        self.control_url.clone()
    }

    pub(super) fn root_certificate_pem(&self) -> Option<String> {
        self.root_certificate_pem.clone()
    }

    pub(super) fn add_fault(&self, rule: FaultRule) -> Result<(), Error> {
        self.shared.state().faults().add(rule)
    }

    pub(super) fn clear_faults(&self) {
        self.shared.state().faults().clear();
    }

    pub(super) fn requests(&self, last: usize) -> RequestLog {
        self.shared.requests(last)
    }

    pub(super) fn forget_requests(&self) {
        self.shared.state().journal().clear();
    }

    pub(super) fn extensions(&self) -> Vec<SimulatedExtension> {
        self.shared.state().extensions()
    }

    pub(super) fn set_extensions(&self, extensions: &[SimulatedExtension]) -> Result<(), Error> {
        self.shared.set_extensions(extensions).map(drop)
    }

    pub(super) fn reset(&self) -> Result<(), Error> {
        self.shared.reset()
    }

    pub(super) fn switchboard(&self) -> Arc<Switchboard> {
        Arc::clone(&self.shared.switchboard)
    }

    pub(super) fn clock(&self) -> Option<Arc<Clock>> {
        self.clock.clone()
    }

    /// Asks the thread to end and waits. A second caller waits for the first.
    pub(super) fn shut_down(&self) {
        self.open.store(false, Ordering::Release);
        self.shared.switchboard.shut_down();
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = running.take() {
            running.stop();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shut_down();
    }
}

impl Running {
    fn start(runtime: Runtime) -> Result<Self, Error> {
        let (stop, stopped) = oneshot::channel::<()>();
        let (end, ended) = mpsc::channel::<()>();
        let thread = thread::Builder::new()
            .name("webphone-simulator".to_owned())
            .spawn(move || {
                let _quiet = NoSigpipe::here();
                // Ends when the other half is dropped; nothing is ever sent.
                let _ = runtime.block_on(stopped);
                // Ends every task, and with them closes every socket.
                drop(runtime);
                drop(end);
            })
            .map_err(|_| Error::internal("the simulator's thread could not be started"))?;
        Ok(Self { stop, ended, thread })
    }

    fn stop(self) {
        drop(self.stop);
        if self.ended.recv_timeout(STOP_TIMEOUT) == Err(mpsc::RecvTimeoutError::Disconnected) {
            // It has ended; what it returns is of no interest, a panic inside was reported when it happened.
            let _ = self.thread.join();
        }
    }
}

fn numbers(extensions: &[SimulatedExtension]) -> impl Iterator<Item = &str> {
    extensions.iter().map(|extension| extension.number.as_str())
}

/// A listener on 127.0.0.1 and its port.
fn listen(runtime: &Runtime, port: u16) -> Result<(TcpListener, u16), Error> {
    let _context = runtime.enter();
    let bind = || {
        let socket = TcpSocket::new_v4()?;
        // A fixed port can be used again at once; on Windows the option would let two programs share it.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
        let listener = socket.listen(BACKLOG)?;
        let port = listener.local_addr()?.port();
        Ok((listener, port))
    };
    bind().map_err(|error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AddrInUse => Error::invalid("port", "is in use by another program"),
        std::io::ErrorKind::PermissionDenied => Error::invalid("port", "may not be used by this user"),
        kind => Error::internal(format!("the simulator could not listen: {kind}")),
    })
}

/// The token has to fit into a header as it is.
fn check_token(token: &str) -> Result<(), Error> {
    if token.is_empty() {
        Err(Error::invalid("token", "is empty"))
    } else if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        Err(Error::invalid("token", "holds a space, a control character or a letter outside ASCII"))
    } else {
        Ok(())
    }
}

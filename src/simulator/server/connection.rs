//! Connections: accepted, perhaps encrypted, then HTTP/1.1 until a fault or a phone's page takes them over.

use std::cell::Cell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::page::Link;
use super::rest::Outcome;
use super::wire::Ending;
use super::{Shared, control, rest};

/// The rest after a failure to accept: it has to do with resources, and they don't come back at once.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// What a listener leads to.
#[derive(Clone)]
pub(super) enum Room {
    Api { tls: Option<TlsAcceptor> },
    Control,
}

pub(super) async fn accept(listener: TcpListener, room: Room, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                if matches!(room, Room::Api { .. }) && shared.state().faults().refuse_connection() {
                    continue;
                }
                tokio::spawn(serve(stream, room.clone(), Arc::clone(&shared)));
            }
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// Serves one connection to its end. Whatever ends it early is the other side's affair.
async fn serve(stream: TcpStream, room: Room, shared: Arc<Shared>) {
    // Without it a small answer may wait for an acknowledgement.
    let _ = stream.set_nodelay(true);
    let io = match &room {
        Room::Api { tls: Some(acceptor) } => match acceptor.accept(stream).await {
            Ok(stream) => Io::Tls(Box::new(stream)),
            Err(_) => return,
        },
        Room::Api { tls: None } | Room::Control => Io::Plain(stream),
    };
    let service = Visitor { is_control: matches!(room, Room::Control), shared, takeover: Cell::new(None) };
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(io), service);
    let result = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let parts = connection.into_parts();
    let mut io = parts.io.into_inner();
    match parts.service.takeover.take() {
        Some(Takeover::Fault(ending)) => {
            let _in_flight = InFlight::new(parts.service.shared);
            let _ = ending.play(io).await;
        }
        Some(Takeover::Page(link)) => link.serve(io, parts.read_buf, &parts.service.shared).await,
        None if result.is_ok() => {
            let _ = io.shutdown().await;
        }
        None => {}
    }
}

/// The service of one connection.
struct Visitor {
    is_control: bool,
    shared: Arc<Shared>,
    /// What takes the connection from HTTP, once something does.
    takeover: Cell<Option<Takeover>>,
}

/// What takes a connection from HTTP.
enum Takeover {
    /// How it ends.
    Fault(Ending),
    /// It becomes the wire of a phone's page.
    Page(Box<Link>),
}

impl Service<Request<Incoming>> for Visitor {
    type Response = Response<Full<Bytes>>;
    type Error = TakenOver;
    type Future = Answer;

    fn call(&self, request: Request<Incoming>) -> Answer {
        let shared = &self.shared;
        if self.is_control {
            return Answer::Later(Box::pin(control::serve(Arc::clone(shared), request)));
        }
        match rest::serve(shared, &request) {
            Outcome::Now(response) => Answer::Now(Some(response)),
            Outcome::After(delay, response) => {
                let in_flight = InFlight::new(Arc::clone(shared));
                Answer::Later(Box::pin(async move {
                    sleep(delay).await;
                    drop(in_flight);
                    response
                }))
            }
            Outcome::End(ending) => {
                self.takeover.set(Some(Takeover::Fault(ending)));
                Answer::Now(None)
            }
            Outcome::Link(link) => {
                self.takeover.set(Some(Takeover::Page(link)));
                Answer::Now(None)
            }
        }
    }
}

/// An answer: nearly always it is there at once, and costs no allocation then.
enum Answer {
    Now(Option<Response<Bytes>>),
    Later(Pin<Box<dyn Future<Output = Response<Bytes>> + Send>>),
}

impl Future for Answer {
    type Output = Result<Response<Full<Bytes>>, TakenOver>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let response = match self.get_mut() {
            Self::Now(response) => response.take(),
            Self::Later(future) => match future.as_mut().poll(context) {
                Poll::Ready(response) => Some(response),
                Poll::Pending => return Poll::Pending,
            },
        };
        Poll::Ready(response.map(|response| response.map(Full::new)).ok_or(TakenOver))
    }
}

/// Tells hyper to let go of a connection without an answer.
#[derive(Debug)]
struct TakenOver;

impl fmt::Display for TakenOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is taken over")
    }
}

impl std::error::Error for TakenOver {}

/// Counts a slow answer while it lasts; dropped too when the other side gives up.
struct InFlight(Arc<Shared>);

impl InFlight {
    fn new(shared: Arc<Shared>) -> Self {
        shared.in_flight.fetch_add(1, Ordering::Relaxed);
        Self(shared)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection, encrypted or not: one type, so that all of HTTP is compiled once.
pub(super) enum Io {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Io {
    pub(super) fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.get_ref().0,
        }
    }

    pub(super) fn tcp_mut(&mut self) -> &mut TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.get_mut().0,
        }
    }
}

impl AsyncRead for Io {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

// Vectored writing stays off: an answer is small, and copied into one buffer it is sent faster.
impl AsyncWrite for Io {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

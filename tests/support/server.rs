//! A raw loopback server: it reads the head of each request, and plays what the test says, byte for byte.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::{KEY, SIGNATURE, soon};

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Play {
    /// Sends these bytes and keeps the connection.
    Send(Vec<u8>),
    /// Sends these bytes and closes the connection.
    Close(Vec<u8>),
    /// Sends these bytes and resets the connection.
    Reset(Vec<u8>),
    /// Sends these bytes one by one.
    Drip(Vec<u8>, Duration),
    /// Sends these bytes, then the others again and again, with a pause between.
    Endless(Vec<u8>, Vec<u8>, Duration),
    /// As a proxy: opens the way to this address.
    Tunnel(SocketAddr),
}

/// What the server saw.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// Somebody connected.
    Connected,
    /// A request came.
    Asked(Request),
    /// The client went away before its request was answered.
    Gone,
    /// A TLS handshake failed.
    HandshakeFailed,
}

/// The head of a request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// How many requests came before it.
    pub(crate) number: usize,
    /// The head as sent, without the empty line.
    pub(crate) head: String,
}

impl Request {
    /// The request line's method.
    pub(crate) fn method(&self) -> &str {
        self.head.split(' ').next().unwrap_or_default()
    }

    /// The request line's target.
    pub(crate) fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// The query as sent.
    pub(crate) fn query(&self) -> &str {
        self.target().split_once('?').map_or("", |(_, query)| query)
    }

    /// The number of the extension that is asked for.
    pub(crate) fn extension(&self) -> usize {
        let value = self.query().split('&').find_map(|pair| pair.strip_prefix("ramal="));
        value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no extension in {}", self.head))
    }

    /// The headers in order, their names in lower case.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect()
    }

    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.headers().into_iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }
}

/// The bytes of an answer with this status and body.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status} X\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    // These two have no body by definition.
    if !matches!(status, 204 | 304) {
        bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

/// The bytes of a success with a URL whose `pop` is this number.
pub(crate) fn success(pop: usize) -> Vec<u8> {
    let url =
        format!("https://api2.totalvoice.com.br/w3/?key={KEY}&pop={pop}&signature={SIGNATURE}&expires=1790000000");
    let body =
        format!(r#"{{"status":200,"sucesso":true,"motivo":0,"mensagem":"url webphone","dados":{{"url":"{url}"}}}}"#);
    answer(200, &[("Content-Type", "application/json")], body.as_bytes())
}

/// The bytes of a refusal.
pub(crate) fn refusal(status: u16, motivo: i64, headers: &[(&str, &str)]) -> Vec<u8> {
    let body = format!(r#"{{"status":{status},"sucesso":false,"motivo":{motivo},"mensagem":"não","dados":null}}"#);
    answer(status, headers, body.as_bytes())
}

/// The bytes of "too many requests".
pub(crate) fn too_many(retry_after: &str) -> Vec<u8> {
    answer(429, &[("Retry-After", retry_after)], br#"{"status":429,"sucesso":false,"mensagem":"devagar"}"#)
}

type Player = Arc<dyn Fn(Request) -> Pin<Box<dyn Future<Output = Play> + Send>> + Send + Sync>;

/// A running server, on a runtime of its own, until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    scheme: &'static str,
    events: UnboundedReceiver<Event>,
    runtime: Option<Runtime>,
}

impl Server {
    /// Serves plain HTTP. While the test makes up its mind, the server watches whether the client goes away.
    pub(crate) fn start<F>(play: impl Fn(Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Play> + Send + 'static,
    {
        Self::listen(None, Arc::new(move |request| Box::pin(play(request))))
    }

    /// Serves HTTPS.
    pub(crate) fn start_tls<F>(acceptor: TlsAcceptor, play: impl Fn(Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Play> + Send + 'static,
    {
        Self::listen(Some(acceptor), Arc::new(move |request| Box::pin(play(request))))
    }

    /// Serves plain HTTP, the same to everybody.
    pub(crate) fn always(play: Play) -> Self {
        Self::start(move |_| std::future::ready(play.clone()))
    }

    /// Serves plain HTTP and never answers.
    pub(crate) fn silent() -> Self {
        Self::start(|_| std::future::pending())
    }

    fn listen(acceptor: Option<TlsAcceptor>, player: Player) -> Self {
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, events) = unbounded_channel();
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            let numbers = Arc::new(AtomicUsize::new(0));
            while let Ok((stream, _)) = listener.accept().await {
                let _ = tell.send(Event::Connected);
                let visit = Visit { numbers: Arc::clone(&numbers), player: Arc::clone(&player), tell: tell.clone() };
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    stream.set_nodelay(true).unwrap();
                    match acceptor {
                        None => visit.serve(stream).await,
                        Some(acceptor) => match acceptor.accept(stream).await {
                            Ok(stream) => visit.serve(stream).await,
                            Err(_) => drop(visit.tell.send(Event::HandshakeFailed)),
                        },
                    }
                });
            }
        });
        Self { address, scheme, events, runtime: Some(runtime) }
    }

    /// The server's address.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The server's base URL, by its address; by its name for HTTPS, whose certificates have names.
    pub(crate) fn base(&self) -> String {
        match self.scheme {
            "https" => format!("https://localhost:{}", self.address.port()),
            scheme => format!("{scheme}://{}", self.address),
        }
    }

    /// The next thing that the server sees.
    pub(crate) async fn event(&mut self) -> Event {
        soon(self.events.recv()).await.unwrap()
    }

    /// The next request that the server sees.
    pub(crate) async fn asked(&mut self) -> Request {
        loop {
            if let Event::Asked(request) = self.event().await {
                return request;
            }
        }
    }

    /// Waits until a client goes away without an answer.
    pub(crate) async fn gone(&mut self) {
        while !matches!(self.event().await, Event::Gone) {}
    }

    /// What the server has seen since the last look.
    pub(crate) fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.events.try_recv().ok()).collect()
    }

    /// The requests that the server has seen since the last look.
    pub(crate) fn requests(&mut self) -> Vec<Request> {
        let asked = |event| if let Event::Asked(request) = event { Some(request) } else { None };
        self.events().into_iter().filter_map(asked).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// One connection.
struct Visit {
    numbers: Arc<AtomicUsize>,
    player: Player,
    tell: UnboundedSender<Event>,
}

impl Visit {
    async fn serve<S: Stream>(self, mut stream: S) {
        while let Some(head) = read_head(&mut stream).await {
            let request = Request { number: self.numbers.fetch_add(1, Ordering::SeqCst), head };
            let _ = self.tell.send(Event::Asked(request.clone()));
            let play = tokio::select! {
                play = (self.player)(request) => play,
                // Nothing comes before the answer: whatever ends this read ends the connection.
                _ = stream.read_u8() => {
                    let _ = self.tell.send(Event::Gone);
                    return;
                }
            };
            if !perform(&mut stream, play).await {
                return;
            }
        }
    }
}

/// Plays; false when the connection is over.
async fn perform<S: Stream>(stream: &mut S, play: Play) -> bool {
    match play {
        Play::Send(bytes) => stream.write_all(&bytes).await.is_ok(),
        Play::Close(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
            false
        }
        Play::Reset(bytes) => {
            let _ = stream.write_all(&bytes).await;
            stream.reset_on_drop();
            false
        }
        Play::Drip(bytes, pause) => {
            for byte in bytes {
                if stream.write_all(&[byte]).await.is_err() || stream.flush().await.is_err() {
                    return false;
                }
                tokio::time::sleep(pause).await;
            }
            true
        }
        Play::Endless(first, again, pause) => {
            let mut sent = stream.write_all(&first).await;
            while sent.is_ok() {
                if !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
                sent = stream.write_all(&again).await;
            }
            false
        }
        Play::Tunnel(address) => {
            if let Ok(mut other) = TcpStream::connect(address).await
                && stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.is_ok()
            {
                let _ = copy_bidirectional(stream, &mut other).await;
            }
            false
        }
    }
}

/// The head of the next request; none when the client went away.
async fn read_head<S: Stream>(stream: &mut S) -> Option<String> {
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => head.extend_from_slice(&piece[..count]),
        }
    }
    head.truncate(head.len() - 4);
    String::from_utf8(head).ok()
}

/// A connection, plain or secure.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {
    /// Lets the connection end by a reset instead of a goodbye.
    fn reset_on_drop(&self);
}

impl Stream for TcpStream {
    fn reset_on_drop(&self) {
        self.set_zero_linger().unwrap();
    }
}

impl Stream for TlsStream<TcpStream> {
    fn reset_on_drop(&self) {
        self.get_ref().0.set_zero_linger().unwrap();
    }
}

//! The wire between a page in a browser and its phone: a WebSocket that the page opens as soon as it runs. As long as it
//! stands, the phone is open.

use std::future::poll_fn;
use std::task::Poll;

use futures_util::{SinkExt, StreamExt};
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap};
use hyper::{Method, Request, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::form::Load;
use super::{Refused, admit, has_cookie, refusal};
use crate::simulator::SimulatedPhoneState;
use crate::simulator::server::Shared;
use crate::simulator::server::connection::Io;
use crate::simulator::server::rest::Outcome;
use crate::simulator::switchboard::{Order, Page, Told};
use crate::url::WebphoneUrl;

/// The largest thing that a page says: what its script found may be a whole page.
const MAX_HEARD: usize = 1024 * 1024;

/// What a page says.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Heard {
    /// Its host, or its own user, posted this.
    Post(Value),
    /// How its microphone is.
    Microphone(String),
    /// What its script found in the page around it.
    Found(String),
}

/// What a page is told, besides what it has to post.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Says<'a> {
    Picture(&'a SimulatedPhoneState),
    Order(&'a Order),
}

/// A page that was let in.
pub(in crate::simulator::server) struct Link {
    extension: String,
    /// The address that it was loaded from, which says what it dials when it opens.
    url: Option<WebphoneUrl>,
    /// What the server has to answer to the browser's key.
    accept: String,
}

/// What becomes of a request for a wire. It is let in by the address of its page.
pub(in crate::simulator::server) fn link<B>(shared: &Shared, request: &Request<B>) -> Outcome {
    let refused = |status, reason| Outcome::Now(refusal(status, reason));
    let headers = request.headers();
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| is_upgrade(request.method(), headers));
    let Some(key) = key else {
        return refused(StatusCode::UPGRADE_REQUIRED, "Isto é um WebSocket");
    };
    let query = request.uri().query().unwrap_or_default();
    let now_ms = shared.now_ms();
    let state = shared.state();
    match admit(shared, state.directory(), query, now_ms) {
        Err(Refused { reason, .. }) => refused(StatusCode::FORBIDDEN, reason),
        Ok((entry, _)) if state.pages().form(&entry.number).load == Load::NeedsCookie && !has_cookie(headers) => {
            drop(entry);
            refused(StatusCode::FORBIDDEN, "Sessão inválida")
        }
        Ok((entry, _)) => Outcome::Link(Box::new(Link {
            extension: entry.number.clone(),
            // Where it is served is of no matter.
            url: WebphoneUrl::parse(format!("http://127.0.0.1/w3/?{query}"), None).ok(),
            accept: derive_accept_key(key.as_bytes()),
        })),
    }
}

fn is_upgrade(method: &Method, headers: &HeaderMap) -> bool {
    let asks = headers.get(header::UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    let speaks = headers.get(header::SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
    method == Method::GET && asks && speaks
}

/// What happens next on a wire.
enum Turn {
    Told(Option<Told>),
    Heard(Option<Result<Message, Error>>),
}

impl Link {
    /// Serves a wire to its end. Whatever ends it early is the other side's affair.
    pub(in crate::simulator::server) async fn serve(self, mut io: Io, read: Bytes, shared: &Shared) {
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n\r\n",
            self.accept
        );
        if io.write_all(head.as_bytes()).await.is_err() {
            return;
        }
        let config = WebSocketConfig::default().max_message_size(Some(MAX_HEARD)).max_frame_size(Some(MAX_HEARD));
        let mut wire = WebSocketStream::from_partially_read(io, read.to_vec(), Role::Server, Some(config)).await;
        shared.state().pages_mut().hears(&self.extension, None);
        match shared.switchboard.open_in_browser(&self.extension, self.url.as_ref()) {
            Ok((page, told)) => carry(&mut wire, &page, told, &self.extension, shared).await,
            // A session of this process holds it, or the extension has just gone.
            Err(_) => drop(say(&mut wire, &Told::Order(Order::Leave)).await),
        }
        // It may have gone first.
        let _ = wire.close(None).await;
    }
}

/// Carries what is said between a page and its phone, until one of them goes.
async fn carry(
    wire: &mut WebSocketStream<Io>,
    page: &Page,
    mut told: UnboundedReceiver<Told>,
    extension: &str,
    shared: &Shared,
) {
    loop {
        let turn = poll_fn(|context| match told.poll_recv(context) {
            Poll::Ready(told) => Poll::Ready(Turn::Told(told)),
            Poll::Pending => wire.poll_next_unpin(context).map(Turn::Heard),
        });
        match turn.await {
            Turn::Told(Some(told)) => {
                let ends = matches!(told, Told::Order(Order::Close | Order::Crash | Order::Leave));
                if say(wire, &told).await.is_err() || ends {
                    return;
                }
            }
            Turn::Heard(Some(Ok(Message::Text(text)))) => match serde_json::from_str(&text) {
                Ok(Heard::Post(message)) => page.post(&message.to_string()),
                Ok(Heard::Microphone(word)) => shared.state().pages_mut().hears(extension, Some(word)),
                Ok(Heard::Found(text)) => shared.state().pages_mut().finds(extension, text),
                Err(_) => {}
            },
            // Pings are answered by the library.
            Turn::Heard(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
            Turn::Told(None) | Turn::Heard(_) => return,
        }
    }
}

/// Tells a page something.
async fn say(wire: &mut WebSocketStream<Io>, told: &Told) -> Result<(), Error> {
    // Records of texts and numbers: there is nothing in them that JSON could not hold.
    let json = |says: &Says<'_>| serde_json::to_string(says).unwrap_or_default();
    let text = match told {
        // It is JSON already.
        Told::Post(text) => format!(r#"{{"post":{text}}}"#),
        Told::Picture(state) => json(&Says::Picture(state)),
        Told::Order(order) => json(&Says::Order(order)),
    };
    wire.send(Message::text(text)).await
}

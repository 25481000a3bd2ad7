//! Bytes on the wire that HTTP does not allow: the connection is taken from hyper and played to its end.

use std::io;
use std::time::Duration;

use hyper::Response;
use hyper::body::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{sleep, timeout};

use super::connection::Io;

/// How long an ended connection waits for the other side to read what is on the way: closed with unread bytes, it would
/// be reset, and what was sent be lost.
const LINGER: Duration = Duration::from_secs(1);

/// What a body without end is made of: white space, so that nothing but its size is wrong.
const FILLER: [u8; 16 * 1024] = [b' '; 16 * 1024];

const GARBAGE: &[u8] = b"\x16\x03\xff\x00 this is not HTTP\x00\xfe\r\n\r\n";

/// How a connection ends that got no answer HTTP could carry.
pub(super) enum Ending {
    Silence,
    Reset,
    Garbage,
    Drip { bytes: Vec<u8>, chunk: usize, pause: Duration },
    Cut { bytes: Vec<u8> },
    Oversized { body: u64 },
    Endless,
}

impl Ending {
    /// Plays the ending and closes the connection. An error means that the other side has gone, which ends it as well.
    pub(super) async fn play(self, mut io: Io) -> io::Result<()> {
        match self {
            Self::Silence => {}
            Self::Reset => return io.tcp().set_zero_linger(),
            Self::Garbage => io.write_all(GARBAGE).await?,
            Self::Drip { bytes, chunk, pause } => {
                for (n, piece) in bytes.chunks(chunk).enumerate() {
                    if n > 0 {
                        sleep(pause).await;
                    }
                    io.write_all(piece).await?;
                    io.flush().await?;
                }
            }
            Self::Cut { bytes } => io.write_all(&bytes).await?,
            Self::Oversized { body } => {
                io.write_all(head(&format!("Content-Length: {body}")).as_bytes()).await?;
                let mut left = body;
                while left > 0 {
                    let piece = FILLER.get(..usize::try_from(left).unwrap_or(FILLER.len())).unwrap_or(&FILLER);
                    io.write_all(piece).await?;
                    left = left.saturating_sub(piece.len() as u64);
                }
            }
            Self::Endless => {
                io.write_all(head("Transfer-Encoding: chunked").as_bytes()).await?;
                let size = format!("{:x}\r\n", FILLER.len());
                loop {
                    io.write_all(size.as_bytes()).await?;
                    io.write_all(&FILLER).await?;
                    io.write_all(b"\r\n").await?;
                }
            }
        }
        close(io).await
    }
}

/// Closes the connection below TLS, without its farewell: to the other side the end comes as a surprise.
async fn close(mut io: Io) -> io::Result<()> {
    io.flush().await?;
    io.tcp_mut().shutdown().await?;
    let mut rest = [0; 1024];
    let drained = async {
        while io.tcp_mut().read(&mut rest).await? > 0 {}
        Ok(())
    };
    timeout(LINGER, drained).await.unwrap_or(Ok(()))
}

/// An answer as bytes, which claims a body of this length, on a connection that closes.
pub(super) fn render(response: &Response<Bytes>, length: usize) -> Vec<u8> {
    let status = response.status();
    let mut bytes =
        format!("HTTP/1.1 {} {}\r\n", status.as_u16(), status.canonical_reason().unwrap_or("-")).into_bytes();
    for (name, value) in response.headers() {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            bytes.extend_from_slice(part);
        }
    }
    bytes.extend_from_slice(format!("content-length: {length}\r\nconnection: close\r\n\r\n").as_bytes());
    bytes.extend_from_slice(response.body());
    bytes
}

fn head(framing: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{framing}\r\nConnection: close\r\n\r\n")
}

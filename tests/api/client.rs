//! The client on real sockets: whatever happens to a connection ends in its own typed error and within its timeout,
//! retries keep to their rules, and nothing is sent that shouldn't be.

use std::ffi::OsStr;
use std::future::{pending, ready};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use webphone::api::{FetchOperation, FetchStarted};
use webphone::{AnswerProblem, BaseUrl, Client, ClientConfig, Error, Proxy, UnreachableCause, WebphoneUrl, blocking};

use crate::support::authority::Authority;
use crate::support::server::{Event, Play, Server, answer, refusal, success, too_many};
use crate::support::{
    self, PASSWORD, TOKEN, alone, assert_no_secret, assert_passes, client, fetch, once, request, soon,
};

type Fetched = Result<Arc<WebphoneUrl>, Error>;

/// An address where nobody listens.
fn nobody() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

/// Base URL of a host that takes connections and then says nothing; it lives as long as the listener.
fn mute() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let base = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    (listener, base)
}

#[track_caller]
fn assert_unreachable(result: &Fetched, cause: UnreachableCause, attempts: i32) {
    assert_eq!(*result, Err(Error::Unreachable { cause, attempts }));
    assert_no_secret(&format!("{result:?} {}", result.as_ref().unwrap_err().describe()));
}

#[track_caller]
fn assert_unexpected(result: &Fetched, http_status: i32, problem: AnswerProblem) {
    assert_eq!(*result, Err(Error::UnexpectedAnswer { http_status, problem, attempts: 1 }));
    assert_no_secret(&format!("{result:?} {}", result.as_ref().unwrap_err().describe()));
}

/// Fetches once from a server that always plays this.
async fn fetch_from(play: Play) -> Fetched {
    let server = Server::always(play);
    soon(fetch(once(&server.base()))).await
}

mod faults {
    use super::*;

    #[tokio::test]
    async fn refused() {
        let result = soon(fetch(once(&format!("http://{}", nobody())))).await;
        assert_unreachable(&result, UnreachableCause::ConnectionRefused, 1);
    }

    #[tokio::test]
    async fn host_without_address() {
        let config = ClientConfig { timeout_ms: 25_000, ..once("https://webphone-api.invalid") };
        assert_unreachable(&soon(fetch(config)).await, UnreachableCause::Dns, 1);
    }

    #[tokio::test]
    async fn closed_or_reset_before_an_answer() {
        for play in [
            Play::Close(vec![]),
            Play::Reset(vec![]),
            Play::Close(b"HTTP/1.1 200 OK\r\nContent-".to_vec()),
            Play::Reset(b"HTTP/1".to_vec()),
        ] {
            assert_unreachable(&fetch_from(play).await, UnreachableCause::ConnectionReset, 1);
        }
    }

    #[tokio::test]
    async fn cut_in_its_body() {
        let mut whole = success(1);
        whole.truncate(whole.len() - 10);
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"suc".to_vec();
        for play in [Play::Close(whole.clone()), Play::Reset(whole), Play::Close(chunked)] {
            assert_unreachable(&fetch_from(play).await, UnreachableCause::AnswerCut, 1);
        }
    }

    #[tokio::test]
    async fn too_slow_to_answer() {
        let mut server = Server::silent();
        let begun = Instant::now();
        let result = soon(fetch(ClientConfig { timeout_ms: 200, ..once(&server.base()) })).await;
        assert_unreachable(&result, UnreachableCause::Timeout, 1);
        assert!(begun.elapsed() >= Duration::from_millis(200));
        server.gone().await;
    }

    #[tokio::test]
    async fn too_slow_in_its_head_or_body() {
        let body = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for play in [
            Play::Drip(success(1), Duration::from_millis(20)),
            // As slow, once its head is there.
            Play::Endless(body, b"1\r\n \r\n".to_vec(), Duration::from_millis(20)),
        ] {
            let server = Server::always(play);
            let result = soon(fetch(ClientConfig { timeout_ms: 300, ..once(&server.base()) })).await;
            assert_unreachable(&result, UnreachableCause::Timeout, 1);
        }
    }

    #[tokio::test]
    async fn slow_but_in_time() {
        let result = fetch_from(Play::Drip(success(1), Duration::from_micros(100))).await;
        assert!(result.is_ok(), "{result:?}");
    }

    #[tokio::test]
    async fn oversized() {
        let claimed = b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n{".to_vec();
        let beyond = b"HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n{".to_vec();
        let endless = Play::Endless(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
            b"400\r\n".iter().chain(&[b' '; 1024]).chain(b"\r\n").copied().collect(),
            Duration::ZERO,
        );
        let without_length = Play::Endless(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b' '; 1024], Duration::ZERO);
        for play in [Play::Send(claimed), Play::Send(beyond), endless, without_length] {
            assert_unexpected(&fetch_from(play).await, 200, AnswerProblem::TooLarge);
        }
    }

    #[tokio::test]
    async fn a_head_without_end() {
        let more = b"X-More: and more and more and more\r\n".to_vec();
        let play = Play::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), more, Duration::ZERO);
        let result = fetch_from(play).await;
        assert_unexpected(&result, 0, AnswerProblem::NotHttp);
    }

    #[tokio::test]
    async fn garbage() {
        for garbage in [
            "SSH-2.0-OpenSSH_9.6\r\n\r\n",
            "\0\x01\x02\x03\x04\r\n\r\n",
            "HTTP/9.9 200 OK\r\n\r\n",
            "HTTP/1.1 abc OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno header at all\r\n\r\n",
        ] {
            let result = fetch_from(Play::Close(garbage.as_bytes().to_vec())).await;
            assert_unexpected(&result, 0, AnswerProblem::NotHttp);
        }
    }

    #[tokio::test]
    async fn the_wrong_type() {
        let page = answer(200, &[("Content-Type", "text/html")], b"<html><title>Welcome</title></html>");
        assert_unexpected(&fetch_from(Play::Send(page)).await, 200, AnswerProblem::NotJson);
        let image = answer(200, &[("Content-Type", "image/png")], b"\x89PNG\r\n\x1a\n");
        assert_unexpected(&fetch_from(Play::Send(image)).await, 200, AnswerProblem::NotText);
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed_and_the_token_goes_nowhere() {
        for status in [301, 302, 303, 307, 308] {
            let mut elsewhere = Server::always(Play::Send(success(1)));
            let there = format!("{}/webphone?ramal=4000", elsewhere.base());
            let server = Server::always(Play::Send(answer(status, &[("Location", &there)], b"")));
            let result = soon(fetch(once(&server.base()))).await;
            assert_unexpected(&result, status.into(), AnswerProblem::Redirect);
            assert!(elsewhere.events().is_empty());
        }
    }

    #[tokio::test]
    async fn an_interim_answer_is_not_the_answer() {
        let bytes = [b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".as_slice(), &success(1)].concat();
        let result = fetch_from(Play::Send(bytes)).await;
        assert!(result.is_ok(), "{result:?}");
    }
}

mod tls {
    use super::*;

    /// Fetches from a server with this certificate; nothing may be said to one that is not trusted.
    async fn fetch_trusting(acceptor: tokio_rustls::TlsAcceptor, trusted: Option<String>) -> Fetched {
        let mut server = Server::start_tls(acceptor, |_| ready(Play::Send(success(1))));
        let config = ClientConfig { root_certificates_pem: trusted, max_retries: 3, ..once(&server.base()) };
        let result = soon(fetch(config)).await;
        if result.is_err() {
            assert!(server.requests().is_empty());
        }
        result
    }

    #[tokio::test]
    async fn an_authority_of_the_callers_is_trusted() {
        let authority = Authority::new();
        let result = fetch_trusting(authority.server("localhost"), Some(authority.pem())).await;
        assert!(result.is_ok(), "{result:?}");
    }

    #[tokio::test]
    async fn two_authorities_in_one_text() {
        let authority = Authority::new();
        let both = format!("# somebody\n{}\n# somebody else\n{}", Authority::new().pem(), authority.pem());
        let result = fetch_trusting(authority.server("localhost"), Some(both)).await;
        assert!(result.is_ok(), "{result:?}");
    }

    #[tokio::test]
    async fn an_unknown_authority_is_not_and_trying_again_does_not_help() {
        let authority = Authority::new();
        assert_unreachable(&fetch_trusting(authority.server("localhost"), None).await, UnreachableCause::Tls, 1);
        let other = Some(Authority::new().pem());
        let result = fetch_trusting(authority.server("localhost"), other).await;
        assert_unreachable(&result, UnreachableCause::Tls, 1);
        assert!(!result.unwrap_err().is_retryable());
    }

    #[tokio::test]
    async fn a_wrong_name() {
        let authority = Authority::new();
        let result = fetch_trusting(authority.server("api2.totalvoice.com.br"), Some(authority.pem())).await;
        assert_unreachable(&result, UnreachableCause::Tls, 1);
    }

    #[tokio::test]
    async fn an_expired_certificate() {
        let authority = Authority::new();
        let result = fetch_trusting(authority.expired_server("localhost"), Some(authority.pem())).await;
        assert_unreachable(&result, UnreachableCause::Tls, 1);
    }

    #[tokio::test]
    async fn a_host_that_does_not_speak_tls() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let base = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let speaker = std::thread::spawn(move || {
            use std::io::{Read, Write};
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        });
        assert_unreachable(&soon(fetch(once(&base))).await, UnreachableCause::Tls, 1);
        speaker.join().unwrap();
    }

    #[tokio::test]
    async fn a_host_that_goes_away_in_the_handshake() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let base = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let leaver = std::thread::spawn(move || {
            use std::io::Read;
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]);
        });
        assert_unreachable(&soon(fetch(once(&base))).await, UnreachableCause::ConnectionReset, 1);
        leaver.join().unwrap();
    }

    #[tokio::test]
    async fn an_answer_that_is_cut_or_reset() {
        let authority = Authority::new();
        let mut bytes = success(1);
        bytes.truncate(bytes.len() - 10);
        for play in [Play::Close(bytes.clone()), Play::Reset(bytes)] {
            let server = Server::start_tls(authority.server("localhost"), move |_| ready(play.clone()));
            let config = ClientConfig { root_certificates_pem: Some(authority.pem()), ..once(&server.base()) };
            assert_unreachable(&soon(fetch(config)).await, UnreachableCause::AnswerCut, 1);
        }
    }
}

mod timeouts {
    use super::*;

    #[tokio::test]
    async fn a_connection_that_does_not_open_in_time() {
        let (_listener, base) = mute();
        let begun = Instant::now();
        let result = soon(fetch(ClientConfig { connect_timeout_ms: 150, ..once(&base) })).await;
        assert_unreachable(&result, UnreachableCause::ConnectTimeout, 1);
        let took = begun.elapsed();
        assert!(took >= Duration::from_millis(150) && took < Duration::from_secs(10), "{took:?}");
    }

    #[tokio::test]
    async fn the_total_timeout_ends_a_connect_too() {
        let (_listener, base) = mute();
        let result = soon(fetch(ClientConfig { timeout_ms: 150, ..once(&base) })).await;
        assert_unreachable(&result, UnreachableCause::Timeout, 1);
    }

    #[tokio::test]
    async fn connect_timeouts_are_tried_again_within_the_total() {
        let (_listener, base) = mute();
        let config = ClientConfig { connect_timeout_ms: 50, timeout_ms: 20_000, max_retries: 2, ..once(&base) };
        assert_unreachable(&soon(fetch(config)).await, UnreachableCause::ConnectTimeout, 3);
    }

    #[tokio::test]
    async fn retries_never_go_past_the_total() {
        let server = Server::always(Play::Send(refusal(503, 50, &[])));
        let begun = Instant::now();
        let config = ClientConfig { timeout_ms: 400, max_retries: 10, ..once(&server.base()) };
        let error = soon(fetch(config)).await.unwrap_err();
        // The last attempt may have been cut short by the end of the time.
        let timeout = matches!(error, Error::Unreachable { cause: UnreachableCause::Timeout, .. });
        assert!(timeout || matches!(error, Error::Unavailable { .. }), "{error:?}");
        assert!(error.attempts() < 11, "{error:?}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
}

mod retries {
    use super::*;

    /// A server that plays these one after the other, then the last again and again.
    fn one_after_the_other(plays: Vec<Play>) -> Server {
        Server::start(move |request| ready(plays[request.number.min(plays.len() - 1)].clone()))
    }

    fn patient(server: &Server, max_retries: i32) -> ClientConfig {
        ClientConfig { max_retries, ..once(&server.base()) }
    }

    #[tokio::test]
    async fn what_passes_is_tried_again() {
        let unavailable = |status| Play::Send(refusal(status, 50, &[("Retry-After", "0")]));
        for passing in [
            Play::Close(vec![]),
            Play::Reset(vec![]),
            Play::Send(too_many("0")),
            unavailable(502),
            unavailable(503),
            unavailable(504),
            Play::Send(answer(502, &[("Content-Type", "text/html")], b"<h1>Bad Gateway</h1>")),
        ] {
            let mut server = one_after_the_other(vec![passing.clone(), passing.clone(), Play::Send(success(1))]);
            let result = soon(fetch(patient(&server, 3))).await;
            assert!(result.is_ok(), "{passing:?}: {result:?}");
            assert_eq!(server.requests().len(), 3, "{passing:?}");
        }
    }

    #[tokio::test]
    async fn what_does_not_pass_is_sent_once() {
        for (play, code) in [
            (Play::Send(refusal(401, 40, &[])), "unauthorized"),
            (Play::Send(refusal(403, 8, &[])), "refused"),
            (Play::Send(refusal(404, 60, &[])), "refused"),
            (Play::Send(refusal(500, 50, &[("Retry-After", "0")])), "unavailable"),
            (Play::Send(refusal(501, 30, &[])), "refused"),
            (Play::Send(answer(200, &[], b"<html>")), "unexpected_answer"),
            (Play::Send(answer(302, &[("Location", "/")], b"")), "unexpected_answer"),
            (Play::Close(b"not HTTP at all\r\n\r\n".to_vec()), "unexpected_answer"),
            (Play::Close(success(1)[..100].to_vec()), "unreachable"),
        ] {
            let mut server = Server::always(play.clone());
            let error = soon(fetch(patient(&server, 3))).await.unwrap_err();
            assert_eq!((error.code().as_str(), error.attempts()), (code, 1), "{play:?}: {error:?}");
            assert_eq!(server.requests().len(), 1, "{play:?}");
        }
    }

    #[tokio::test]
    async fn their_number_is_the_configurations() {
        for max_retries in [0, 1, 4] {
            let mut server = Server::always(Play::Send(too_many("0")));
            let error = soon(fetch(patient(&server, max_retries))).await.unwrap_err();
            assert!(matches!(error, Error::RateLimited { retry_after_ms: Some(0), .. }), "{error:?}");
            assert_eq!(error.attempts(), max_retries + 1);
            assert_eq!(server.requests().len(), usize::try_from(max_retries).unwrap() + 1);
        }
    }

    #[tokio::test]
    async fn a_refused_connection_is_tried_again() {
        let config = ClientConfig { max_retries: 2, ..once(&format!("http://{}", nobody())) };
        assert_unreachable(&soon(fetch(config)).await, UnreachableCause::ConnectionRefused, 3);
    }

    #[tokio::test]
    async fn the_api_says_how_long_to_wait() {
        for passing in [too_many("1"), refusal(503, 50, &[("Retry-After", "1")])] {
            let server = one_after_the_other(vec![Play::Send(passing), Play::Send(success(1))]);
            let begun = Instant::now();
            let result = soon(fetch(patient(&server, 1))).await;
            assert!(result.is_ok(), "{result:?}");
            assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
        }
    }

    #[tokio::test]
    async fn or_until_when() {
        // Dates have whole seconds: three from now are more than one away, however the second is cut.
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3));
        let server = one_after_the_other(vec![Play::Send(too_many(&date)), Play::Send(success(1))]);
        let begun = Instant::now();
        let result = soon(fetch(patient(&server, 1))).await;
        assert!(result.is_ok(), "{result:?}");
        assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn a_wait_that_does_not_fit_is_handed_to_the_caller_at_once() {
        for wait in ["3600", "99999999999"] {
            let mut server = Server::always(Play::Send(too_many(wait)));
            let begun = Instant::now();
            let error = soon(fetch(patient(&server, 3))).await.unwrap_err();
            assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
            assert!(error.retry_after_ms() >= Some(3_600_000), "{error:?}");
            assert_eq!((error.attempts(), server.requests().len()), (1, 1));
        }
    }

    #[tokio::test]
    async fn a_kept_connection_that_the_server_closed_is_replaced() {
        let server = Server::start(|request| {
            ready(if request.number == 0 { Play::Close(success(1)) } else { Play::Send(success(2)) })
        });
        // Whether the client sees the end before it sends again is a race: if not, it takes another attempt.
        let client = client(patient(&server, 1));
        for _ in 0..4 {
            let result = soon(client.fetch(request())).await;
            assert!(result.is_ok(), "{result:?}");
        }
    }
}

mod wire {
    use super::*;

    #[tokio::test]
    async fn exactly_these_headers_are_sent() {
        let mut server = Server::always(Play::Send(success(1)));
        soon(fetch(once(&server.base()))).await.unwrap();
        let asked = server.asked().await;
        assert!(asked.head.starts_with("GET /webphone?ramal=4000&tipo=floating HTTP/1.1\r\n"), "{}", asked.head);
        let mut headers = asked.headers();
        headers.sort();
        let expected = [
            ("accept", "application/json"),
            ("access-token", TOKEN),
            ("host", &server.address().to_string()),
            ("user-agent", concat!("webphone/", env!("CARGO_PKG_VERSION"))),
        ];
        assert_eq!(headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[tokio::test]
    async fn the_base_may_have_a_path_and_the_user_agent_may_be_another() {
        let mut server = Server::always(Play::Send(success(1)));
        let config = ClientConfig {
            user_agent: Some("central/2.0 (+suporte)".into()),
            ..once(&format!("{}/voz/", server.base()))
        };
        soon(fetch(config)).await.unwrap();
        let asked = server.asked().await;
        assert_eq!(asked.target(), "/voz/webphone?ramal=4000&tipo=floating");
        assert_eq!(asked.header("user-agent").as_deref(), Some("central/2.0 (+suporte)"));
    }

    #[tokio::test]
    async fn a_token_of_any_printable_signs_arrives_as_it_is() {
        let token: String = (b'!'..=b'~').map(char::from).collect();
        let mut server = Server::always(Play::Send(success(1)));
        let client = Client::new(token.clone(), once(&server.base())).unwrap();
        soon(client.fetch(request())).await.unwrap();
        assert_eq!(server.asked().await.header("access-token"), Some(token));
    }

    #[tokio::test]
    async fn connections_are_kept_and_cookies_are_not() {
        let bytes = success(1);
        let bytes = String::from_utf8(bytes).unwrap().replacen("\r\n", "\r\nSet-Cookie: a=b\r\n", 1).into_bytes();
        let mut server = Server::always(Play::Send(bytes));
        let client = client(once(&server.base()));
        let begun = Instant::now();
        let mut kept = false;
        // A connection is free again a moment after its answer was read: the very next request may be too early for it.
        while !kept {
            soon(client.fetch(request())).await.unwrap();
            let events = server.events();
            kept = !events.iter().any(|event| matches!(event, Event::Connected));
            for event in &events {
                if let Event::Asked(request) = event {
                    assert_eq!(request.header("cookie"), None);
                }
            }
            assert!(begun.elapsed() < support::HANG);
        }
    }

    #[tokio::test]
    async fn nothing_is_sent_for_what_is_refused_here() {
        let mut server = Server::always(Play::Send(success(1)));
        let client = client(once(&server.base()));
        let error = soon(client.fetch(webphone::Extension::number("40 00").into())).await.unwrap_err();
        assert_eq!((error.code().as_str(), error.attempts()), ("invalid", 0));
        assert!(server.events().is_empty());
    }
}

mod proxies {
    use super::*;

    fn through(proxy: &Server, username: Option<&str>, config: ClientConfig) -> ClientConfig {
        let password = username.map(|_| PASSWORD.to_owned());
        let proxy = Proxy::new(format!("http://{}", proxy.address()), username.map(str::to_owned), password).unwrap();
        ClientConfig { proxy: Some(Arc::new(proxy)), ..config }
    }

    /// The published hosts themselves, with a proxy and an authority between: all but the vendor is real.
    #[tokio::test]
    async fn the_published_hosts_through_a_proxy_with_credentials() {
        let authority = Authority::new();
        for (base_url, host) in
            [(BaseUrl::TotalVoice, "api2.totalvoice.com.br"), (BaseUrl::Zenvia, "voice-api.zenvia.com")]
        {
            let mut server = Server::start_tls(authority.server(host), |_| ready(Play::Send(success(1))));
            let address = server.address();
            let mut proxy = Server::start(move |_| ready(Play::Tunnel(address)));
            let config =
                ClientConfig { base_url, root_certificates_pem: Some(authority.pem()), ..ClientConfig::default() };
            let result = soon(fetch(through(&proxy, Some("me"), config))).await;
            assert!(result.is_ok(), "{result:?}");

            let connect = proxy.asked().await;
            assert_eq!((connect.method(), connect.target()), ("CONNECT", format!("{host}:443").as_str()));
            let credentials = connect.header("proxy-authorization").unwrap();
            assert_eq!(credentials, format!("Basic {}", base64(&format!("me:{PASSWORD}"))));
            assert_no_secret(&connect.head);

            let asked = server.asked().await;
            assert_eq!(asked.header("access-token").as_deref(), Some(TOKEN));
            assert_eq!(asked.header("host").as_deref(), Some(host));
            assert_eq!(asked.header("proxy-authorization"), None);
        }
    }

    fn base64(text: &str) -> String {
        use ::base64::Engine;
        ::base64::engine::general_purpose::STANDARD.encode(text)
    }

    /// What a proxy is asked for goes to it in TLS, and what is sent through it in TLS of its own.
    #[tokio::test]
    async fn a_proxy_that_speaks_tls() {
        let (authority, its_authority) = (Authority::new(), Authority::new());
        let mut server =
            Server::start_tls(authority.server("api2.totalvoice.com.br"), |_| ready(Play::Send(success(1))));
        let address = server.address();
        let mut proxy = Server::start_tls(its_authority.server("localhost"), move |_| ready(Play::Tunnel(address)));
        let via = Proxy::new(proxy.base(), Some("me".into()), Some(PASSWORD.into())).unwrap();
        let trusting = |pem: String| ClientConfig {
            proxy: Some(Arc::new(via.clone())),
            root_certificates_pem: Some(pem),
            max_retries: 0,
            ..ClientConfig::default()
        };
        let result = soon(fetch(trusting(authority.pem() + &its_authority.pem()))).await;
        assert!(result.is_ok(), "{result:?}");
        let connect = proxy.asked().await;
        assert_eq!((connect.method(), connect.target()), ("CONNECT", "api2.totalvoice.com.br:443"));
        let credentials = connect.header("proxy-authorization").unwrap();
        assert_eq!(credentials, format!("Basic {}", base64(&format!("me:{PASSWORD}"))));
        assert_no_secret(&connect.head);
        let asked = server.asked().await;
        assert_eq!((asked.header("access-token").as_deref(), asked.header("proxy-authorization")), (Some(TOKEN), None));

        // A proxy that nobody vouches for is told nothing.
        assert_unreachable(&soon(fetch(trusting(authority.pem()))).await, UnreachableCause::Tls, 1);
        assert!(proxy.requests().is_empty() && server.requests().is_empty());
    }

    #[tokio::test]
    async fn a_proxy_that_does_not_open_the_way() {
        for status in [400, 403, 407, 500, 502] {
            let mut proxy = Server::always(Play::Send(answer(status, &[("Proxy-Authenticate", "Basic")], b"no")));
            let result = soon(fetch(through(&proxy, Some("me"), ClientConfig::default()))).await;
            assert_unreachable(&result, UnreachableCause::Proxy, 1);
            let asked = proxy.requests();
            assert_eq!(asked.len(), 1, "trying again does not help");
            assert_eq!(asked[0].header("access-token"), None);
        }
    }

    #[tokio::test]
    async fn a_proxy_that_goes_away_or_talks_nonsense() {
        for play in [Play::Close(vec![]), Play::Reset(vec![]), Play::Close(b"hello\r\n\r\n".to_vec())] {
            let proxy = Server::always(play.clone());
            let config = ClientConfig { max_retries: 0, ..ClientConfig::default() };
            let result = soon(fetch(through(&proxy, None, config))).await;
            assert!(
                matches!(
                    result,
                    Err(Error::Unreachable {
                        cause: UnreachableCause::Proxy | UnreachableCause::ConnectionReset,
                        attempts: 1
                    })
                ),
                "{play:?}: {result:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_proxy_that_is_not_there() {
        let proxy = Proxy::new(format!("http://{}", nobody()), None, None).unwrap();
        let config = ClientConfig { proxy: Some(Arc::new(proxy)), max_retries: 1, ..ClientConfig::default() };
        let result = soon(fetch(config)).await;
        assert_unreachable(&result, UnreachableCause::ConnectionRefused, 2);
        assert!(result.unwrap_err().describe().contains("proxy"));
    }

    #[tokio::test]
    async fn a_proxy_that_is_mute() {
        let mut proxy = Server::silent();
        let config = ClientConfig { connect_timeout_ms: 150, max_retries: 0, ..ClientConfig::default() };
        let result = soon(fetch(through(&proxy, None, config))).await;
        assert_unreachable(&result, UnreachableCause::ConnectTimeout, 1);
        proxy.gone().await;
    }

    #[tokio::test]
    async fn plain_http_takes_a_proxy_on_this_machine_only() {
        let mut server = Server::always(Play::Send(success(1)));
        let mut proxy = Server::always(Play::Send(success(2)));
        soon(fetch(through(&proxy, None, once("http://127.0.0.1:9")))).await.unwrap();
        assert_eq!(proxy.asked().await.target(), "http://127.0.0.1:9/webphone?ramal=4000&tipo=floating");

        // Elsewhere the token would travel in the open.
        let elsewhere = Arc::new(Proxy::new("http://proxy.invalid:3128".into(), None, None).unwrap());
        let config = ClientConfig { proxy: Some(elsewhere), ..once(&server.base()) };
        let error = Client::new(TOKEN.into(), config).unwrap_err();
        assert!(matches!(&error, Error::Invalid { field, .. } if field == "proxy"), "{error:?}");
        assert!(server.events().is_empty());
    }

    /// In a process of its own, since the environment is the process's.
    #[test]
    fn the_environments_proxies_are_not_used() {
        const INNER: &str = "WEBPHONE_TEST_BASE";
        if let Ok(base) = std::env::var(INNER) {
            let client = blocking::Client::new(TOKEN, once(&base)).unwrap();
            client.fetch(request()).unwrap();
            return;
        }
        let mut server = Server::always(Play::Send(success(1)));
        let mut proxy = Server::always(Play::Send(refusal(403, 8, &[])));
        let mut inner = alone(module_path!(), "the_environments_proxies_are_not_used");
        inner.env(INNER, server.base());
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            inner.env(name, proxy.base());
        }
        inner.env_remove("NO_PROXY").env_remove("no_proxy");
        assert_passes(&mut inner);
        assert!(proxy.events().is_empty());
        assert_eq!(server.requests().len(), 1);
    }
}

/// Each in a process of its own, since the environment is the process's.
mod environment {
    use super::*;

    const TOKEN_VARIABLE: &str = "TOTALVOICE_ACCESS_TOKEN";
    const BASE_VARIABLE: &str = "WEBPHONE_BASE_URL";

    /// Runs this test alone in another process, with these values in the two variables.
    fn within(test: &str, inner: &str, says: &str, token: Option<&OsStr>, base: Option<&OsStr>) {
        let mut process = alone(module_path!(), test);
        process.env(inner, says);
        for (name, value) in [(TOKEN_VARIABLE, token), (BASE_VARIABLE, base)] {
            match value {
                Some(value) => process.env(name, value),
                None => process.env_remove(name),
            };
        }
        assert_passes(&mut process);
    }

    #[test]
    fn gives_the_token_and_the_base() {
        const INNER: &str = "WEBPHONE_TEST_ELSEWHERE";
        if let Ok(elsewhere) = std::env::var(INNER) {
            blocking::Client::from_environment(ClientConfig::default()).unwrap().fetch(request()).unwrap();
            // What is asked for by name is not replaced.
            blocking::Client::from_environment(once(&elsewhere)).unwrap().fetch(request()).unwrap();
            return;
        }
        let mut server = Server::always(Play::Send(success(1)));
        let mut other = Server::always(Play::Send(success(1)));
        let base = server.base();
        within("gives_the_token_and_the_base", INNER, &other.base(), Some(TOKEN.as_ref()), Some(base.as_ref()));
        for server in [&mut server, &mut other] {
            let tokens: Vec<_> = server.requests().iter().map(|request| request.header("access-token")).collect();
            assert_eq!(tokens, [Some(TOKEN.to_owned())]);
        }
    }

    /// Nothing that stands there is passed over: the token would go to a host that nobody meant.
    #[test]
    fn is_named_where_it_is_wrong() {
        const INNER: &str = "WEBPHONE_TEST_WRONG";
        if let Ok(expected) = std::env::var(INNER) {
            let (variable, says) = expected.split_once(' ').unwrap();
            match Client::from_environment(ClientConfig::default()) {
                Err(Error::Invalid { field, reason }) => {
                    assert_eq!(field, variable);
                    assert!(reason.contains(says), "{reason}");
                }
                other => panic!("{:?}", other.map(|_| ())),
            }
            // Not read where the base is given.
            let given = Client::from_environment(once("https://api.example"));
            assert_eq!(given.is_ok(), variable == BASE_VARIABLE, "{given:?}");
            return;
        }
        let text = |text: &'static str| Some(OsStr::new(text));
        let mut wrong = vec![
            (None, None, TOKEN_VARIABLE, "is not set"),
            (None, text("http://public.example"), TOKEN_VARIABLE, "is not set"),
            (text(""), None, TOKEN_VARIABLE, "is empty"),
            (text("a token"), None, TOKEN_VARIABLE, "space"),
            (text(TOKEN), text(""), BASE_VARIABLE, "is empty"),
            (text(TOKEN), text("http://public.example"), BASE_VARIABLE, "http"),
        ];
        #[cfg(unix)]
        {
            let not_unicode: &OsStr = std::os::unix::ffi::OsStrExt::from_bytes(b"https://api.example/\xff");
            wrong.push((Some(not_unicode), None, TOKEN_VARIABLE, "Unicode"));
            wrong.push((text(TOKEN), Some(not_unicode), BASE_VARIABLE, "Unicode"));
        }
        for (token, base, variable, says) in wrong {
            within("is_named_where_it_is_wrong", INNER, &format!("{variable} {says}"), token, base);
        }
    }
}

mod life {
    use super::*;

    #[tokio::test]
    async fn dropping_the_future_closes_the_connection() {
        let mut server = Server::silent();
        let client = client(once(&server.base()));
        let fetch = tokio::spawn(async move { client.fetch(request()).await });
        server.asked().await;
        fetch.abort();
        server.gone().await;
    }

    #[tokio::test]
    async fn a_future_that_is_never_polled_sends_nothing() {
        let mut server = Server::silent();
        let client = client(once(&server.base()));
        drop(client.fetch(request()));
        assert!(server.events().is_empty());
    }

    #[tokio::test]
    async fn shutting_down_ends_what_is_under_way() {
        let mut server = Server::silent();
        let client = Arc::new(client(once(&server.base())));
        let fetches: Vec<_> = (0..3)
            .map(|_| {
                let client = Arc::clone(&client);
                tokio::spawn(async move { client.fetch(request()).await })
            })
            .collect();
        for _ in 0..3 {
            server.asked().await;
        }
        client.shut_down();
        for fetch in fetches {
            assert_eq!(soon(fetch).await.unwrap(), Err(Error::Closed));
        }
        for _ in 0..3 {
            server.gone().await;
        }
        client.shut_down();
        assert_eq!(soon(client.fetch(request())).await, Err(Error::Closed));
        assert!(matches!(client.start_fetch(request(), 0), Err(Error::Closed)));
        assert!(matches!(client.batch(webphone::BatchOptions::default()), Err(Error::Closed)));
        assert!(server.events().is_empty(), "nothing is sent after the end");
    }

    #[tokio::test]
    async fn shutting_down_ends_a_pause_too() {
        let mut server = Server::always(Play::Send(too_many("15")));
        let client = Arc::new(client(ClientConfig { max_retries: 3, ..once(&server.base()) }));
        let fetch = tokio::spawn({
            let client = Arc::clone(&client);
            async move { client.fetch(request()).await }
        });
        server.asked().await;
        let begun = Instant::now();
        client.shut_down();
        assert_eq!(soon(fetch).await.unwrap(), Err(Error::Closed));
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn one_clients_end_is_not_anothers() {
        let server = Server::always(Play::Send(success(1)));
        let (one, other) = (client(once(&server.base())), client(once(&server.base())));
        one.shut_down();
        assert!(soon(other.fetch(request())).await.is_ok());
    }

    #[test]
    fn many_threads_share_a_client() {
        let server = Server::start(|request| ready(Play::Send(success(request.extension()))));
        let client = blocking::Client::new(TOKEN, once(&server.base())).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let client = &client;
                scope.spawn(move || {
                    for number in 0..20 {
                        let extension = 1000 * thread + number;
                        let url = client.fetch(webphone::Extension::number(extension)).unwrap();
                        assert!(url.reveal().contains(&format!("&pop={extension}&")));
                    }
                });
            }
        });
    }

    #[test]
    fn it_needs_no_runtime_of_the_callers() {
        let server = Server::always(Play::Send(success(1)));
        let client = client(once(&server.base()));
        assert!(block_on(client.fetch(request())).is_ok());
    }

    /// The simplest executor there is: no reactor, no timer.
    fn block_on<T>(future: impl Future<Output = T>) -> T {
        struct Unpark(std::thread::Thread);
        impl std::task::Wake for Unpark {
            fn wake(self: Arc<Self>) {
                self.0.unpark();
            }
        }
        let waker = Arc::new(Unpark(std::thread::current())).into();
        let mut context = std::task::Context::from_waker(&waker);
        let mut future = std::pin::pin!(future);
        loop {
            if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
                return value;
            }
            std::thread::park();
        }
    }
}

mod operations {
    use super::*;

    #[test]
    fn done_in_the_first_slice() {
        let server = Server::always(Play::Send(success(7)));
        let client = client(once(&server.base()));
        match client.start_fetch(request(), 30_000) {
            Ok(FetchStarted::Done { value }) => assert!(value.reveal().contains("&pop=7&")),
            Ok(FetchStarted::Pending { .. }) => panic!("not done in 30 s"),
            Err(error) => panic!("{error:?}"),
        }
        let error = client.start_fetch(webphone::Extension::number("").into(), 0).err().unwrap();
        assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
    }

    /// A server that answers once it is told to.
    fn held() -> (Server, Arc<tokio::sync::Semaphore>) {
        let gate = Arc::new(tokio::sync::Semaphore::new(0));
        let opened = Arc::clone(&gate);
        let server = Server::start(move |_| {
            let opened = Arc::clone(&opened);
            async move {
                opened.acquire().await.unwrap().forget();
                Play::Send(success(1))
            }
        });
        (server, gate)
    }

    fn pending_fetch(client: &Client) -> Arc<FetchOperation> {
        match client.start_fetch(request(), 10) {
            Ok(FetchStarted::Pending { operation }) => operation,
            Ok(FetchStarted::Done { .. }) => panic!("done without an answer"),
            Err(error) => panic!("{error:?}"),
        }
    }

    /// A fetch whose request has arrived: an operation moves on while it is waited for.
    fn arrived_fetch(client: &Client, server: &mut Server) -> Arc<FetchOperation> {
        let operation = pending_fetch(client);
        let begun = Instant::now();
        while server.requests().is_empty() {
            assert_eq!(operation.wait_for(5), Ok(None));
            assert!(begun.elapsed() < support::HANG);
        }
        operation
    }

    #[test]
    fn pending_then_done_then_over() {
        let (server, gate) = held();
        let client = client(once(&server.base()));
        let operation = pending_fetch(&client);
        assert_eq!(operation.wait_for(0), Ok(None));
        assert_eq!(operation.wait_for(20), Ok(None));
        assert_eq!(operation.wait_for(-1), Ok(None));
        gate.add_permits(1);
        let url = operation.wait_for(30_000).unwrap().unwrap();
        assert!(url.reveal().contains("&pop=1&"));
        assert_eq!(operation.wait_for(0), Err(Error::Closed));
        operation.cancel();
        assert_eq!(operation.wait_for(0).unwrap_err().attempts(), 0);
    }

    #[test]
    fn one_waiter_at_a_time() {
        let (server, gate) = held();
        let client = client(once(&server.base()));
        let operation = pending_fetch(&client);
        let first = std::thread::spawn({
            let operation = Arc::clone(&operation);
            move || loop {
                // The other thread may be the waiter for a moment.
                let outcome = operation.wait_for(30_000);
                if outcome != Err(Error::Busy) {
                    return outcome;
                }
            }
        });
        while operation.wait_for(0) != Err(Error::Busy) {
            std::thread::yield_now();
        }
        gate.add_permits(1);
        assert!(first.join().unwrap().unwrap().is_some());
    }

    #[tokio::test]
    async fn cancelling_ends_the_request_and_its_waiter() {
        let mut server = Server::silent();
        let client = client(once(&server.base()));
        let operation = arrived_fetch(&client, &mut server);
        let waiting = Arc::new(AtomicBool::new(false));
        let waiter = std::thread::spawn({
            let (operation, waiting) = (Arc::clone(&operation), Arc::clone(&waiting));
            move || {
                waiting.store(true, Ordering::SeqCst);
                operation.wait_for(30_000)
            }
        });
        while !waiting.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        operation.cancel();
        assert_eq!(waiter.join().unwrap(), Err(Error::Cancelled));
        assert_eq!(operation.wait_for(0), Err(Error::Cancelled));
        operation.cancel();
        server.gone().await;
    }

    #[tokio::test]
    async fn cancelling_without_a_waiter_ends_the_request() {
        let mut server = Server::silent();
        let client = client(once(&server.base()));
        let operation = arrived_fetch(&client, &mut server);
        operation.cancel();
        server.gone().await;
        assert_eq!(operation.wait_for(0), Err(Error::Cancelled));
    }

    #[tokio::test]
    async fn dropping_ends_the_request() {
        let mut server = Server::silent();
        let client = client(once(&server.base()));
        let operation = arrived_fetch(&client, &mut server);
        drop(operation);
        server.gone().await;
    }

    #[test]
    fn it_outlives_its_client_and_ends_with_its_shutting_down() {
        let (server, gate) = held();
        let client = client(once(&server.base()));
        let operation = pending_fetch(&client);
        drop(client);
        gate.add_permits(1);
        assert!(operation.wait_for(30_000).unwrap().is_some());

        let client = support::client(once(&server.base()));
        let operation = pending_fetch(&client);
        client.shut_down();
        assert_eq!(operation.wait_for(30_000), Err(Error::Closed));
    }

    #[test]
    fn timeouts_go_on_between_slices() {
        let server = Server::start(|_| pending());
        let client = client(ClientConfig { timeout_ms: 100, ..once(&server.base()) });
        let begun = Instant::now();
        let result = match client.start_fetch(request(), 1) {
            Ok(FetchStarted::Pending { operation }) => loop {
                match operation.wait_for(10) {
                    Ok(None) => assert!(begun.elapsed() < support::HANG),
                    Ok(Some(url)) => break Ok(url),
                    Err(error) => break Err(error),
                }
            },
            Ok(FetchStarted::Done { value }) => Ok(value),
            Err(error) => Err(error),
        };
        assert_unreachable(&result, UnreachableCause::Timeout, 1);
    }
}

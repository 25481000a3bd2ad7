//! The page that holds a phone, and what goes between it and a [`Session`](crate::Session).
//!
//! The phone is a web page of the vendor's. It lives in a page of ours, the *host page*, beside a small script, the
//! *bridge*, which speaks to the phone's window and to the program. A host (Android's `WebView`, `WKWebView`, Playwright,
//! a web server, anything with a web view) shows the page and carries texts; everything that has to be decided or
//! understood is decided and understood here:
//!
//! ```
//! use std::sync::Arc;
//! use webphone::page::{HostPage, HostPageOptions, MessageSource, PageHost, PageLink};
//! use webphone::{Session, SessionConfig, WebphoneUrl};
//!
//! async fn host(url: Arc<WebphoneUrl>) -> Result<(), webphone::Error> {
//!     let session = Arc::new(Session::open(SessionConfig::default(), Some(url.clone()), None)?);
//!     let link = PageLink::open(session.clone())?;
//!     let page = Arc::new(HostPage::open(url, PageHost::Hook, HostPageOptions::default())?);
//!     let load = link.load(page)?; // a fresh load: show load.html() with load.headers() at load.url()
//! #   let _ = load;
//! #   let (text_of_the_page, evaluate) = (String::new(), |_: String| true);
//!     link.receive_envelope(text_of_the_page, MessageSource::default()); // for each text that the page posts
//!     loop {
//!         let envelope = link.next_envelope().await?; // for the page's `webphoneHost.receive`
//!         if !evaluate(envelope.clone()) {
//!             link.undelivered(envelope);
//!         }
//!     }
//! }
//! ```
//!
//! What a host can see beyond that, it tells by [`report`](PageLink::report) and
//! [`document_failed`](PageLink::document_failed), and it asks the page before it lets anything happen:
//! [`permits`](HostPage::permits), [`navigation`](HostPage::navigation).
//!
//! The rooms: `options` and `origins` (what page for what phone), `host_page` and `load` (the page, and one load of it),
//! `escape` (the one way for a value into it), `envelope` (what bridge and core say to each other), `link` (ties page and
//! session), `rules` (what a page may do). The bridge's source is `bridge/bridge.ts`.

mod envelope;
mod escape;
mod host_page;
mod link;
mod load;
mod options;
mod origins;
mod rules;

pub use host_page::HostPage;
pub use link::{EnvelopeOperation, EnvelopeStarted, MessageSource, PageLink, receive_script};
pub use load::PageLoad;
pub use options::{HostPageOptions, PageHost, PhoneLoading};
pub use rules::{NavigationDecision, PagePart, PermissionRequest};

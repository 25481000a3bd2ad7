//! The forms that a phone's page can take, the worst that are known among them, and what is known of a page.

use std::collections::HashMap;

use hyper::http::uri::Authority;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::secret::redact;

/// The longest pause before a page: an hour outlasts every timeout.
const MAX_PAUSE_MS: i32 = 3_600_000;

/// How many things that a script found are kept, and how much of each, in bytes.
const MAX_FOUND: usize = 1_000;
const MAX_FOUND_TEXT: usize = 4_096;

/// How an extension's page loads, and what its script does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::simulator::server) struct Form {
    pub(super) load: Load,
    pub(super) script: Script,
}

/// How a page or its script is answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Load {
    /// It just comes.
    #[default]
    Plain,
    /// It comes after so long, in milliseconds.
    Slow { after_ms: i32 },
    /// It does not come.
    Never,
    /// HTTP 403.
    Forbidden,
    /// `X-Frame-Options: DENY`.
    Unframeable,
    /// It is at another host: a name, with the same port unless it says another.
    Redirects { to: String },
    /// It sets a cookie without which the phone in it gets no wire.
    NeedsCookie,
}

/// What the script of a hidden phone does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Script {
    /// It makes a frame that may use the microphone, and leaves it in `webphone`.
    #[default]
    Plain,
    /// Its frame may not: no `allow`.
    WithoutAllow,
    /// Its frame gets its address when it is in the page already.
    LateSource,
    /// It writes its frame as HTML.
    InnerHtml,
    /// It hides its frame by a `style` attribute.
    StyleAttribute,
    /// Its frame is at another host: a name, with the same port unless it says another.
    SiblingFrame { host: String },
    /// It loads another script, which makes the frame.
    Chained,
    /// It makes three frames; the phone is in the second.
    ManyFrames,
    /// It looks for whatever the page around it would not tell.
    Hunts,
}

impl Form {
    pub(in crate::simulator::server) fn check(&self) -> Result<(), Error> {
        if let Load::Slow { after_ms } = self.load
            && !(0..=MAX_PAUSE_MS).contains(&after_ms)
        {
            return Err(Error::invalid("after_ms", "is not between 0 and an hour"));
        }
        let hosts = [
            ("to", if let Load::Redirects { to } = &self.load { Some(to) } else { None }),
            ("host", if let Script::SiblingFrame { host } = &self.script { Some(host) } else { None }),
        ];
        for (field, host) in hosts.into_iter().filter_map(|(field, host)| Some((field, host?))) {
            if host.contains('@') || host.parse::<Authority>().is_err() {
                return Err(Error::invalid(field, "is not the name of a host, with or without a port"));
            }
        }
        Ok(())
    }
}

/// The page of one extension.
#[derive(Clone, Debug, Default, Serialize)]
struct Page {
    #[serde(flatten)]
    form: Form,
    /// How its microphone is, in the page's word; none until it said so.
    microphone: Option<String>,
    /// What its script found.
    found: Vec<String>,
}

/// The pages of all extensions.
#[derive(Default)]
pub(in crate::simulator::server) struct Pages {
    by_extension: HashMap<String, Page>,
}

impl Pages {
    pub(super) fn form(&self, extension: &str) -> &Form {
        static PLAIN: Form = Form { load: Load::Plain, script: Script::Plain };
        self.by_extension.get(extension).map_or(&PLAIN, |page| &page.form)
    }

    /// The form from the next load on. What the last one's script found is forgotten.
    pub(in crate::simulator::server) fn set_form(&mut self, extension: &str, form: Form) {
        let page = self.page(extension);
        page.form = form;
        page.found.clear();
    }

    /// What is known of a page.
    pub(in crate::simulator::server) fn describe(&self, extension: &str) -> impl Serialize + use<> {
        self.by_extension.get(extension).cloned().unwrap_or_default()
    }

    /// A page tells how its microphone is.
    pub(super) fn hears(&mut self, extension: &str, microphone: Option<String>) {
        self.page(extension).microphone = microphone;
    }

    /// A page's script found something.
    pub(super) fn finds(&mut self, extension: &str, mut text: String) {
        let found = &mut self.page(extension).found;
        if found.len() < MAX_FOUND {
            let end = (0..=MAX_FOUND_TEXT).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
            text.truncate(end);
            found.push(redact(&text, [""]));
        }
    }

    fn page(&mut self, extension: &str) -> &mut Page {
        self.by_extension.entry(extension.to_owned()).or_default()
    }
}

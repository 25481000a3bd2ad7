//! What a host asks before it lets a page do something. The answers are here, so that no host holds a rule.

use url::Url;

use super::origins::normalized;

/// Which window or frame wants something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum PagePart {
    /// The host page itself: the main frame.
    HostPage,
    /// A frame in it.
    Frame,
    /// A window that does not exist yet: a link with a target, `window.open`.
    NewWindow,
    /// A window that the phone opened, or that it lives in: a popup, a child view.
    ChildWindow,
}

/// What a page asks the user's permission for, as far as the platform tells.
#[derive(Clone, Debug, PartialEq, Eq, Hash, uniffi::Record)]
pub struct PermissionRequest {
    /// The origin that the platform names, as it writes it: for a frame, Chromium's and WebKit's delegates name its
    /// top-level page's, Android's `WebView` the frame's own.
    pub origin: String,
    /// The origin of the frame that asks; none where the platform does not tell.
    #[uniffi(default = None)]
    pub frame_origin: Option<String>,
    /// Whether the asking window is one that the phone opened or lives in.
    #[uniffi(default = false)]
    pub child_window: bool,
    /// Whether the microphone is asked for.
    #[uniffi(default = false)]
    pub microphone: bool,
    /// Whether anything else is asked for too: the camera, the screen, the location.
    #[uniffi(default = false)]
    pub others: bool,
}

/// What to do about a navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum NavigationDecision {
    /// Let it happen. A new window becomes a child view, which closes with the phone.
    Allow,
    /// Open it in the system's browser or dialler instead.
    OpenOutside,
    /// Don't, silently.
    Refuse,
}

/// Whether the request may be granted. `is_phone` tells the phone's origins; `phone_is_named` whether the platform names
/// those, also for the window of the host page: the phone is in a popup, its own top level, or frames are named themselves.
pub(super) fn permits(
    request: &PermissionRequest,
    host_origin: &str,
    phone_is_named: bool,
    is_phone: impl Fn(&str) -> bool,
) -> bool {
    // A page that asks for more is not the phone that is known, and part of a request can't be granted everywhere.
    if !request.microphone || request.others {
        return false;
    }
    let Some(named) = normalized(&request.origin) else { return false };
    if request.frame_origin.as_deref().is_some_and(|frame| !normalized(frame).is_some_and(|frame| is_phone(&frame))) {
        return false;
    }
    if named == host_origin {
        !request.child_window
    } else {
        (phone_is_named || request.child_window) && is_phone(&named)
    }
}

/// What to do about a navigation of `part` to `target`.
pub(super) fn navigation(
    target: &str,
    part: PagePart,
    is_host_page: impl Fn(&Url) -> bool,
    is_phone: impl Fn(&str) -> bool,
) -> NavigationDecision {
    let Ok(url) = Url::parse(target) else { return NavigationDecision::Refuse };
    let blank = matches!(url.as_str(), "about:blank" | "about:srcdoc");
    let phone = is_phone(&url.origin().ascii_serialization());
    let outside = matches!(url.scheme(), "https" | "http" | "tel" | "mailto" | "sip" | "sips");
    match part {
        PagePart::HostPage if is_host_page(&url) => NavigationDecision::Allow,
        PagePart::Frame | PagePart::NewWindow | PagePart::ChildWindow if phone || blank => NavigationDecision::Allow,
        PagePart::NewWindow | PagePart::ChildWindow if outside => NavigationDecision::OpenOutside,
        _ => NavigationDecision::Refuse,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "https://webphone-host.api2.totalvoice.com.br";
    const PHONE: &str = "https://api2.totalvoice.com.br";

    fn request(origin: &str) -> PermissionRequest {
        PermissionRequest {
            origin: origin.to_owned(),
            frame_origin: None,
            child_window: false,
            microphone: true,
            others: false,
        }
    }

    fn permitted(request: &PermissionRequest, phone_is_named: bool) -> bool {
        permits(request, HOST, phone_is_named, |origin| origin == PHONE)
    }

    #[test]
    fn the_microphone_is_for_the_phone_in_the_host_page() {
        assert!(permitted(&request(HOST), false));
        assert!(permitted(&request(&format!("{HOST}:0/")), false));
        assert!(permitted(&PermissionRequest { frame_origin: Some(format!("{PHONE}/")), ..request(HOST) }, false));
        for refused in [
            PermissionRequest { microphone: false, ..request(HOST) },
            PermissionRequest { others: true, ..request(HOST) },
            PermissionRequest { frame_origin: Some("https://evil.example".into()), ..request(HOST) },
            PermissionRequest { frame_origin: Some("null".into()), ..request(HOST) },
            PermissionRequest { child_window: true, ..request(HOST) },
            request(PHONE),
            request("https://evil.example"),
            request("null"),
        ] {
            assert!(!permitted(&refused, false), "{refused:?}");
        }
    }

    #[test]
    fn a_popup_is_its_own_top_level_and_a_frame_may_be_named_itself() {
        assert!(permitted(&request(PHONE), true));
        assert!(permitted(&PermissionRequest { child_window: true, ..request(PHONE) }, false));
        for refused in [
            PermissionRequest { others: true, ..request(PHONE) },
            PermissionRequest { child_window: true, ..request(HOST) },
            request("https://evil.example"),
            request("null"),
        ] {
            assert!(!permitted(&refused, true), "{refused:?}");
        }
    }

    #[test]
    fn where_each_part_may_go() {
        use NavigationDecision::{Allow, OpenOutside, Refuse};
        use PagePart::{ChildWindow, Frame, HostPage, NewWindow};
        let decide = |target: &str, part| {
            navigation(target, part, |url| url.as_str() == format!("{HOST}/"), |origin| origin == PHONE)
        };
        for (target, expected) in [
            (format!("{HOST}/"), [Allow, Refuse, OpenOutside, OpenOutside]),
            (format!("{PHONE}/w3/?key=1"), [Refuse, Allow, Allow, Allow]),
            ("about:blank".into(), [Refuse, Allow, Allow, Allow]),
            ("https://help.example/".into(), [Refuse, Refuse, OpenOutside, OpenOutside]),
            ("tel:123".into(), [Refuse, Refuse, OpenOutside, OpenOutside]),
            ("javascript:alert(1)".into(), [Refuse; 4]),
            ("data:text/html,x".into(), [Refuse; 4]),
            ("file:///etc/passwd".into(), [Refuse; 4]),
            ("intent://x#Intent;end".into(), [Refuse; 4]),
            (format!("blob:{PHONE}/1"), [Refuse, Allow, Allow, Allow]),
            ("".into(), [Refuse; 4]),
        ] {
            let decided = [HostPage, Frame, NewWindow, ChildWindow].map(|part| decide(&target, part));
            assert_eq!(decided, expected, "{target}");
        }
    }
}

//! The part of the control that is about phones: what becomes of their calls, who calls them, what goes wrong, and what
//! their pages do in browsers.

use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, StatusCode};
use serde::{Deserialize, Serialize};

use super::{Refusal, bytes, done, json, read};
use crate::error::Error;
use crate::protocol::Command;
use crate::simulator::server::Shared;
use crate::simulator::server::page::Form;
use crate::simulator::switchboard::Say;
use crate::simulator::{SimulatedCaller, SimulatedPhoneFault, SimulatedScript, SimulatedWording};

/// A script for the next calls.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    script: SimulatedScript,
    #[serde(default = "once")]
    times: Option<i32>,
}

/// A fault of the next things that are said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    fault: SimulatedPhoneFault,
    #[serde(default = "once")]
    times: Option<i32>,
}

/// As in process: `null` is without end, nothing is once.
#[allow(clippy::unnecessary_wraps, reason = "it is the default of an optional field")]
fn once() -> Option<i32> {
    Some(1)
}

/// The answer to an incoming call.
#[derive(Serialize)]
struct Called {
    call_id: i64,
}

/// Answers what is asked of `/phones` and below; `path` is what follows that.
pub(super) async fn route(shared: &Shared, path: &str, request: Request<Incoming>) -> Result<Response<Bytes>, Refusal> {
    let board = &shared.switchboard;
    let method = request.method().as_str().to_owned();
    let Some((extension, verb)) = path.strip_prefix('/').map(|rest| rest.split_once('/').unwrap_or((rest, ""))) else {
        return if method == "GET" { Ok(json(&board.open_phones()?)) } else { Err(Refusal::method("/phones")) };
    };
    board.check(extension).map_err(|error| match error {
        Error::Invalid { .. } => Refusal::new(StatusCode::NOT_FOUND, "the simulator knows no extension of this number"),
        other => other.into(),
    })?;
    match (verb, method.as_str()) {
        ("", "GET") => return Ok(json(&board.state(extension)?)),
        ("incoming", "POST") => {
            let caller: SimulatedCaller = read(request).await?;
            return Ok(json(&Called { call_id: board.incoming(extension, &caller)? }));
        }
        ("answer", "POST") => board.remote_answer(extension)?,
        ("hangup", "POST") => board.remote_hang_up(extension)?,
        ("scripts", "POST") => {
            let Script { script, times } = read(request).await?;
            board.add_script(extension, script, times)?;
        }
        ("scripts", "DELETE") => board.clear_scripts(extension)?,
        ("faults", "POST") => {
            let Fault { fault, times } = read(request).await?;
            board.add_fault(extension, fault, times)?;
        }
        ("faults", "DELETE") => board.clear_faults(extension)?,
        ("wording", "PUT") => {
            let wording: SimulatedWording = read(request).await?;
            board.set_wording(extension, wording)?;
        }
        // Whatever it is: the phone reads it itself.
        ("post", "POST") => board.post(extension, &text(request).await?)?,
        ("supervise", "POST") => board.supervise(extension, &command(&text(request).await?)?)?,
        ("open", "POST") => board.open_page(extension, None)?,
        ("reload", "POST") => board.reload(extension)?,
        ("crash", "POST") => board.crash(extension)?,
        ("close", "POST") => board.close_page(extension)?,
        ("say", "POST") => {
            let say: Say = read(request).await?;
            board.say(extension, say)?;
        }
        ("page", "GET") => return Ok(json(&shared.state().pages().describe(extension))),
        ("page", "PUT") => {
            let form: Form = read(request).await?;
            form.check()?;
            shared.state().pages_mut().set_form(extension, form);
        }
        ("page", "DELETE") => shared.state().pages_mut().set_form(extension, Form::default()),
        (
            "" | "incoming" | "answer" | "hangup" | "scripts" | "faults" | "wording" | "post" | "supervise" | "open"
            | "reload" | "crash" | "close" | "say" | "page",
            _,
        ) => return Err(Refusal::method(&format!("/phones/{extension}/{verb}"))),
        _ => {
            return Err(Refusal::new(
                StatusCode::NOT_FOUND,
                "there is nothing of this name about a phone: incoming, answer, hangup, scripts, faults, wording, post, \
                 supervise, open, reload, crash, close, say and page are known",
            ));
        }
    }
    Ok(done())
}

async fn text(request: Request<Incoming>) -> Result<String, Refusal> {
    String::from_utf8(bytes(request).await?.to_vec()).map_err(|_| Refusal::bad("the body is not UTF-8"))
}

/// A command of the phone's language in the body.
fn command(text: &str) -> Result<Command, Refusal> {
    Command::parse(text)?
        .ok_or_else(|| Refusal::bad("the body is no command of the phone, such as {\"message\":\"hangup\"}"))
}

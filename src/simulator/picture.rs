//! What is so in a simulated phone, as its makers could see it: tests hold a session's picture against it.

use serde::Serialize;

use crate::session::PageReport;

/// A simulated phone at one moment: what is so, whether or not it said so.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, uniffi::Record)]
pub struct SimulatedPhoneState {
    /// The number of its extension.
    pub extension: String,
    /// Its page.
    pub page: SimulatedPage,
    /// Whether it has its line.
    pub connected: bool,
    /// Its call.
    pub call: Option<SimulatedLeg>,
    /// The call to a third party, while one is consulted.
    pub consultation: Option<SimulatedLeg>,
    /// The call that comes in.
    pub ringing: Option<SimulatedLeg>,
    /// Whether its microphone is muted.
    pub muted: bool,
    /// Whether it records.
    pub recording: bool,
    /// What was dialled into its call (`enviaDTMF`).
    #[doc(alias = "enviaDTMF")]
    pub dtmf: String,
    /// The queues that it is a member of, by id.
    pub queues: Vec<SimulatedQueue>,
}

/// The page of a simulated phone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum SimulatedPage {
    /// `closed`: it is not open.
    #[default]
    Closed,
    /// `open`: the phone lives in it.
    Open,
    /// `crashed`: it crashed, and was not loaded again.
    Crashed,
}

/// A call of a simulated phone, or the leg of a consultation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, uniffi::Record)]
pub struct SimulatedLeg {
    /// Its id (`chamada_id`), 1 or more. Two phones of one simulator that call each other have the same.
    #[doc(alias("chamada_id", "chamadaRecebidaId"))]
    pub call_id: i64,
    /// The other side, as the phone knows it.
    pub number: String,
    /// Whether the two sides talk.
    pub talking: bool,
}

/// A queue that a simulated phone is a member of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, uniffi::Record)]
pub struct SimulatedQueue {
    /// Its id (`filaId`).
    #[doc(alias = "filaId")]
    pub id: String,
    /// Whether it pauses there.
    pub paused: bool,
}

/// What comes out of a simulated phone's page.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum SimulatedPhoneOutput {
    /// The phone posts a message to its page's parent.
    Message {
        /// The message as JSON text.
        text: String,
    },
    /// What a host would see of the page: it loads, it is lost, it closes.
    Report {
        /// What about it.
        report: PageReport,
    },
}

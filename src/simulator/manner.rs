//! How a simulated phone speaks: its choice of words, and what goes wrong with them.

use serde::{Deserialize, Serialize};

/// How a simulated phone words what it says. The default is the vendor's documentation, to the letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Record)]
#[serde(default, deny_unknown_fields)]
pub struct SimulatedWording {
    /// Whether the ids of calls and queues are text (`"12"`) instead of numbers.
    #[doc(alias("chamada_id", "chamadaRecebidaId", "filaId"))]
    #[uniffi(default = false)]
    pub ids_as_text: bool,
    /// Whether its queue events say which queue they are about (`filaId`). The documentation knows no such field.
    #[doc(alias = "filaId")]
    #[uniffi(default = false)]
    pub names_queues: bool,
    /// Whether it tells its quality (`stats_webphone`) every 5 s.
    #[doc(alias = "stats_webphone")]
    #[uniffi(default = true)]
    pub tells_quality: bool,
}

impl Default for SimulatedWording {
    fn default() -> Self {
        Self { ids_as_text: false, names_queues: false, tells_quality: true }
    }
}

/// What goes wrong with one thing that a simulated phone says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum SimulatedPhoneFault {
    /// `silent`: it is not said.
    Silent,
    /// `duplicate`: it is said twice.
    Duplicate,
    /// `reordered`: it is said after the thing that follows it.
    Reordered,
    /// `unknown_event`: a message that nobody knows is said before it.
    UnknownEvent,
    /// `broken_payload`: it is said with a value of the wrong type in every field.
    BrokenPayload,
    /// `crash`: the page crashes instead.
    Crash,
}

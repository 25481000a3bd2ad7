//! The simulated world around a phone, as data: what becomes of the calls that it makes, and who calls in.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use super::config::text;

/// How long a called party takes to answer.
const ANSWER_MS: i64 = 1000;

/// What becomes of a call that a simulated phone makes.
///
/// Without a script the number decides. It speaks for any number that ends so:
///
/// | ends in | what happens |
/// | --- | --- |
/// | `0001` | the other side answers at once |
/// | `0002` | busy: `chamando`, `chamada_id`, and `encerrada` after 0.5 s |
/// | `0003` | it rings and is never answered |
/// | `0004` | refused: `status_erro` and nothing else |
/// | `0005` | as any other, but all that the phone says of it comes 12 s late |
/// | `0006` | as any other, but the phone says nothing when it is hung up |
/// | any other | `chamando`, `chamada_id`, and `conversando` after 1 s |
///
/// The number of another extension whose phone is open rings there, whatever a script says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Record)]
#[serde(default, deny_unknown_fields)]
pub struct SimulatedScript {
    /// Whether and when the other side answers.
    pub answer: SimulatedAnswer,
    /// The other side hangs up so long after it answered, in milliseconds, 0 to 24 hours; none: it does not.
    #[uniffi(default = None)]
    pub hangs_up_after_ms: Option<i64>,
    /// How late all comes that the phone says of the call, in milliseconds, 0 to 24 hours.
    #[uniffi(default = 0)]
    pub lag_ms: i64,
    /// Whether the phone says nothing when it hangs the call up.
    #[uniffi(default = false)]
    pub silent_hang_up: bool,
}

/// Whether and when the other side of a call answers. Over HTTP it is its word, or an object with its word and its
/// fields: `"never"`, `{"answers": {"after_ms": 500}}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SimulatedAnswer {
    /// `answers`: it does.
    Answers {
        /// After so long, in milliseconds, 0 to 24 hours.
        after_ms: i64,
    },
    /// `busy`: its line is busy: `chamando`, `chamada_id`, then `encerrada`.
    Busy {
        /// How long it is tried, in milliseconds, 0 to 24 hours.
        after_ms: i64,
    },
    /// `never`: it rings until somebody hangs up, or the other side is made to answer.
    Never,
    /// `refused`: the phone can't set up the call, and says nothing but `status_erro`.
    #[doc(alias = "status_erro")]
    Refused {
        /// The phone's words, 1 to 128 characters.
        status_erro: String,
    },
}

/// Somebody who calls a simulated phone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct SimulatedCaller {
    /// The caller's number as the phone tells it (`numeroChegando`), 0 to 128 characters: `(79) 91234-5678`,
    /// `anonymous`; left empty, the phone does not tell it.
    #[doc(alias = "numeroChegando")]
    #[serde(deserialize_with = "number")]
    pub from: String,
    /// The number that was called (`numeroDestino`), 1 to 128 characters; none: the extension's own.
    #[doc(alias = "numeroDestino")]
    #[serde(default)]
    #[uniffi(default = None)]
    pub to: Option<String>,
    /// Whether the phone leaves the call's id (`chamadaRecebidaId`) away. It tells it by `chamada_id` once the call is
    /// answered.
    #[doc(alias = "chamadaRecebidaId")]
    #[serde(default)]
    #[uniffi(default = false)]
    pub without_id: bool,
    /// The caller gives up after so long without an answer, in milliseconds, 0 to 24 hours; none: never.
    #[serde(default)]
    #[uniffi(default = None)]
    pub gives_up_after_ms: Option<i64>,
    /// The caller hangs up so long after the answer, in milliseconds, 0 to 24 hours; none: it does not.
    #[serde(default)]
    #[uniffi(default = None)]
    pub hangs_up_after_ms: Option<i64>,
}

impl Default for SimulatedAnswer {
    fn default() -> Self {
        Self::Answers { after_ms: ANSWER_MS }
    }
}

impl SimulatedScript {
    /// A call whose other side answers, or does not, like this.
    pub fn new(answer: SimulatedAnswer) -> Self {
        Self { answer, ..Self::default() }
    }
}

impl SimulatedCaller {
    /// A caller with this number, who waits for an answer and then talks, both without end.
    pub fn new(from: impl ToString) -> Self {
        Self { from: from.to_string(), to: None, without_id: false, gives_up_after_ms: None, hangs_up_after_ms: None }
    }
}

/// A number in JSON as people write it: text or a number.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    text(Value::deserialize(deserializer)?).ok_or_else(|| de::Error::custom("`from` is a text or a number"))
}

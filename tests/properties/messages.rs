//! What holds for the phone's language whatever is said in it.

use proptest::prelude::*;
use serde_json::{Value, json};
use webphone::protocol::{CallId, CallNumber, CallStatus, Command, Dtmf, DtmfKey, Event, PhoneNumber, QueueId};

fn number() -> impl Strategy<Value = PhoneNumber> {
    "[0-9*#]{2,20}".prop_map(|text| PhoneNumber::parse(&text).unwrap())
}

fn queue() -> impl Strategy<Value = QueueId> {
    prop_oneof!["[0-9]{1,20}", "[^\\p{Cc}\\s][^\\p{Cc}]{0,30}[^\\p{Cc}\\s]"]
        .prop_map(|text| QueueId::parse(&text).unwrap())
}

fn call_id() -> impl Strategy<Value = CallId> {
    // A bare 0 means "none" on the wire.
    prop_oneof!["[1-9][0-9]{0,20}", "[a-f0-9-]{2,36}"].prop_map(|text| CallId::parse(&text).unwrap())
}

fn text() -> impl Strategy<Value = String> {
    "[^\\p{Cc}\\s]{1,20}( [^\\p{Cc}\\s]{1,20}){0,2}"
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        prop::sample::select(vec![
            Command::Connect,
            Command::Disconnect,
            Command::Answer,
            Command::HangUp,
            Command::ToggleMute,
            Command::StartRecording,
            Command::StopRecording,
        ]),
        number().prop_map(|number| Command::Call { number }),
        number().prop_map(|number| Command::BlindTransfer { number }),
        number().prop_map(|number| Command::ConsultTransfer { number }),
        "[0-9*#]".prop_map(|key| Command::SendDtmf { digit: DtmfKey::parse(&key).unwrap() }),
        prop::option::of(queue()).prop_map(|queue| Command::PauseInQueue { queue }),
        prop::option::of(queue()).prop_map(|queue| Command::ResumeInQueue { queue }),
        queue().prop_map(|queue| Command::JoinQueue { queue }),
        queue().prop_map(|queue| Command::LeaveQueue { queue }),
    ]
}

fn call_number() -> impl Strategy<Value = Option<CallNumber>> {
    prop::option::of(text().prop_map(CallNumber::new))
}

/// JSON as a page may hold it, without fractions: those are not exact from text to text.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z]{1,6}", inner, 0..4).prop_map(|fields| json!(fields)),
        ]
    })
}

fn quality() -> impl Strategy<Value = Option<String>> {
    value().prop_map(|value| (!value.is_null()).then(|| value.to_string()))
}

fn event() -> impl Strategy<Value = Event> {
    let queue = || prop::option::of(queue());
    prop_oneof![
        (call_number(), call_number(), prop::option::of(call_id()))
            .prop_map(|(caller, called, call_id)| Event::IncomingCall { caller, called, call_id }),
        prop_oneof!["conectado|desconectado|chamando|conversando|encerrada", ".{0,12}"]
            .prop_map(|word| Event::Status { status: CallStatus::from_wire(&word) }),
        prop::option::of(call_id()).prop_map(|call_id| Event::CallId { call_id }),
        text().prop_map(|status_erro| Event::CallError { status_erro }),
        (quality(), quality()).prop_map(|(internet, computer)| Event::Quality { internet, computer }),
        queue().prop_map(|queue| Event::JoinedQueue { queue }),
        queue().prop_map(|queue| Event::LeftQueue { queue }),
        queue().prop_map(|queue| Event::PausedInQueue { queue }),
        queue().prop_map(|queue| Event::ResumedInQueue { queue }),
        ("[A-Z]{1,9}", prop::collection::hash_map("[a-l]{1,6}", value(), 0..4))
            .prop_map(|(name, fields)| Event::Unknown { name, payload: json!(fields).to_string() }),
    ]
}

/// Messages with every name and every kind of value in every field, whole or cut.
fn nearly_an_event() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "chegandoChamada",
        "status",
        "chamada_id",
        "status_erro",
        "stats_webphone",
        "entrou_na_fila",
        "chamaNumero",
        "enviaDTMF",
        "entrarNaFila",
        "pausarNaFila",
        "transferir",
        "outra",
    ]);
    let field = prop::sample::select(vec![
        "numeroChegando",
        "numeroDestino",
        "chamadaRecebidaId",
        "status",
        "chamada_id",
        "status_erro",
        "internet",
        "filaId",
        "numero",
        "numeroTelefone",
        "dtmf",
    ]);
    let fields = prop::collection::vec((field, value()), 0..4);
    (name, fields, any::<prop::sample::Index>(), prop::bool::weighted(0.2), any::<bool>()).prop_map(
        |(name, fields, at, cut, as_text)| {
            let mut text = format!("{{\"message\":\"{name}\"");
            fields.into_iter().for_each(|(field, value)| text += &format!(",\"{field}\":{value}"));
            text.push('}');
            if cut {
                text = text.chars().take(at.index(text.chars().count())).collect();
            }
            if as_text { Value::from(text).to_string() } else { text }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_command_survives_its_json(command in command()) {
        let text = command.to_json();
        prop_assert_eq!(Command::parse(&text), Ok(Some(command.clone())));
        prop_assert_eq!(Command::parse(&Value::from(text.as_str()).to_string()), Ok(Some(command.clone())));
        prop_assert_eq!(serde_json::from_value::<Command>(json!(command)).unwrap(), command);
    }

    #[test]
    fn an_event_survives_its_json(event in event()) {
        let text = event.to_json();
        prop_assert_eq!(Event::parse(&text), Ok(Some(event.clone())));
        prop_assert_eq!(Event::parse(&Value::from(text.as_str()).to_string()), Ok(Some(event.clone())));
        prop_assert_eq!(serde_json::from_value::<Event>(json!(event)).unwrap(), event);
    }

    #[test]
    fn what_is_read_is_written_so_that_it_reads_the_same(text in nearly_an_event()) {
        if let Ok(Some(event)) = Event::parse(&text) {
            prop_assert_eq!(Event::parse(&event.to_json()), Ok(Some(event)));
        }
        if let Ok(Some(command)) = Command::parse(&text) {
            prop_assert_eq!(Command::parse(&command.to_json()), Ok(Some(command)));
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in ".{0,200}") {
        let _ = (Event::parse(&text), Command::parse(&text));
        let _ = (PhoneNumber::parse(&text), Dtmf::parse(&text), QueueId::parse(&text));
    }
}

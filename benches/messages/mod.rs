//! What a phone says in the benchmarks of sessions.

/// What leads to a call, another one that rings, and two queues.
pub(crate) const BEFORE: [&str; 6] = [
    r#"{"message":"status","status":"conectado"}"#,
    r#"{"message":"entrou_na_fila","filaId":47}"#,
    r#"{"message":"entrou_na_fila","filaId":48}"#,
    r#"{"message":"chegandoChamada","numeroChegando":"(79) 91234-5678","numeroDestino":"4000","chamadaRecebidaId":77}"#,
    r#"{"message":"status","status":"chamando"}"#,
    r#"{"message":"status","status":"conversando"}"#,
];

/// What is measured: one message is as good as another.
pub(crate) const MEASURED: [&str; 3] = [
    r#"{"message":"stats_webphone","internet":{"ping":31,"jitter":2},"computador":{"cpu":17}}"#,
    r#"{"message":"pausou_na_fila","filaId":47}"#,
    r#"{"message":"despausou_na_fila","filaId":47}"#,
];

//! The yardstick for batches: what a Rust programmer would write by hand with reqwest, without this library.
//!
//! `webphone-yardstick BASE_URL TOKEN REQUESTS CONCURRENCY` prints requests a second.

use std::time::Instant;

use futures_util::StreamExt;
use serde_json::Value;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [base, token, requests, concurrency] = arguments.as_slice() else {
        return Err("usage: BASE_URL TOKEN REQUESTS CONCURRENCY".into());
    };
    let (requests, concurrency): (u32, usize) = (requests.parse()?, concurrency.parse()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let rate = runtime.block_on(async {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(
                rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
                    .with_safe_default_protocol_versions()?
                    .with_root_certificates(rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
                    .with_no_client_auth(),
            )
            .build()?;
        // One round to open the connections.
        fetch_all(&client, base, token, 2 * u32::try_from(concurrency)?, concurrency).await?;
        let start = Instant::now();
        fetch_all(&client, base, token, requests, concurrency).await?;
        Ok::<_, Box<dyn std::error::Error>>(f64::from(requests) / start.elapsed().as_secs_f64())
    })?;
    println!("{rate:.0}");
    Ok(())
}

async fn fetch_all(
    client: &reqwest::Client,
    base: &str,
    token: &str,
    requests: u32,
    concurrency: usize,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut urls = futures_util::stream::iter(0..requests)
        .map(|_| async {
            let request = client.get(format!("{base}/webphone?ramal=4000&tipo=hidden")).header("Access-Token", token);
            let body = request.send().await?.bytes().await?;
            let envelope: Value = serde_json::from_slice(&body)?;
            let url = envelope.pointer("/dados/url").and_then(Value::as_str).map(str::to_owned);
            url.ok_or_else(|| Box::<dyn std::error::Error>::from("no URL"))
        })
        .buffered(concurrency);
    let mut fetched = Vec::with_capacity(requests as usize);
    while let Some(url) = urls.next().await {
        fetched.push(url?);
    }
    Ok(())
}

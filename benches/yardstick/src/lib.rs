//! Fetches one address over HTTPS, and nothing else.

use std::ffi::{CStr, c_char};

/// Fetches the address and returns the length of the body, or -1.
///
/// # Safety
/// `address` is a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fetch(address: *const c_char) -> i64 {
    // SAFETY: the caller vouches for it.
    let address = unsafe { CStr::from_ptr(address) };
    address.to_str().ok().and_then(length).unwrap_or(-1)
}

fn length(address: &str) -> Option<i64> {
    let provider = rustls::crypto::ring::default_provider();
    let tls = rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .ok()?
        .with_root_certificates(rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
        .with_no_client_auth();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().ok()?;
    runtime.block_on(async {
        let client = reqwest::Client::builder().tls_backend_preconfigured(tls).build().ok()?;
        let body = client.get(address).send().await.ok()?.bytes().await.ok()?;
        i64::try_from(body.len()).ok()
    })
}

//! TLS with an authority of the moment: made at the start, its key thrown away when the one certificate is signed.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use crate::error::Error;
use crate::url::unix_ms;

const DAY: Duration = Duration::from_secs(86_400);

/// The names that the certificate is good for: this machine, and the published hosts, for whoever points their names
/// here to test with them.
const NAMES: [&str; 7] = [
    "127.0.0.1",
    "::1",
    "localhost",
    "api.totalvoice.com.br",
    "api2.totalvoice.com.br",
    "voice-api.zenvia.com",
    "voice-app.zenvia.com",
];

pub(super) struct Authority {
    root_pem: String,
    acceptor: TlsAcceptor,
}

impl Authority {
    pub(super) fn make() -> Result<Self, Error> {
        make().map_err(|_| Error::internal("the simulator's certificate could not be made"))
    }

    pub(super) fn into_parts(self) -> (String, TlsAcceptor) {
        (self.root_pem, self.acceptor)
    }
}

fn make() -> Result<Authority, Box<dyn std::error::Error>> {
    let root_key = KeyPair::generate()?;
    let mut root = params(&[], "Webphone simulator, throw-away authority")?;
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let root_pem = root.self_signed(&root_key)?.pem();

    let key = KeyPair::generate()?;
    let mut leaf = params(&NAMES, "Webphone simulator")?;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // Strict verifiers demand it.
    leaf.use_authority_key_identifier_extension = true;
    let certificate = leaf.signed_by(&key, &Issuer::from_params(&root, &root_key))?;

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Authority { root_pem, acceptor: TlsAcceptor::from(Arc::new(config)) })
}

/// A certificate from yesterday, for clocks that lag, for a year.
fn params(names: &[&str], title: &str) -> Result<CertificateParams, rcgen::Error> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, title);
    let now = date_time_ymd(1970, 1, 1) + Duration::from_millis(unix_ms().unsigned_abs());
    params.not_before = now - DAY;
    params.not_after = now + 365 * DAY;
    Ok(params)
}

//! TLS from files: certificates and the key that belongs to them.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::fault::{Fault, Result};
use crate::settings::Settings;

/// `None` where no files are set.
pub(super) fn acceptor(settings: &Settings) -> Result<Option<TlsAcceptor>> {
    let (certificates, key) = match (settings.server_tls_cert.value.get(), settings.server_tls_key.value.get()) {
        (None, None) => return Ok(None),
        (Some(certificates), Some(key)) => (Path::new(certificates), Path::new(key)),
        _ => {
            let what = "TLS needs certificates and their key, and only one of both is set";
            return Err(Fault::caller("settings", what).hint("set server.tls_cert and server.tls_key"));
        }
    };
    let unreadable = |path: &Path, what: &str| {
        Fault::caller("bad_certificate", format!("{} holds no {what} that can be read", path.display()))
            .hint("give PEM files, and let this user read them")
    };
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_file_iter(certificates)
            .and_then(Iterator::collect)
            .map_err(|error| unreadable(certificates, "certificate").because_of(error))?;
    if chain.is_empty() {
        return Err(unreadable(certificates, "certificate"));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, "private key").because_of(error))?;
    let refused = |error: rustls::Error| {
        let what = format!("the key in {} does not belong to {}", key.display(), certificates.display());
        Fault::caller("bad_certificate", what).hint("use the two files that were made together").because_of(error)
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(refused)?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(refused)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(TlsAcceptor::from(Arc::new(config))))
}

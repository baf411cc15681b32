//! Writes the certificates and keys for a loopback HTTPS server in another language:
//!
//! `cargo run -p test-provider --features server --example certificate -- DIRECTORY`
//!
//! - `ca.pem`: the certificate to trust;
//! - `cert.pem`: the server's certificate for `localhost` and `127.0.0.1`, then the authority's;
//! - `key.pem`: the server's private key (PKCS#8);
//! - `tls-client.pem`, `tls-client-key.pem`: a client certificate from the same authority with the
//!   name `a client`, and its private key (PKCS#8).

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use test_provider::server::LoopbackCertificate;

fn main() -> Result<(), Box<dyn Error>> {
    let directory = PathBuf::from(
        std::env::args_os()
            .nth(1)
            .ok_or("usage: certificate DIRECTORY")?,
    );
    fs::create_dir_all(&directory)?;
    let certificate = LoopbackCertificate::generate();
    fs::write(directory.join("ca.pem"), certificate.ca_pem())?;
    fs::write(directory.join("cert.pem"), certificate.chain_pem())?;
    fs::write(directory.join("key.pem"), certificate.key_pem())?;
    let client = certificate.issue_client_certificate("a client");
    fs::write(directory.join("tls-client.pem"), client.pem())?;
    fs::write(directory.join("tls-client-key.pem"), client.key_pem())?;
    Ok(())
}

//! The command line.

use openid_client::{Secret, Url};

use crate::registration::{Registration, is_plain_loopback};

/// The options of the demo.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// Whether to log in without a user, print the claims, and exit.
    pub(crate) headless: bool,
    /// A provider to use instead of the one that the demo starts.
    pub(crate) real: Option<Registration>,
    redirect_uri: Option<Url>,
}

impl Options {
    /// Reads the arguments that follow the program's name.
    pub(crate) fn read(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        let (mut issuer, mut client_id, mut client_secret) = (None, None, None);
        let mut arguments = arguments.peekable();
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .ok_or_else(|| format!("{argument} needs a value\n\n{USAGE}"))
            };
            match argument.as_str() {
                "--headless" => options.headless = true,
                "--issuer" => issuer = Some(value()?),
                "--client-id" => client_id = Some(value()?),
                "--client-secret" => client_secret = Some(value()?),
                "--redirect-uri" => options.redirect_uri = Some(redirect_uri(&value()?)?),
                other => return Err(format!("unknown argument {other}\n\n{USAGE}")),
            }
        }
        options.real = match (issuer, client_id) {
            (None, None) if client_secret.is_none() => None,
            (Some(issuer), Some(client_id)) => Some(Registration {
                issuer,
                client_id,
                client_secret: client_secret.map(Secret::new),
            }),
            _ => return Err(format!("--issuer and --client-id go together\n\n{USAGE}")),
        };
        Ok(options)
    }
}

impl Options {
    /// Returns the host and port of the application. A real provider knows only the registered
    /// redirect URI; the demo's own provider accepts any port.
    pub(crate) fn listen(&self) -> Result<(String, u16), String> {
        let uri = match (&self.redirect_uri, &self.real) {
            (Some(uri), _) => uri,
            (None, Some(_)) => &redirect_uri("http://127.0.0.1:8400/callback")?,
            (None, None) => return Ok(("127.0.0.1".to_owned(), 0)),
        };
        let host = uri.host_str().unwrap_or("127.0.0.1").to_owned();
        Ok((host, uri.port_or_known_default().unwrap_or(0)))
    }
}

fn redirect_uri(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("--redirect-uri: {error}"))?;
    if !is_plain_loopback(&url) || url.path() != "/callback" {
        return Err("--redirect-uri must be http://127.0.0.1:PORT/callback".to_owned());
    }
    Ok(url)
}

/// What `--help` prints.
pub(crate) const USAGE: &str = "\
A login with OpenID Connect, step by step.

    demo                    start a provider and an application; open the printed URL
    demo --headless         walk through the same login over HTTPS, print the claims, exit
    demo --issuer URL --client-id ID [--client-secret SECRET]
                            use a real provider in place of the demo's own

    --redirect-uri URI      the registered redirect URI, http://127.0.0.1:PORT/callback;
                            with a real provider http://127.0.0.1:8400/callback by default";

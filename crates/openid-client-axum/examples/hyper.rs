//! A web application with hyper alone: login, a protected page and logout. `--help` of the program
//! says how to use another provider than the one that it starts.

mod support;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use openid_client_axum::openid_client::Report;
use openid_client_axum::{Login, LoginError, LoginLayer};
use tower::{Layer as _, service_fn};

async fn pages(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, LoginError> {
    let login = Login::of(request.extensions())?;
    let response = match (request.uri().path(), login.claims()) {
        ("/me", Some(claims)) => Response::new(format!("hello {}", claims.sub()).into()),
        ("/me", None) => login.refuse(&LoginError::LoginRequired),
        _ => Response::new(Bytes::from_static(b"See /me, or log out at /auth/logout.")),
    };
    Ok(response.map(Full::new))
}

#[tokio::main]
async fn main() -> Result<(), Report> {
    let example = support::start().await?;
    let login = LoginLayer::builder(example.key)
        .client("example", example.client)
        .post_logout_redirect_uri(example.post_logout_redirect_uri)
        // The application runs on loopback, without TLS.
        .danger_insecure_cookies();
    let service = TowerToHyperService::new(login.build()?.layer(service_fn(pages)));
    loop {
        let (stream, _) = example.listener.accept().await?;
        let server = http1::Builder::new();
        tokio::spawn(server.serve_connection(TokioIo::new(stream), service.clone()));
    }
}

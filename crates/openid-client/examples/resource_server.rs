//! An API that accepts access tokens with the scope `read`:
//! `resource_server ISSUER RESOURCE ADDRESS`.

#![allow(clippy::print_stdout)]

use axum::{Router, routing};
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use openid_client::resource_server::{Refused, VerifiedToken};
use openid_client::{Report, ResourceServer};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Report> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [issuer, resource, address] = arguments
        .try_into()
        .map_err(|_| Report::message("three arguments, please"))?;
    let api = ResourceServer::discover(issuer, resource).await?;
    let app: Router = Router::new()
        .route("/items", routing::get(items).post(add_item))
        .layer(api.layer().require_scope(["read"]));
    let listener = TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(app.clone());
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

async fn items(token: VerifiedToken) -> String {
    format!("the items of {}", token.sub().unwrap_or("nobody"))
}

async fn add_item(token: VerifiedToken) -> Result<&'static str, Refused> {
    token.require_scope(&["write"])?;
    Ok("added")
}

//! A web application with axum: login, a protected page and logout. `--help` of the program says
//! how to use another provider than the one that it starts.

mod support;

use axum::{Router, response::Html, routing::get};
use openid_client_axum::openid_client::Report;
use openid_client_axum::{Claims, LoginLayer, RequireLogin};

async fn me(claims: Claims) -> String {
    format!("hello {}", claims.sub())
}

#[tokio::main]
async fn main() -> Result<(), Report> {
    let example = support::start().await?;
    let login = LoginLayer::builder(example.key)
        .client("example", example.client)
        .post_logout_redirect_uri(example.post_logout_redirect_uri)
        // The application runs on loopback, without TLS.
        .danger_insecure_cookies();
    let app = Router::new()
        .route("/me", get(me))
        .route_layer(RequireLogin)
        .route(
            "/",
            get(Html("<a href=/me>me</a> <a href=/auth/logout>log out</a>")),
        )
        .layer(login.build()?);
    Ok(axum::serve(example.listener, app).await?)
}

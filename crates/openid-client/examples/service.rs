//! A service with a hundred tasks and one token: `service ISSUER CLIENT_ID CLIENT_SECRET URL`.

#![allow(clippy::print_stdout)]

use openid_client::{Client, Error, Report, SourceGrant, http::Method};

#[tokio::main]
async fn main() -> Result<(), Report> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [issuer, id, secret, url] = arguments
        .try_into()
        .map_err(|_| Report::message("four arguments, please"))?;
    let client = Client::discover(issuer, id)
        .client_secret_basic(secret)
        .await?;
    let grant = SourceGrant::client_credentials().scope("read");
    let source = client.token_source(grant).build()?;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let request = client.fetch_protected_resource(&source, Method::GET, &url);
        tasks.spawn(async move { Ok::<_, Error>(request.await?.status()) });
    }
    while let Some(status) = tasks.join_next().await {
        println!("{}", status??);
    }
    Ok(())
}

//! A login with every check in place: `login ISSUER CLIENT_ID CLIENT_SECRET REDIRECT_URI`.

#![allow(clippy::print_stderr, clippy::print_stdout)]

use openid_client::{Client, Error, PendingLogin, Report, Url};

struct Login(Client);

impl Login {
    async fn new(issuer: &str, id: &str, secret: &str, redirect: &str) -> Result<Self, Error> {
        let client = Client::discover(issuer, id).client_secret_basic(secret);
        Ok(Self(client.redirect_uri(redirect).await?))
    }

    async fn start(&self) -> Result<(Url, PendingLogin), Error> {
        self.0.authorization_request().await
    }

    async fn finish(&self, callback: &str, session: PendingLogin) -> Result<String, Error> {
        let tokens = self.0.authorization_code_grant(session, callback).await?;
        Ok(self.0.fetch_user_info(&tokens).await?.sub().to_owned())
    }
}

#[tokio::main]
async fn main() -> Result<(), Report> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [issuer, id, secret, redirect] = arguments
        .try_into()
        .map_err(|_| Report::message("four arguments, please"))?;
    let login = Login::new(&issuer, &id, &secret, &redirect).await?;
    let (url, session) = login.start().await?;
    eprintln!("Open {url}\nand paste the URL that it ends at:");
    let callback = std::io::read_to_string(std::io::stdin())?;
    println!("{}", login.finish(callback.trim(), session).await?);
    Ok(())
}

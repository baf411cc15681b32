//! The page on which a person chooses between several providers.

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::page::{link, page};
use crate::settings::Settings;

/// One of several ways to log in; see
/// [`LoginLayerBuilder::choice_page`](crate::LoginLayerBuilder::choice_page).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginChoice {
    client: String,
    path: String,
}

impl LoginChoice {
    /// The name of the client, as [`client`](crate::LoginLayerBuilder::client) was given it.
    pub fn client(&self) -> &str {
        &self.client
    }

    /// The path for a link that begins the login. It contains the page to return to, with a query:
    /// escape it in HTML.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl Settings {
    /// The page on which a person chooses one of these clients.
    pub(crate) fn choice(&self, clients: &[String], return_to: Option<&str>) -> Response<Bytes> {
        let choices: Vec<_> = clients
            .iter()
            .map(|client| LoginChoice {
                client: client.clone(),
                path: self.login_path(std::slice::from_ref(client), return_to),
            })
            .collect();
        let links = choices.iter().map(|it| link(&it.path, &it.client));
        let body = format!("<p>Choose how to log in.</p>{}", links.collect::<String>());
        let page = page(StatusCode::OK, "Log in", &body);
        match &self.choice_page {
            Some(replace) => replace(&choices, page),
            None => page,
        }
    }
}

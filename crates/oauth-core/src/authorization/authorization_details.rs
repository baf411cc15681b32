use serde_json::{Map, Value};

/// One element of `authorization_details`: a detailed description of what an access token permits
/// (RFC 9396 section 2).
///
/// ```
/// use oauth_core::authorization::AuthorizationDetail;
///
/// let payment = AuthorizationDetail::new("payment_initiation")
///     .actions(["initiate", "status"])
///     .locations(["https://bank.example.com/payments"])
///     .member("instructedAmount", serde_json::json!({"currency": "EUR", "amount": "12.50"}));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationDetail(Map<String, Value>);

impl AuthorizationDetail {
    /// Creates a detail of this type. The type defines which other members it has.
    pub fn new(r#type: impl Into<String>) -> Self {
        Self(Map::new()).member("type", Value::String(r#type.into()))
    }

    /// Sets `locations`: the URLs of the resource servers.
    #[must_use]
    pub fn locations<T: Into<String>>(self, locations: impl IntoIterator<Item = T>) -> Self {
        self.list("locations", locations)
    }

    /// Sets `actions`: what the token permits there.
    #[must_use]
    pub fn actions<T: Into<String>>(self, actions: impl IntoIterator<Item = T>) -> Self {
        self.list("actions", actions)
    }

    /// Sets `datatypes`: the kinds of data that the token permits access to.
    #[must_use]
    pub fn datatypes<T: Into<String>>(self, datatypes: impl IntoIterator<Item = T>) -> Self {
        self.list("datatypes", datatypes)
    }

    /// Sets `privileges`: the levels of privilege at the resource.
    #[must_use]
    pub fn privileges<T: Into<String>>(self, privileges: impl IntoIterator<Item = T>) -> Self {
        self.list("privileges", privileges)
    }

    /// Sets `identifier`: the one resource that the token is for.
    #[must_use]
    pub fn identifier(self, identifier: impl Into<String>) -> Self {
        self.member("identifier", Value::String(identifier.into()))
    }

    /// Sets any other member, for example one that the type defines.
    #[must_use]
    pub fn member(mut self, name: impl Into<String>, value: Value) -> Self {
        self.0.insert(name.into(), value);
        self
    }

    /// The members, including `type`.
    pub const fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The value of the `authorization_details` parameter: a JSON array.
    pub fn encode(details: impl IntoIterator<Item = Self>) -> String {
        let details = details.into_iter().map(|Self(it)| Value::Object(it));
        Value::Array(details.collect()).to_string()
    }

    fn list<T: Into<String>>(self, name: &str, values: impl IntoIterator<Item = T>) -> Self {
        let values = values.into_iter().map(|value| Value::String(value.into()));
        self.member(name, Value::Array(values.collect()))
    }
}

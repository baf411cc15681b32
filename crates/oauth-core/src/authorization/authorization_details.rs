use serde_json::{Map, Value};

/// What an access token is to be good for, in detail (RFC 9396 section 2): one element of
/// `authorization_details`.
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
    /// A detail of this type, which says what else belongs into it.
    pub fn new(r#type: impl Into<String>) -> Self {
        Self(Map::new()).member("type", Value::String(r#type.into()))
    }

    /// Where: URLs of resource servers.
    #[must_use]
    pub fn locations<T: Into<String>>(self, locations: impl IntoIterator<Item = T>) -> Self {
        self.list("locations", locations)
    }

    /// What may be done there.
    #[must_use]
    pub fn actions<T: Into<String>>(self, actions: impl IntoIterator<Item = T>) -> Self {
        self.list("actions", actions)
    }

    /// With which kinds of data.
    #[must_use]
    pub fn datatypes<T: Into<String>>(self, datatypes: impl IntoIterator<Item = T>) -> Self {
        self.list("datatypes", datatypes)
    }

    /// At which level of privilege.
    #[must_use]
    pub fn privileges<T: Into<String>>(self, privileges: impl IntoIterator<Item = T>) -> Self {
        self.list("privileges", privileges)
    }

    /// With which one resource.
    #[must_use]
    pub fn identifier(self, identifier: impl Into<String>) -> Self {
        self.member("identifier", Value::String(identifier.into()))
    }

    /// Sets any other member, such as those that the type defines.
    #[must_use]
    pub fn member(mut self, name: impl Into<String>, value: Value) -> Self {
        self.0.insert(name.into(), value);
        self
    }

    /// The members, `type` among them.
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

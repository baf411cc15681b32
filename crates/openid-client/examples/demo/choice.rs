//! What a login uses.

/// The extensions that are switched on for one login.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Pushed authorization requests.
    pub(crate) par: bool,
    /// Authorization responses as JWTs.
    pub(crate) jarm: bool,
    /// Tokens that are bound to a key.
    pub(crate) dpop: bool,
}

impl Choice {
    /// Reads the form of the start page.
    pub(crate) fn of_query(query: &str) -> Self {
        let is_on = |name: &str| {
            query
                .split('&')
                .any(|it| it.strip_suffix("=on") == Some(name))
        };
        Self {
            par: is_on("par"),
            jarm: is_on("jarm"),
            dpop: is_on("dpop"),
        }
    }

    /// The names of what is on.
    pub(crate) fn names(self) -> Vec<&'static str> {
        let all = [(self.par, "PAR"), (self.jarm, "JARM"), (self.dpop, "DPoP")];
        all.into_iter()
            .filter_map(|(is_on, name)| is_on.then_some(name))
            .collect()
    }
}

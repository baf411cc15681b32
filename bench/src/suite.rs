//! The cases, in groups of the same work.

/// The role of a case in its group.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The bare library. No library that uses it can be faster.
    Floor,
    /// `jose`.
    Ours,
    /// Another JOSE library.
    Peer,
}

impl Role {
    /// Returns the word for the role in the output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Ours => "ours",
            Self::Peer => "peer",
        }
    }
}

/// A way to do the work of a group.
pub struct Case {
    pub role: Role,
    pub name: &'static str,
    pub operation: Box<dyn FnMut()>,
}

/// Cases that do the same work.
pub struct Group {
    pub name: String,
    pub cases: Vec<Case>,
}

/// All groups, in the order of the report.
#[derive(Default)]
pub struct Suite {
    pub groups: Vec<Group>,
}

impl Suite {
    /// Adds a case. Creates its group if it does not exist.
    pub fn add(
        &mut self,
        group: &str,
        role: Role,
        name: &'static str,
        operation: impl FnMut() + 'static,
    ) {
        let case = Case {
            role,
            name,
            operation: Box::new(operation),
        };
        match self.groups.iter_mut().find(|known| known.name == group) {
            Some(known) => known.cases.push(case),
            None => self.groups.push(Group {
                name: group.to_owned(),
                cases: vec![case],
            }),
        }
    }
}

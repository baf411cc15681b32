//! The output of a program of the package `bench`.

/// The role of a case in its group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Role {
    /// The bare library.
    Floor,
    /// The crate that is measured.
    Ours,
    /// Another library that does the same.
    Peer,
}

/// One line of the output: one way to do the work of a group.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Case {
    pub(crate) role: Role,
    pub(crate) name: String,
    /// Nanoseconds per operation, the median over the rounds.
    pub(crate) nanoseconds: f64,
    /// The ratio to the floor in the same round: the median; then the lower and the upper quartile.
    pub(crate) ratio: f64,
    pub(crate) quartiles: [f64; 2],
    /// Heap allocations per operation.
    pub(crate) allocations: u64,
}

/// Cases that do the same work.
#[derive(Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) cases: Vec<Case>,
}

impl Group {
    /// The fastest floor, to which all ratios refer.
    pub(crate) fn floor(&self) -> Option<&Case> {
        self.fastest(Role::Floor)
    }

    /// The case of the crate that is measured.
    pub(crate) fn ours(&self) -> Option<&Case> {
        self.fastest(Role::Ours)
    }

    /// The fastest case of a role.
    fn fastest(&self, role: Role) -> Option<&Case> {
        self.cases
            .iter()
            .filter(|case| case.role == role)
            .min_by(|a, b| a.nanoseconds.total_cmp(&b.nanoseconds))
    }
}

/// All groups of one program, in its order.
#[derive(Debug, PartialEq)]
pub(crate) struct Run {
    pub(crate) groups: Vec<Group>,
    pub(crate) rounds: u64,
}

impl Run {
    /// Reads the program's output.
    ///
    /// # Errors
    /// An error message with the line that cannot be parsed, or if there is no line.
    pub(crate) fn parse(lines: &str) -> Result<Self, String> {
        let mut run = Self {
            groups: Vec::new(),
            rounds: 0,
        };
        for line in lines.lines() {
            let (group, case, rounds) =
                parse_line(line).ok_or_else(|| format!("the benchmark printed `{line}`"))?;
            run.rounds = rounds;
            match run.groups.iter_mut().find(|known| known.name == group) {
                Some(known) => known.cases.push(case),
                None => run.groups.push(Group {
                    name: group.to_owned(),
                    cases: vec![case],
                }),
            }
        }
        if run.groups.is_empty() {
            return Err("the benchmark printed nothing".to_owned());
        }
        Ok(run)
    }

    /// The group of this name.
    pub(crate) fn group(&self, name: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.name == name)
    }
}

fn parse_line(line: &str) -> Option<(&str, Case, u64)> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [
        group,
        role,
        name,
        nanoseconds,
        ratio,
        lower,
        upper,
        allocations,
        rounds,
    ] = columns.as_slice()
    else {
        return None;
    };
    let case = Case {
        role: match *role {
            "floor" => Role::Floor,
            "ours" => Role::Ours,
            "peer" => Role::Peer,
            _ => return None,
        },
        name: (*name).to_owned(),
        nanoseconds: nanoseconds.parse().ok()?,
        ratio: ratio.parse().ok()?,
        quartiles: [lower.parse().ok()?, upper.parse().ok()?],
        allocations: allocations.parse().ok()?,
    };
    Some((group, case, rounds.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_groups() {
        let run = Run::parse(
            "verify A\tfloor\tring\t100.0\t1.5\t1.4\t1.6\t0\t9\n\
             verify A\tfloor\taws-lc-rs\t66.0\t1.0\t1.0\t1.0\t1\t9\n\
             verify A\tours\tjose\t70.0\t1.06\t1.05\t1.07\t2\t9\n\
             sign A\tpeer\tother\t5.0\t2.0\t2.0\t2.0\t3\t9\n",
        )
        .unwrap();
        assert_eq!(run.rounds, 9);
        let group = run.group("verify A").unwrap();
        assert_eq!(group.cases.len(), 3);
        assert_eq!(group.floor().unwrap().name, "aws-lc-rs");
        assert_eq!(group.ours().unwrap().quartiles, [1.05, 1.07]);
        assert_eq!(run.group("sign A").unwrap().ours(), None);
        assert_eq!(run.group("sign A").unwrap().cases[0].role, Role::Peer);
    }

    #[test]
    fn other_output_is_an_error() {
        assert_eq!(
            Run::parse("hello\n"),
            Err("the benchmark printed `hello`".to_owned())
        );
        assert_eq!(
            Run::parse(""),
            Err("the benchmark printed nothing".to_owned())
        );
    }
}

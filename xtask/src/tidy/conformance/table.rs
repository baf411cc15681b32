//! The rows of the table.

/// The verdict of a client about a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Accepted,
    Refused,
    OutOfScope,
}

/// One module.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) line: usize,
    pub(super) module: String,
    pub(super) switches: Vec<String>,
    pub(super) verdict: Option<Verdict>,
    /// The tests, each named `file::function`.
    pub(super) tests: Vec<String>,
    /// The text of the last cell.
    pub(super) reason: String,
}

/// Returns every row of four cells whose first cell consists only of code.
pub(super) fn rows(text: &str) -> Vec<Row> {
    let row = |(line, content): (usize, &str)| {
        let inside = content.trim().strip_prefix('|')?.strip_suffix('|')?;
        let cells: Vec<&str> = inside.split('|').map(str::trim).collect();
        let [module, behaviour, verdict, last] = cells[..] else {
            return None;
        };
        let module = module.strip_prefix('`')?.strip_suffix('`')?;
        Some(Row {
            line,
            module: module.to_owned(),
            switches: code(behaviour).filter(|it| is_switch(it)).collect(),
            verdict: match verdict {
                "accepted" => Some(Verdict::Accepted),
                "refused" => Some(Verdict::Refused),
                "out of scope" => Some(Verdict::OutOfScope),
                _ => None,
            },
            tests: code(last).filter(|it| it.contains("::")).collect(),
            reason: last.to_owned(),
        })
    };
    (1_usize..).zip(text.lines()).filter_map(row).collect()
}

/// The text between backticks.
fn code(text: &str) -> impl Iterator<Item = String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned)
}

/// Whether a name is in upper camel case, like the variants of an enum.
fn is_switch(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_uppercase())
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric())
        && text.chars().any(|character| character.is_ascii_lowercase())
        && !NO_SWITCHES.contains(&text)
}

/// Code in upper camel case that is not a switch: header fields.
const NO_SWITCHES: [&str; 1] = ["Authorization"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read() {
        let text = "# Title\n\n| Module | What | Verdict | Test |\n|---|---|---|---|\n\
                    | `m-1` | No `iss` (`IssuerMissing`, `RS256`, `Authorization`). | refused | `a::b`, `a::c::d` |\n\
                    | `m-2` | x | maybe | None. |\n";
        let found = rows(text);
        let row = |line, module: &str| Row {
            line,
            module: module.to_owned(),
            switches: Vec::new(),
            verdict: None,
            tests: Vec::new(),
            reason: "None.".to_owned(),
        };
        let first = Row {
            switches: vec!["IssuerMissing".to_owned()],
            verdict: Some(Verdict::Refused),
            tests: vec!["a::b".to_owned(), "a::c::d".to_owned()],
            reason: "`a::b`, `a::c::d`".to_owned(),
            ..row(5, "m-1")
        };
        assert_eq!(found, [first, row(6, "m-2")]);
    }
}

//! The tables of the map.

/// One row: a name of the reference and its counterpart here.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) line: usize,
    /// The heading above it.
    pub(super) section: String,
    /// The name: `symbol`, or `symbol.member` under the heading of a symbol.
    pub(super) name: String,
    pub(super) answer: String,
}

/// Returns every row whose first cell consists only of a name between backticks.
pub(super) fn rows(text: &str) -> Vec<Row> {
    let mut section = String::new();
    let mut rows = Vec::new();
    for (line, content) in (1_usize..).zip(text.lines()) {
        if let Some(heading) = heading(content) {
            heading.clone_into(&mut section);
            continue;
        }
        let Some((name, answer)) = cells(content) else {
            continue;
        };
        let Some(name) = quoted(name) else { continue };
        let name = match quoted(&section) {
            Some(symbol) => format!("{symbol}.{name}"),
            None => name.to_owned(),
        };
        rows.push(Row {
            line,
            section: section.clone(),
            name,
            answer: answer.to_owned(),
        });
    }
    rows
}

/// Every heading below the title, with its line.
pub(super) fn headings(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1_usize..)
        .zip(text.lines())
        .filter_map(|(line, content)| Some((line, heading(content)?)))
}

fn heading(line: &str) -> Option<&str> {
    Some(line.strip_prefix("## ")?.trim())
}

/// The two cells of a row.
fn cells(line: &str) -> Option<(&str, &str)> {
    let inside = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let (name, answer) = inside.split_once('|')?;
    Some((name.trim(), answer.trim()))
}

/// Returns the code in a text that consists only of code.
fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('`')?.strip_suffix('`')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_belong_to_their_heading() {
        let text = "# Title\n\n## Functions\n\n| Symbol | Rust |\n|---|---|\n| `f` | `a::f` |\n\n\
                    ## `JWK`\n\n| `kty` | Not needed: x. |\n";
        let found: Vec<_> = rows(text)
            .into_iter()
            .map(|row| (row.line, row.section, row.name, row.answer))
            .collect();
        let row = |line, section: &str, name: &str, answer: &str| {
            (line, section.to_owned(), name.to_owned(), answer.to_owned())
        };
        assert_eq!(
            found,
            [
                row(7, "Functions", "f", "`a::f`"),
                row(11, "`JWK`", "JWK.kty", "Not needed: x."),
            ]
        );
    }

    #[test]
    fn headings_have_lines() {
        let found: Vec<_> = headings("# T\n## A\n### B\n## C").collect();
        assert_eq!(found, [(2, "A"), (4, "C")]);
    }
}

//! Checks the width of comments and of prose, which rustfmt does not wrap.

use super::tree::Tree;

const MOST_COLUMNS: usize = 100;

/// Written by a command, with one line for each measurement.
const GENERATED: &[&str] = &["docs/BENCHMARKS.md"];

/// Returns each line of prose that goes beyond the last column.
pub(crate) fn faults(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in tree.files() {
        if GENERATED.contains(&path) {
            continue;
        }
        let prose: fn(&str) -> Option<&str> = match path.rsplit_once('.') {
            Some((_, "rs")) => comment,
            Some((_, "md")) => |line| Some(line),
            _ => continue,
        };
        let mut in_code = false;
        for (number, line) in text.lines().enumerate() {
            let Some(content) = prose(line) else {
                in_code = false;
                continue;
            };
            in_code ^= content.starts_with("```");
            let columns = line.chars().count();
            // A hidden line of an example is read by those who edit the page.
            let is_hidden = in_code && path.ends_with(".md") && content.starts_with("# ");
            if columns > MOST_COLUMNS && (is_hidden || !in_code && can_break(content)) {
                let number = number.saturating_add(1);
                faults.push(format!(
                    "{path}:{number}: {columns} columns, where {MOST_COLUMNS} are allowed"
                ));
            }
        }
    }
    faults
}

/// Returns the text of a line that is a comment.
fn comment(line: &str) -> Option<&str> {
    let comment = line.trim_start().strip_prefix("//")?;
    Some(comment.trim_start_matches(['/', '!']).trim_start())
}

/// Whether a line can be written as two. The row of a table and the target of a link cannot.
fn can_break(content: &str) -> bool {
    let is_row = content.trim_start().starts_with('|');
    let is_link = ["://", "]: ", "](crate::"]
        .iter()
        .any(|mark| content.contains(mark));
    !is_row && !is_link
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(path: &str, text: &str) -> Vec<String> {
        faults(&Tree::from([(path, text)]))
    }

    /// A line of prose with this number of columns.
    fn line(begin: &str, columns: usize) -> String {
        let rest = columns.saturating_sub(begin.len());
        format!("{begin}{}\n", "é".repeat(rest))
    }

    #[test]
    fn prose_ends_at_the_last_column() {
        for (path, begin) in [("a.rs", "    /// "), ("a.rs", "// "), ("a.md", "- ")] {
            assert_eq!(faults_of(path, &line(begin, 100)), [""; 0], "{path}");
            let expected = format!("{path}:1: 101 columns, where 100 are allowed");
            assert_eq!(faults_of(path, &line(begin, 101)), [expected]);
        }
    }

    #[test]
    fn tables_links_and_code_may_be_wider() {
        for (path, begin) in [
            ("a.md", "| cell | "),
            ("a.md", "[site]: https://example.com/"),
            ("a.md", "```\n"),
            ("a.rs", "/// [`Name`]: crate::"),
            ("a.rs", "//! ```\n//! # "),
            ("a.rs", "let text = \""),
            ("a.json", ""),
        ] {
            assert_eq!(faults_of(path, &line(begin, 150)), [""; 0], "{begin}");
        }
    }

    #[test]
    fn a_hidden_line_of_an_example_ends_at_the_last_column() {
        for (columns, faults) in [(100, 0), (101, 1)] {
            let text = format!("```rust\n{}```\n", line("# let url = \"https://", columns));
            assert_eq!(faults_of("a.md", &text).len(), faults);
        }
    }

    #[test]
    fn prose_after_code_is_prose_again() {
        let text = format!("```\ncode\n```\n{}", line("", 101));
        assert_eq!(faults_of("a.md", &text).len(), 1);
    }
}

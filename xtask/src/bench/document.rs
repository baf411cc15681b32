//! The document `docs/BENCHMARKS.md`. Each command writes one part of it.
//!
//! A part begins with a heading of the first level, and ends where the next one begins.

use std::fs;

use crate::command::Workspace;

/// Prints a part, and writes it to the document in place of the part with the same heading.
///
/// # Errors
/// An error message if the document cannot be read or written.
pub(crate) fn write(workspace: &Workspace, part: &str) -> Result<(), String> {
    println!("{part}");
    let path = workspace.root().join(REPORT);
    let failed = |error| format!("{REPORT}: {error}");
    let before = fs::read_to_string(&path).map_err(failed)?;
    fs::write(&path, with(&before, part)).map_err(failed)?;
    println!("written to {REPORT}");
    Ok(())
}

/// Returns the document with this part. A new part is added at the end.
fn with(document: &str, part: &str) -> String {
    let heading = part.lines().next().unwrap_or_default();
    let mut parts: Vec<String> = Vec::new();
    for line in document.lines() {
        match parts.last_mut() {
            Some(last) if !line.starts_with("# ") => last.push_str(line),
            _ => parts.push(line.to_owned()),
        }
        if let Some(last) = parts.last_mut() {
            last.push('\n');
        }
    }
    let new = format!("{}\n", part.trim_end());
    match parts
        .iter_mut()
        .find(|known| known.lines().next() == Some(heading))
    {
        Some(known) => *known = new,
        None => parts.push(new),
    }
    let parts: Vec<&str> = parts.iter().map(|part| part.trim_end()).collect();
    format!("{}\n", parts.join("\n\n"))
}

const REPORT: &str = "docs/BENCHMARKS.md";

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "# One\n\nold\n\n## Table\n\nrow\n\n# Two\n\nkept\n";

    #[test]
    fn a_part_takes_the_place_of_the_one_with_its_heading() {
        let expected = "# One\n\nnew\n\n# Two\n\nkept\n";
        assert_eq!(with(TWO, "# One\n\nnew\n\n"), expected);
        let expected = "# One\n\nold\n\n## Table\n\nrow\n\n# Two\n\nnew\n";
        assert_eq!(with(TWO, "# Two\n\nnew"), expected);
    }

    #[test]
    fn a_new_part_comes_last() {
        assert_eq!(
            with(TWO, "# Three\n\nnew\n"),
            format!("{TWO}\n# Three\n\nnew\n")
        );
        assert_eq!(with("", "# One\n"), "# One\n");
    }
}

//! The lines of this program that a page shows. They come from its source, so they cannot be stale.

/// Returns the lines between `// snippet: NAME` and `// end`, without their common indentation.
pub(crate) fn snippet(name: &str) -> Option<String> {
    let start = format!("// snippet: {name}");
    let lines = SOURCES.iter().find_map(|source| {
        let mut lines = source.lines().skip_while(|line| line.trim() != start);
        lines.next()?;
        Some(
            lines
                .take_while(|line| line.trim() != "// end")
                .collect::<Vec<_>>(),
        )
    })?;
    let indentation = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len().saturating_sub(line.trim_start().len()))
        .min()?;
    let lines = lines
        .into_iter()
        .map(|line| line.get(indentation..).unwrap_or_default());
    Some(lines.collect::<Vec<_>>().join("\n"))
}

const SOURCES: &[&str] = &[
    include_str!("registration.rs"),
    include_str!("login.rs"),
    include_str!("device.rs"),
    include_str!("logout.rs"),
    include_str!("sessions.rs"),
];

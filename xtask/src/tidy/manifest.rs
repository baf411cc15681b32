//! A reader for the parts of a `Cargo.toml` that the rules need.

/// Returns the lines of the tables whose names `wanted` selects, with those names.
pub(crate) fn entries(
    manifest: &str,
    wanted: impl Fn(&str) -> bool,
) -> impl Iterator<Item = (&str, &str)> {
    let mut table = "";
    manifest.lines().filter_map(move |line| {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            table = header.trim_end_matches(']');
            // `[dependencies.name]` names a dependency by its header alone.
            return wanted(table).then_some((table, ""));
        }
        let kept = !line.is_empty() && !line.starts_with('#') && wanted(table);
        kept.then_some((table, line))
    })
}

/// Returns the key at the start of a line: `serde` for `serde.workspace = true`.
pub(crate) fn key(line: &str) -> &str {
    let end = line.find(['.', '=', ' ']).unwrap_or(line.len());
    line.get(..end).unwrap_or(line).trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_wanted_tables_are_read() {
        let manifest =
            "[a]\none = 1\n\n[b]\n# no\ntwo.workspace = true\n\"three\" = { x = 1 }\n[c]\nfour=1";
        let keys: Vec<_> = entries(manifest, |table| table == "b" || table == "c")
            .filter(|(_, line)| !line.is_empty())
            .map(|(table, line)| (table, key(line)))
            .collect();
        assert_eq!(keys, [("b", "two"), ("b", "three"), ("c", "four")]);
    }
}

//! Checks the links in Markdown files: the file and the heading that they name exist.

use super::tree::Tree;

/// Returns every link within the checkout that leads nowhere.
pub(crate) fn faults(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| path.ends_with(".md")) {
        for (number, line) in prose(text) {
            for target in targets(&line) {
                if let Some(fault) = judge(tree, path, target) {
                    faults.push(format!("{path}:{number}: `{target}` {fault}"));
                }
            }
        }
    }
    faults
}

/// Returns what is wrong with the target of a link.
fn judge(tree: &Tree, from: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = match target.split_once('#') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (target, None),
    };
    let path = match file {
        "" => from.to_owned(),
        _ => match resolve(from, file) {
            Some(path) => path,
            None => return Some("leads out of the checkout".to_owned()),
        },
    };
    if !tree.has(&path) {
        return Some("does not exist".to_owned());
    }
    let anchor = anchor?;
    match tree.file(&path) {
        Some(text) if path.ends_with(".md") => {
            let found = anchors(text).iter().any(|it| it == anchor);
            (!found).then(|| format!("names a heading that {path} does not have"))
        }
        _ => None,
    }
}

/// Resolves a relative path; `None` if it leads out of the checkout.
fn resolve(from: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Returns the lines outside of code blocks with their numbers, without code spans.
fn prose(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut fence = None;
    text.lines().zip(1..).filter_map(move |(line, number)| {
        let start = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|it| start.starts_with(it));
        match (fence, mark) {
            (None, Some(mark)) => {
                fence = Some(mark);
                None
            }
            (Some(open), Some(mark)) if open == mark => {
                fence = None;
                None
            }
            (Some(_), _) => None,
            (None, None) => Some((number, without_code(line))),
        }
    })
}

fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// Returns the targets of the links in a line: `[text](target)` and `[name]: target`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let inline = line.split("](").skip(1).filter_map(|rest| {
        let end = rest.find([')', ' '])?;
        rest.get(..end)
    });
    let defined = line
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("]: "))
        .and_then(|(_, rest)| rest.split_whitespace().next());
    inline.chain(defined)
}

/// Returns the anchors of the headings, as GitHub makes them.
fn anchors(text: &str) -> Vec<String> {
    let mut anchors: Vec<String> = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        let level = line.chars().take_while(|it| *it == '#').count();
        let Some(heading) = line.get(level..).and_then(|it| it.strip_prefix(' ')) else {
            continue;
        };
        if fenced || !(1..=6).contains(&level) {
            continue;
        }
        let slug = slug(heading);
        let repeats = |it: &&String| {
            let number = it.strip_prefix(&slug).and_then(|it| it.strip_prefix('-'));
            **it == slug || number.is_some_and(|it| it.parse::<usize>().is_ok())
        };
        match anchors.iter().filter(repeats).count() {
            0 => anchors.push(slug),
            times => anchors.push(format!("{slug}-{times}")),
        }
    }
    anchors
}

/// Returns the anchor of a heading: in lower case, without punctuation, with hyphens for spaces.
/// The target of a link in the heading is not part of it.
fn slug(heading: &str) -> String {
    let mut text = heading.trim().to_owned();
    while let Some((before, rest)) = text.split_once("](") {
        let after = rest.split_once(')').map_or("", |(_, after)| after);
        text = format!("{before}{after}");
    }
    text.to_lowercase()
        .chars()
        .filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_'))
        .map(|it| if it == ' ' { '-' } else { it })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(text: &str) -> Vec<String> {
        faults(&Tree::from([
            ("docs/a.md", text),
            (
                "docs/b.md",
                "# The `code` of [x](y), twice\n```\n# Not this\n```\n## Two\n## Two\n",
            ),
            ("docs/sub/c.txt", ""),
            ("y", ""),
            ("docs/y", ""),
        ]))
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        let text = "[1](b.md) [2](sub/c.txt), [3](./sub) [4](../docs/b.md#two-1) [5](#self)\n\
                    [6](b.md#the-code-of-x-twice) `[7](gone)` [8](https://example.com/a#b)\n\
                    # Self\n```\n[9](gone)\n```\n[name]: b.md#two\n";
        assert_eq!(faults_of(text), [""; 0]);
    }

    #[test]
    fn links_that_lead_nowhere_are_found() {
        let text = "[1](gone.md) and [2](b.md#not-this)\n\n[3](../../x)\n[name]: #gone\n";
        assert_eq!(
            faults_of(text),
            [
                "docs/a.md:1: `gone.md` does not exist",
                "docs/a.md:1: `b.md#not-this` names a heading that docs/b.md does not have",
                "docs/a.md:3: `../../x` leads out of the checkout",
                "docs/a.md:4: `#gone` names a heading that docs/a.md does not have",
            ]
        );
    }
}

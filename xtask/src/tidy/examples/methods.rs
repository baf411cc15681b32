//! The public methods in source files, with the examples in their documentation.

/// A public method.
pub(super) struct Method {
    pub(super) path: String,
    /// The line of its declaration.
    pub(super) line: usize,
    /// The type that the method belongs to, without parameters.
    pub(super) owner: String,
    pub(super) name: String,
    pub(super) examples: Vec<Example>,
}

/// A block of code in the documentation of a method.
pub(super) struct Example {
    /// The line where it begins.
    pub(super) line: usize,
    /// The text after the opening fence.
    attributes: String,
    /// The code, with the marks of hidden lines.
    pub(super) code: Vec<String>,
}

impl Example {
    /// Whether it is compiled and run as a test.
    pub(super) fn runs(&self) -> bool {
        matches!(self.attributes.as_str(), "" | "rust")
    }

    /// Returns the lines that a reader has to write, without definitions of types.
    pub(super) fn shown(&self) -> impl Iterator<Item = &str> {
        let mut in_item = false;
        let calls = self.code.iter().filter(move |line| {
            let begins = ["struct ", "impl "].iter().any(|it| line.starts_with(it));
            let is_item = in_item || begins;
            in_item = is_item && !line.starts_with('}') && !(begins && line.ends_with(';'));
            !is_item
        });
        calls
            .map(|line| line.trim())
            .filter(|line| !is_hidden(line))
            .filter(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("use "))
    }
}

/// Whether rustdoc hides the line; `##` and attributes are code.
pub(super) fn is_hidden(line: &str) -> bool {
    line == "#" || line.starts_with("# ")
}

/// Returns the methods in these files, which are given with their paths.
pub(super) fn of<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Method> {
    let mut methods = Vec::new();
    for (path, text) in files.filter(|(path, _)| path.ends_with(".rs")) {
        add(&mut methods, path, text);
    }
    methods
}

fn add(methods: &mut Vec<Method>, path: &str, text: &str) {
    let mut owner = None;
    let mut examples = Vec::new();
    let mut open: Option<Example> = None;
    for (number, line) in (1_usize..).zip(text.lines()) {
        if let Some(documentation) = line.trim_start().strip_prefix("///") {
            let documentation = documentation.strip_prefix(' ').unwrap_or(documentation);
            match (documentation.strip_prefix("```"), &mut open) {
                (Some(_), Some(_)) => examples.extend(open.take()),
                (Some(attributes), None) => {
                    open = Some(Example {
                        line: number,
                        attributes: attributes.trim().to_owned(),
                        code: Vec::new(),
                    });
                }
                (None, Some(example)) => example.code.push(documentation.to_owned()),
                (None, None) => {}
            }
            continue;
        }
        if line.starts_with("impl") {
            owner = owner_of(line);
        } else if let Some(name) = requested(line) {
            owner = Some(name);
        } else if line.starts_with('}') {
            owner = None;
        }
        if let (Some(owner), Some(name)) = (&owner, name_of(line)) {
            methods.push(Method {
                path: path.to_owned(),
                line: number,
                owner: owner.clone(),
                name: name.to_owned(),
                examples: std::mem::take(&mut examples),
            });
        }
        if !line.trim_start().starts_with("#[") {
            examples.clear();
        }
    }
}

/// Returns the type of `impl<Source> ClientBuilder<Source> {`; `None` for the implementation of a
/// trait.
fn owner_of(line: &str) -> Option<String> {
    let rest = line.strip_prefix("impl")?;
    let rest = match rest.strip_prefix('<') {
        Some(parameters) => parameters.split_once("> ")?.1,
        None => rest.strip_prefix(' ')?,
    };
    if rest.contains(" for ") {
        return None;
    }
    let end = rest.find(|character| !is_word(character))?;
    rest.get(..end).map(str::to_owned)
}

/// Returns the type of `    Name(Operation) -> Output;`, the first line of an entry of `request!`.
/// The names of methods begin with a small letter.
fn requested(line: &str) -> Option<String> {
    let rest = line.strip_prefix("    ")?;
    let (name, _) = rest.split_once('(')?;
    let is_type = name.starts_with(|first: char| first.is_ascii_uppercase());
    (is_type && name.chars().all(is_word)).then(|| name.to_owned())
}

/// Returns the name of a method that this line declares as a function or as an entry of `setters!`
/// or `request!`.
fn name_of(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rest = ["pub fn ", "pub async fn ", "pub const fn "]
        .into_iter()
        .find_map(|start| line.strip_prefix(start))
        .or_else(|| line.ends_with(");").then_some(line))?;
    let end = rest.find(|character| !is_word(character))?;
    let (name, rest) = rest.split_at(end);
    let is_entry = |rest: &str| rest.starts_with('(') || rest.starts_with('<');
    (name.starts_with(|first: char| first.is_ascii_lowercase()) && is_entry(rest)).then_some(name)
}

/// Whether an identifier may contain a character.
fn is_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "\
impl<Source> Builder<Source> {
    /// ```
    /// use a::b;
    ///
    /// struct C(u8);
    ///
    /// impl D for C {
    ///     fn d(&self) {}
    /// }
    ///
    /// // Why.
    /// # hidden();
    /// let x = a
    /// #   .hidden()
    ///     .shown();
    /// ```
    ///
    /// ```no_run
    /// forever();
    /// ```
    #[must_use]
    pub fn one(self) -> Self {
        call(self);
    }

    pub async fn two<T>(self) {}

    fn private(&self) {}

    setters! {
        /// ```rust
        /// three();
        /// ```
        three(value: u8);
    }
}
impl Drop for Builder {
    pub fn of_no_type(&self) {}
}
impl Other {
    pub const fn four() {}
}
request! {
    /// A request.
    Asked(Operation) -> ();

    /// ```
    /// five();
    /// ```
    five(value: u8);
}
";

    fn found() -> Vec<Method> {
        of([("a.rs", SOURCE), ("a.md", SOURCE)].into_iter())
    }

    #[test]
    fn public_methods_are_found_with_their_types() {
        let found = found();
        let names: Vec<_> = found
            .iter()
            .map(|it| (it.owner.as_str(), it.name.as_str(), it.line))
            .filter(|(_, name, _)| *name != "call")
            .collect();
        let expected = [
            ("Builder", "one", 22),
            ("Builder", "two", 26),
            ("Builder", "three", 34),
            ("Other", "four", 41),
            ("Asked", "five", 50),
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn examples_belong_to_the_method_below_them() {
        let found = found();
        let lines: Vec<Vec<usize>> = found
            .iter()
            .filter(|it| it.name != "call")
            .map(|it| it.examples.iter().map(|example| example.line).collect())
            .collect();
        assert_eq!(lines, [vec![2, 18], vec![], vec![31], vec![], vec![47]]);
    }

    #[test]
    fn a_reader_writes_neither_hidden_lines_nor_imports_nor_comments() {
        let found = found();
        let example = &found[0].examples[0];
        assert!(example.runs());
        assert!(!found[0].examples[1].runs());
        let shown: Vec<_> = example.shown().collect();
        assert_eq!(shown, ["let x = a", ".shown();"]);
    }
}

//! Checks that rustfmt leaves the examples unchanged, so that their lines can be counted.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::{env, thread};

use super::methods::Example;
use super::{FACADE, Tree, methods};

/// Returns the examples that rustfmt formats differently, each with the formatted text.
///
/// # Errors
/// An error message if rustfmt does not run, or cannot parse an example.
pub(crate) fn unformatted(tree: &Tree) -> Result<Vec<String>, String> {
    let methods = methods::of(tree.below(FACADE));
    let examples: Vec<_> = methods
        .iter()
        .flat_map(|method| method.examples.iter().map(move |it| (&method.path, it)))
        .collect();
    let written: Vec<String> = examples.iter().map(|(_, it)| function(it)).collect();
    let formatted = rustfmt(&written.concat())?;
    let mut rest = formatted.as_str();
    let mut faults = Vec::new();
    for ((path, example), written) in examples.into_iter().zip(written) {
        let end = rest.find(END).ok_or("rustfmt lost an example")?;
        let (function, after) = rest.split_at(end.saturating_add(END.len()));
        if function.trim_start() != written {
            let line = example.line;
            faults.push(format!(
                "{path}:{line}: rustfmt would write this example so:\n{function}"
            ));
        }
        rest = after;
    }
    Ok(faults)
}

/// Wraps the visible lines in a function. A hidden line that continues a chain of calls belongs to
/// the chain.
fn function(example: &Example) -> String {
    let mut function = "async fn example() {\n".to_owned();
    let mut in_chain = false;
    for line in &example.code {
        let code = match line.strip_prefix('#') {
            Some(rest) if in_chain && rest.trim_start().starts_with('.') => format!(" {rest}"),
            _ if methods::is_hidden(line) => {
                in_chain = false;
                continue;
            }
            _ => line.clone(),
        };
        in_chain = !code.is_empty() && !code.ends_with(';');
        if !code.is_empty() {
            function.push_str("    ");
        }
        function.push_str(&code);
        function.push('\n');
    }
    function.push_str("}\n");
    function
}

/// The end of a function that is not indented.
const END: &str = "\n}\n";

/// # Errors
/// An error message when rustfmt does not run, or does not understand the source.
fn rustfmt(source: &str) -> Result<String, String> {
    let program = env::var_os("RUSTFMT").unwrap_or_else(|| "rustfmt".into());
    let mut child = Command::new(program)
        .args(["--edition", "2024", "--quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("rustfmt could not be started: {error}"))?;
    let stdin = child.stdin.take();
    let source = source.to_owned();
    let writer = thread::spawn(move || match stdin {
        Some(mut stdin) => stdin.write_all(source.as_bytes()),
        None => Ok(()),
    });
    let output = child
        .wait_with_output()
        .map_err(|error| format!("the output of rustfmt was lost: {error}"))?;
    if !output.status.success() || !matches!(writer.join(), Ok(Ok(()))) {
        return Err("rustfmt does not understand the examples".to_owned());
    }
    String::from_utf8(output.stdout).map_err(|error| format!("rustfmt wrote no text: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(code: &[&str]) -> usize {
        let documentation: String = code
            .iter()
            .map(|line| format!("    /// {line}\n"))
            .collect();
        let source = format!(
            "impl A {{\n    /// ```\n{documentation}    /// ```\n    pub fn b() {{}}\n}}\n"
        );
        let path = "crates/openid-client/src/a.rs";
        let tree = Tree::from([(path, source.as_str())]);
        unformatted(&tree).unwrap().len()
    }

    #[test]
    fn an_example_is_written_as_rustfmt_writes_code() {
        assert_eq!(judged(&["let x = a.b();"]), 0);
        assert_eq!(judged(&["let x = a . b();"]), 1);
        let long = "let x = some.very_long_method().another_very_long_method().a_third_one();";
        assert_eq!(judged(&[long]), 1);
    }

    #[test]
    fn hidden_lines_count_only_within_a_chain() {
        assert_eq!(
            judged(&["# let a=1;", "let x = a", "#   .b()", "    .c();"]),
            1
        );
        let chain = [
            "let x = some_function_call(with_arguments)",
            "#   .a_long_method_that_is_hidden(from_the_reader)",
            "    .another_method();",
        ];
        assert_eq!(judged(&chain), 0);
    }
}

//! The arguments of `cargo xtask test`.

/// The request in the arguments.
#[derive(Debug, PartialEq)]
pub(crate) enum Request {
    Help,
    List,
    Run(Options),
}

/// The stages that run, and those that must not be skipped.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Options {
    only: Vec<String>,
    require: Vec<String>,
}

impl Options {
    pub(crate) fn selects(&self, stage: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == stage)
    }

    pub(crate) fn requires(&self, stage: &str) -> bool {
        self.require.iter().any(|name| name == stage)
    }
}

/// Parses the arguments; `stages` are the names that may follow an option.
///
/// # Errors
/// An error message for an unknown option, an unknown stage, or a required stage that is not
/// selected, which would be skipped silently.
pub(crate) fn parse(arguments: &[String], stages: &[&str]) -> Result<Request, String> {
    let mut options = Options::default();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--help" | "-h" => return Ok(Request::Help),
            "--list" => return Ok(Request::List),
            "--only" => options
                .only
                .push(stage(argument, arguments.next(), stages)?),
            "--require" => options
                .require
                .push(stage(argument, arguments.next(), stages)?),
            other => return Err(format!("there is no option `{other}`\n\n{USAGE}")),
        }
    }
    match options.require.iter().find(|name| !options.selects(name)) {
        Some(name) => Err(format!(
            "`--require {name}`, but `--only` leaves that stage out"
        )),
        None => Ok(Request::Run(options)),
    }
}

fn stage(option: &str, name: Option<&String>, stages: &[&str]) -> Result<String, String> {
    let known = stages.join(", ");
    match name {
        None => Err(format!("`{option}` needs the name of a stage: {known}")),
        Some(name) if stages.contains(&name.as_str()) => Ok(name.clone()),
        Some(name) => Err(format!("there is no stage `{name}`, only: {known}")),
    }
}

pub(crate) const USAGE: &str = "\
Usage: cargo xtask test [OPTION]...

  --only STAGE      run this stage; give it again for another one
  --require STAGE   fail when this stage is skipped
  --list            print the stages and what they do

The last line counts the tests that ran, and one for each stage that has no tests.";

#[cfg(test)]
mod tests {
    use super::*;

    const STAGES: [&str; 2] = ["unit", "deny"];

    fn parsed(arguments: &[&str]) -> Result<Request, String> {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        parse(&arguments, &STAGES)
    }

    fn options(arguments: &[&str]) -> Options {
        match parsed(arguments).unwrap() {
            Request::Run(options) => options,
            other => panic!("not a run: {other:?}"),
        }
    }

    #[test]
    fn without_arguments_every_stage_runs_and_none_is_required() {
        let options = options(&[]);
        assert!(options.selects("unit") && options.selects("deny"));
        assert!(!options.requires("unit") && !options.requires("deny"));
    }

    #[test]
    fn only_leaves_the_other_stages_out() {
        let options = options(&["--only", "deny"]);
        assert!(options.selects("deny") && !options.selects("unit"));
    }

    #[test]
    fn a_misspelt_stage_is_refused() {
        let message = parsed(&["--require", "denny"]).unwrap_err();
        assert_eq!(message, "there is no stage `denny`, only: unit, deny");
        let message = parsed(&["--only"]).unwrap_err();
        assert_eq!(message, "`--only` needs the name of a stage: unit, deny");
    }

    #[test]
    fn a_required_stage_must_be_selected() {
        let message = parsed(&["--only", "unit", "--require", "deny"]).unwrap_err();
        assert_eq!(
            message,
            "`--require deny`, but `--only` leaves that stage out"
        );
    }

    #[test]
    fn an_unknown_option_is_refused() {
        assert!(
            parsed(&["--onyl", "unit"])
                .unwrap_err()
                .starts_with("there is no option `--onyl`")
        );
    }
}

//! `--config FILE`: options from a TOML file whose keys are the names of the flags. They may stand in
//! sections that are called as the headings of the help.
//!
//! The file is turned into words of the command line and put before those that the user typed, so
//! that clap alone says what an option may be. A key gives way to a typed flag of its name, and to
//! one that excludes it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, Error, value_parser};
use toml::de::{DeTable, DeValue};

/// The one flag that no file may hold.
pub(crate) const CONFIG: &str = "config";

/// Lets a subcommand take a file.
pub(crate) fn takes_file(command: Command) -> Command {
    let file = Arg::new(CONFIG).long(CONFIG).value_name("FILE");
    command.arg(file.value_parser(value_parser!(PathBuf)).help(
        "Options from a TOML file: its keys are the names of the flags, and flags given here win",
    ))
}

/// Parses the command line, and the file that it names.
///
/// # Errors
/// What is wrong with either, as clap says it; a demand for help is one too.
pub(crate) fn parse(command: &mut Command, line: Vec<OsString>) -> Result<ArgMatches, Error> {
    // The line by itself, as far as it can be read: what it lacks may be in the file.
    let lenient = command.clone().ignore_errors(true);
    let alone = lenient.try_get_matches_from(&line)?;
    // A subcommand may be of a subcommand; the last of them takes the file.
    let (mut names, mut typed) = (Vec::new(), &alone);
    while let Some((name, inner)) = typed.subcommand() {
        names.push(name);
        typed = inner;
    }
    let Some(file) = typed.try_get_one::<PathBuf>(CONFIG).ok().flatten() else {
        return command.try_get_matches_from_mut(line);
    };
    command.build();
    let last = names.iter().try_fold(&mut *command, |of, name| of.find_subcommand_mut(name));
    let last = last.expect("it was parsed");
    let words = read(file, last, typed).map_err(|(kind, message)| last.error(kind, message))?;
    // No option comes before the last name, so that names are the words after the program's.
    let (program, rest) = line.split_at(line.len().min(1 + names.len()));
    let from_file = words.iter().flat_map(|entry| entry.words.iter().map(OsString::from));
    let all: Vec<_> =
        program.iter().cloned().chain(from_file).chain(rest.iter().cloned()).collect();
    command.try_get_matches_from_mut(all).map_err(|error| say_where(error, &words))
}

/// Whether two options cannot be given together. Of conflicts between groups clap tells nothing.
pub(crate) fn exclude(command: &Command, one: &Arg, other: &Arg) -> bool {
    let names = |one, other: &Arg| {
        command.get_arg_conflicts_with(one).iter().any(|arg| arg.get_id() == other.get_id())
    };
    names(one, other) || names(other, one)
}

/// Whether an option was given, and does not only have a default.
pub(crate) fn is_given(matches: &ArgMatches, option: &Arg) -> bool {
    matches.value_source(option.get_id().as_str()) == Some(ValueSource::CommandLine)
}

/// The text of a value, as it would be typed; `None` if a flag cannot have it.
pub(crate) fn as_typed(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A key of the file as words of the command line.
struct Entry {
    words: Vec<String>,
    /// The flag as clap writes it in an error.
    flag: String,
    /// Where it stands.
    place: String,
}

/// The entries that count, in the order of the file.
fn read(
    file: &Path,
    command: &Command,
    line: &ArgMatches,
) -> Result<Vec<Entry>, (ErrorKind, String)> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        (ErrorKind::Io, format!("--config {} cannot be read: {error}", file.display()))
    })?;
    let given: Vec<_> = command.get_arguments().filter(|option| is_given(line, option)).collect();
    entries(file, &text, command, &given)
}

/// The words of options that stand in a text, which a file of this name holds.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn words_of(file: &Path, text: &str, command: &Command) -> Result<Vec<String>, String> {
    let entries = entries(file, text, command, &[]).map_err(|(_, message)| message)?;
    Ok(entries.into_iter().flat_map(|entry| entry.words).collect())
}

fn entries(
    file: &Path,
    text: &str,
    command: &Command,
    given: &[&Arg],
) -> Result<Vec<Entry>, (ErrorKind, String)> {
    let name = file.display();
    let line_at = |byte: usize| 1 + text.bytes().take(byte).filter(|&byte| byte == b'\n').count();
    let table = DeTable::parse(text).map_err(|error| {
        let line = line_at(error.span().map_or(0, |span| span.start));
        let found = text.lines().nth(line - 1).unwrap_or_default().trim();
        let why = error.message();
        (ErrorKind::InvalidValue, format!("{name}, line {line}: '{found}' is not TOML: {why}"))
    })?;
    let mut pairs = Vec::new();
    for (key, value) in table.get_ref() {
        let place = (line_at(key.span().start), key.get_ref().as_ref());
        match value.get_ref() {
            DeValue::Table(inner) if is_heading(command, place.1) => {
                pairs.extend(inner.iter().map(|(key, value)| (Some(place.1), key, value)));
            }
            _ => pairs.push((None, key, value)),
        }
    }
    pairs.sort_by_key(|(_, key, _)| key.span().start);

    let mut entries = Vec::new();
    for (section, key, value) in pairs {
        let (at, key) = (line_at(key.span().start), key.get_ref().as_ref());
        let place = format!("{name}, line {at}, key {key}");
        let refuse = |why: String| (ErrorKind::InvalidValue, format!("{place}: {why}"));
        if key.is_empty() || key.contains('=') {
            return Err(refuse("the name of a flag expected, without --".to_owned()));
        }
        if value.get_ref().is_table() {
            let why = "table found, text or a number expected; a [section] is a heading of the help, in \
                       small letters";
            return Err(refuse(why.to_owned()));
        }
        let option = command.get_arguments().find(|option| option.get_long() == Some(key));
        if let (Some(section), Some(option)) = (section, option)
            && !is_under(option, section)
        {
            return Err(refuse(format!("--{key} is no option of [{section}]; put it elsewhere")));
        }
        let (words, flag) = match option {
            Some(option) if key == CONFIG || is_help(option) => {
                let why = format!("--{key} is for the command line only; take the key out");
                return Err(refuse(why));
            }
            Some(option) => {
                let words = words(option, key, value.get_ref()).map_err(refuse)?;
                let beats = |typed: &&Arg| *typed == option || exclude(command, typed, option);
                if given.iter().copied().any(|typed| beats(&typed)) {
                    continue;
                }
                (words, option.to_string())
            }
            // Clap refuses it, and knows the nearest flag.
            None => (vec![format!("--{key}")], format!("--{key}")),
        };
        entries.push(Entry { words, flag, place });
    }
    Ok(entries)
}

/// Whether a section of this name is a heading of the help.
fn is_heading(command: &Command, section: &str) -> bool {
    command.get_arguments().any(|option| is_under(option, section))
}

fn is_under(option: &Arg, section: &str) -> bool {
    option.get_help_heading().is_some_and(|heading| heading.to_lowercase() == section)
}

fn is_help(option: &Arg) -> bool {
    use clap::ArgAction::{Help, HelpLong, HelpShort, Version};
    matches!(option.get_action(), Help | HelpLong | HelpShort | Version)
}

/// What would be typed for a key.
fn words(option: &Arg, key: &str, value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let is_switch = !option.get_action().takes_values();
    let word = |value: &DeValue<'_>| {
        let expected = if is_switch { "true or false" } else { "text or a number" };
        let found = value.as_bool().map_or(value.type_str().to_owned(), |value| value.to_string());
        let text = as_typed(value).ok_or(format!("{found} found, {expected} expected"))?;
        Ok(format!("--{key}={text}"))
    };
    match value {
        DeValue::Boolean(true) if is_switch => Ok(vec![format!("--{key}")]),
        DeValue::Boolean(false) if is_switch => Ok(Vec::new()),
        DeValue::Array(values) => values.iter().map(|value| word(value.get_ref())).collect(),
        value => Ok(vec![word(value)?]),
    }
}

/// Names the place of each flag of an error that came from the file.
fn say_where(mut error: Error, entries: &[Entry]) -> Error {
    let with_place = |flag: &String| {
        let entry = entries.iter().find(|entry| entry.flag == *flag);
        entry.map_or(flag.clone(), |entry| format!("{flag} ({})", entry.place))
    };
    for kind in [ContextKind::InvalidArg, ContextKind::PriorArg] {
        let said = match error.get(kind) {
            Some(ContextValue::String(flag)) => ContextValue::String(with_place(flag)),
            Some(ContextValue::Strings(flags)) => {
                ContextValue::Strings(flags.iter().map(with_place).collect())
            }
            _ => continue,
        };
        error.insert(kind, said);
    }
    error
}

#[cfg(test)]
mod tests {
    use clap::ArgAction;

    use super::*;

    /// What --one, --list and --two have after `program run --config FILE WORDS`.
    fn run(file: &str, words: &[&str]) -> Result<[String; 3], String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.toml");
        std::fs::write(&path, file).unwrap();
        let run = takes_file(Command::new("run"))
            .arg(Arg::new("one").long("one").conflicts_with("list").required_unless_present("list"))
            .arg(Arg::new("list").long("list").action(ArgAction::Append))
            .arg(Arg::new("two").long("two").requires("one"));
        let mut command = Command::new("program").subcommand(run);
        let path = path.to_str().unwrap();
        let line = [&["program", "run", "--config", path], words].concat();
        let line = line.iter().map(OsString::from).collect();
        let matches = parse(&mut command, line).map_err(|error| error.to_string())?;
        let (_, matches) = matches.subcommand().unwrap();
        let texts = |name| matches.get_many::<String>(name);
        let joined =
            |name| texts(name).into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
        Ok(["one", "list", "two"].map(joined))
    }

    #[test]
    fn a_typed_flag_beats_the_key_that_it_excludes_either_way() {
        assert_eq!(run("one = 1", &["--list=a"]).unwrap(), ["", "a", ""]);
        assert_eq!(run("list = ['a', 'b']", &["--one=1"]).unwrap(), ["1", "", ""]);
    }

    #[test]
    fn keys_that_exclude_each_other_are_refused_and_placed() {
        let error = run("one = 1\nlist = 'a'", &[]).unwrap_err();
        for part in ["file.toml, line 1, key one)", "line 2, key list)", "cannot be used with"] {
            assert!(error.contains(part), "{part} in {error}");
        }
    }

    #[test]
    fn what_a_flag_requires_may_stand_on_the_other_side() {
        assert_eq!(run("two = 2", &["--one=1"]).unwrap(), ["1", "", "2"]);
        assert_eq!(run("one = 1", &["--two=2"]).unwrap(), ["1", "", "2"]);
        assert!(run("two = 2", &[]).unwrap_err().contains("--one <one>"));
    }

    #[test]
    fn a_word_that_looks_like_a_flag_but_is_a_value_hides_no_key() {
        assert_eq!(run("two = '--one'", &["--one=--two"]).unwrap(), ["--two", "", "--one"]);
    }

    #[test]
    fn byte_order_marks_and_windows_line_ends_are_passed_over() {
        assert_eq!(run("\u{feff}one = 1\r\ntwo = 2\r\n", &[]).unwrap(), ["1", "", "2"]);
    }
}

//! OUT.run.toml: every option of a run that has a value, as a file for `--config`.

use std::fmt::Write;

use clap::{Arg, ArgAction, ArgMatches, Command};
use toml::de::DeValue;

use crate::config::{CONFIG, as_typed, exclude, is_given};
use crate::machine;

/// The options of the subcommand that was parsed, in the order of the help. It is made of what clap
/// knows, so that no flag can be forgotten.
pub(crate) fn resolved(command: &Command, matches: &ArgMatches) -> String {
    if let Some((name, inner)) = matches.subcommand()
        && let Some(subcommand) = command.find_subcommand(name)
    {
        return resolved(subcommand, inner);
    }
    // A comment ends at the end of its line, and may hold no other control character either.
    let line = machine::command_line().join(" ").replace(char::is_control, " ");
    let mut text = format!("# twoblade {}: {line}\n", env!("CARGO_PKG_VERSION"));
    for option in command.get_arguments().filter(|option| option.get_id() != CONFIG) {
        // A default would be refused beside what excludes it, once it is given.
        let excluded = |other: &Arg| is_given(matches, other) && exclude(command, other, option);
        if !is_given(matches, option) && command.get_arguments().any(excluded) {
            continue;
        }
        let Some(key) = option.get_long() else { continue };
        let Some(raw) = matches.get_raw(option.get_id().as_str()) else { continue };
        let Some(values) = raw.map(|value| value.to_str()).collect::<Option<Vec<_>>>() else {
            let _ = writeln!(text, "# {key} is not UTF-8: give it on the command line");
            continue;
        };
        let _ = match (option.get_action(), values.as_slice()) {
            (ArgAction::SetTrue, ["true"]) => writeln!(text, "{key} = true"),
            (ArgAction::SetTrue, _) => Ok(()),
            (ArgAction::Set, [value]) => writeln!(text, "{key} = {}", value_text(value)),
            (_, values) => {
                let values: Vec<_> = values.iter().map(|value| value_text(value)).collect();
                writeln!(text, "{key} = [{}]", values.join(", "))
            }
        };
    }
    text
}

/// Options that say how a run is done and where it goes: not what comes of it.
const OF_A_PROCESS: [&str; 13] = [
    "out",
    "plan",
    "plan-out",
    "threads",
    "memory",
    "reuse",
    "spill",
    "checkpoint",
    "checkpoint-interval",
    "quiet",
    "progress",
    "overwrite",
    "temp",
];

/// Whether an option changes nothing that is computed.
pub(crate) fn is_of_a_process(key: &str) -> bool {
    OF_A_PROCESS.contains(&key)
}

/// The options that say what comes of a run, from the text of all.
#[cfg(feature = "table")]
pub(crate) fn of_the_result(resolved: &str) -> String {
    let is_of_it = |line: &&str| {
        let key = line.split(" = ").next().unwrap_or_default();
        !line.starts_with('#') && !is_of_a_process(key)
    };
    resolved.lines().filter(is_of_it).flat_map(|line| [line, "\n"]).collect()
}

/// A number where the text is one that reads as the same text again, else a string.
fn value_text(text: &str) -> String {
    let number = DeValue::parse(text).ok().is_some_and(|value| {
        let value = value.get_ref();
        // Beyond 64 bits other readers of TOML refuse an integer.
        let is_number = value.is_float() || value.is_integer() && text.parse::<i64>().is_ok();
        is_number && as_typed(value).as_deref() == Some(text)
    });
    if number { text.to_owned() } else { toml::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_numbers_only_where_they_read_as_the_same_text() {
        for text in ["0", "-7", "0.5", "1e-5", "0.10", "+5"] {
            assert_eq!(value_text(text), text);
        }
        for text in ["1_000", "007", ".5", "4G", "true", "1979-05-27", "", "a b", "[1]"] {
            assert_eq!(value_text(text), format!("\"{text}\""));
        }
        assert_eq!(value_text(&u64::MAX.to_string()), "\"18446744073709551615\"");
    }

    #[test]
    fn every_text_reads_as_itself() {
        for text in ["\"", "'", "\\", "a\nb", "\t", "nan", "inf", "0x10", "+5.0", "#", "ä"] {
            let written = value_text(text);
            let read = DeValue::parse(&written).unwrap();
            assert_eq!(as_typed(read.get_ref()).as_deref(), Some(text), "{written}");
        }
    }

    #[test]
    fn a_default_gives_way_to_what_excludes_it() {
        let one = Arg::new("one").long("one").default_value("1");
        let two = Arg::new("two").long("two").conflicts_with("one");
        let command = Command::new("program").arg(one).arg(two);
        let lines = |line: &[&str]| {
            let matches = command.clone().try_get_matches_from(line).unwrap();
            let text = resolved(&command, &matches);
            text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(lines(&["program"]), ["one = 1"]);
        assert_eq!(lines(&["program", "--two", "2"]), ["two = 2"]);
    }
}

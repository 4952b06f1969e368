//! Who is in a connectome, and where.

use crate::error::ConnectomeError;

/// One subject, and where its runs are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) runs: Vec<Place>,
}

/// A run: a row of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: usize,
    pub(crate) row: usize,
}

/// Those who are asked for by name, or else by number from 0, in the order of the data.
pub(crate) fn choose<S: AsRef<str>>(
    people: &[Person],
    wanted: &[S],
) -> Result<Vec<Person>, ConnectomeError> {
    let mut asked: Vec<Option<&str>> = vec![None; people.len()];
    for wanted in wanted.iter().map(AsRef::as_ref) {
        let mut found: Vec<usize> =
            (0..people.len()).filter(|&number| people[number].name == wanted).collect();
        if found.is_empty() {
            found.extend(wanted.parse().ok().filter(|&number: &usize| number < people.len()));
        }
        if found.is_empty() {
            return Err(ConnectomeError::NoSuchSubject {
                wanted: wanted.to_owned(),
                subjects: people.len(),
                first: people.first().map_or_else(String::new, |person| person.name.clone()),
                last: people.last().map_or_else(String::new, |person| person.name.clone()),
            });
        }
        for number in found {
            if let Some(first) = asked[number].replace(wanted) {
                return Err(ConnectomeError::SubjectTwice {
                    name: people[number].name.clone(),
                    first: first.to_owned(),
                    second: wanted.to_owned(),
                });
            }
        }
    }
    let chosen: Vec<Person> = people
        .iter()
        .zip(&asked)
        .filter(|(_, asked)| asked.is_some())
        .map(|(p, _)| p.clone())
        .collect();
    if chosen.is_empty() {
        return Err(ConnectomeError::NoSubjects { subjects: people.len() });
    }
    Ok(chosen)
}

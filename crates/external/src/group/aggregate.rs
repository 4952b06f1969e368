//! What is made of the rows of a group.

use std::fmt;

use twoblade_table::{Kind, Schema};

use crate::error::Error;

/// What is made of the values of a group. Missing values are passed over by all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// How many there are.
    Count,
    /// Their sum; true is 1.
    Sum,
    /// Their mean.
    Mean,
    /// Their variance, over n - 1.
    Var,
    /// Its square root.
    Sd,
    /// The least. Words go by their bytes, and NaN is above all numbers.
    Min,
    /// The greatest.
    Max,
    /// The first in the order of the rows.
    First,
    /// The last.
    Last,
}

const ALL: [(&str, Function); 9] = [
    ("count", Function::Count),
    ("sum", Function::Sum),
    ("mean", Function::Mean),
    ("var", Function::Var),
    ("sd", Function::Sd),
    ("min", Function::Min),
    ("max", Function::Max),
    ("first", Function::First),
    ("last", Function::Last),
];

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = ALL.iter().find(|(_, function)| function == self).map(|(name, _)| *name);
        f.write_str(name.expect("all are named"))
    }
}

/// A function of a column, or the number of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// What is made of it.
    pub function: Function,
    /// The place of the column; `None` for the number of rows.
    pub column: Option<usize>,
}

impl Aggregate {
    /// Reads `sum(x),mean(y),count()`.
    ///
    /// # Errors
    /// If a function or a column is not there, or a function is none of such a column.
    pub fn parse(list: &str, schema: &Schema) -> Result<Vec<Self>, Error> {
        let mut all = Vec::new();
        let mut rest = list.trim();
        loop {
            let (aggregate, behind) = first(rest, schema)?;
            all.push(aggregate);
            let Some(next) = behind else { return Ok(all) };
            rest = next.trim_start();
        }
    }

    /// The name of the column that it makes: `sum(x)`.
    pub fn name(&self, schema: &Schema) -> String {
        let column = self.column.map_or("", |place| schema.columns()[place].name.as_str());
        format!("{}({column})", self.function)
    }

    /// What the values of the column that it makes are.
    pub fn kind(&self, schema: &Schema) -> Kind {
        let of = self.column.map_or(Kind::Integer, |place| schema.columns()[place].kind);
        match self.function {
            Function::Sum if of == Kind::Float => Kind::Float,
            Function::Count | Function::Sum => Kind::Integer,
            Function::Mean | Function::Var | Function::Sd => Kind::Float,
            Function::Min | Function::Max | Function::First | Function::Last => of,
        }
    }

    /// That it can be made of its column.
    pub(super) fn check(&self, schema: &Schema) -> Result<(), Error> {
        let numbers =
            matches!(self.function, Function::Sum | Function::Mean | Function::Var | Function::Sd);
        match self.column {
            Some(place) if numbers && !schema.columns()[place].kind.is_number() => {
                Err(Error::NoNumber {
                    aggregate: self.name(schema),
                    kind: schema.columns()[place].kind,
                })
            }
            None if self.function != Function::Count => {
                Err(Error::OfNothing { function: self.function.to_string() })
            }
            _ => Ok(()),
        }
    }
}

/// The first of a list, and what stands behind the comma after it.
fn first<'a>(list: &'a str, schema: &Schema) -> Result<(Aggregate, Option<&'a str>), Error> {
    let unread = || Error::NoAggregate { text: list.to_owned() };
    let (name, inside) = list.split_once('(').ok_or_else(unread)?;
    let name = name.trim();
    let function = ALL.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let Some(&(_, function)) = function else {
        let known = ALL.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        return Err(Error::NoFunction { name: name.to_owned(), known });
    };
    // A column may have brackets and commas in its name: the first bracket that ends one does.
    let mut unknown = None;
    for (at, _) in inside.match_indices(')') {
        let behind = inside[at + 1..].trim_start();
        if !behind.is_empty() && !behind.starts_with(',') {
            continue;
        }
        let column = inside[..at].trim();
        let place = match schema.place(column) {
            Ok(place) => Some(place),
            Err(_) if column.is_empty() => None,
            // With a bracket inside it was hardly meant as a name.
            Err(error) => {
                if !column.contains(')') {
                    unknown = Some(error);
                }
                continue;
            }
        };
        let aggregate = Aggregate { function, column: place };
        aggregate.check(schema)?;
        return Ok((aggregate, behind.strip_prefix(',')));
    }
    Err(unknown.map_or_else(unread, Error::from))
}

#[cfg(test)]
mod tests {
    use twoblade_table::Column;

    use super::*;

    fn schema() -> Schema {
        let column = |(name, kind): (&str, Kind)| Column { name: name.into(), kind };
        let columns = [
            ("x", Kind::Float),
            ("n", Kind::Integer),
            ("word", Kind::Category),
            ("f(a),b", Kind::Boolean),
        ];
        Schema::new(columns.into_iter().map(column).collect()).unwrap()
    }

    #[test]
    fn a_list_is_read_with_brackets_and_commas_in_names() {
        let schema = schema();
        let list = " sum(x), MEAN( n ) ,count(),first(word),sum(f(a),b),max(f(a),b)";
        let all = Aggregate::parse(list, &schema).unwrap();
        let names: Vec<_> = all.iter().map(|aggregate| aggregate.name(&schema)).collect();
        let expected =
            ["sum(x)", "mean(n)", "count()", "first(word)", "sum(f(a),b)", "max(f(a),b)"];
        assert_eq!(names, expected);
        let kinds: Vec<_> = all.iter().map(|aggregate| aggregate.kind(&schema)).collect();
        let expected =
            [Kind::Float, Kind::Float, Kind::Integer, Kind::Category, Kind::Integer, Kind::Boolean];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn what_cannot_be_made_is_refused() {
        let refuse = |list: &str| Aggregate::parse(list, &schema()).unwrap_err().to_string();
        assert_eq!(
            refuse("sum(x),median(x)"),
            "there is no function `median`; there are: count, sum, mean, var, sd, min, max, first, last"
        );
        assert_eq!(refuse("sum(y)"), "there is no column `y`; there are: x, n, word, f(a),b");
        assert_eq!(
            refuse("mean(word)"),
            "mean(word) needs numbers, and the column's values are of kind category; count, min, max, \
             first and last go with any"
        );
        assert_eq!(refuse("max()"), "max() needs a column: only count() goes without");
        for list in ["", "sum", "sum(x", "sum(x),", "sum(x) mean(x)"] {
            let message = refuse(list);
            assert!(message.contains("give a list like `sum(x),mean(y),count()`"), "{message}");
        }
    }
}

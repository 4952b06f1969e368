//! By what rows are sorted.

use twoblade_table::Schema;

use crate::error::Error;

/// The columns that rows are sorted by, the first deciding most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    columns: Vec<Column>,
}

/// A column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its place in the table.
    pub(crate) place: usize,
    /// Whether large values come first.
    pub(crate) descending: bool,
}

impl By {
    /// Reads `a,-b`: by `a`, and where that is equal by `b` from large to small.
    ///
    /// # Errors
    /// If a column is not there or named twice, none is named, or `-b` may be either of two.
    pub fn parse(list: &str, schema: &Schema) -> Result<Self, Error> {
        let mut columns: Vec<Column> = Vec::new();
        for word in list.split(',').map(str::trim) {
            let column = column(word, schema)?;
            if columns.iter().any(|other| other.place == column.place) {
                let name = schema.columns()[column.place].name.clone();
                return Err(Error::NamedTwice { name });
            }
            columns.push(column);
        }
        Ok(Self { columns })
    }

    /// One column, from small to large.
    pub(crate) fn column(place: usize) -> Self {
        Self { columns: vec![Column { place, descending: false }] }
    }

    /// Places of the columns, in the order in which they decide.
    pub fn places(&self) -> Vec<usize> {
        self.columns.iter().map(|column| column.place).collect()
    }

    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }
}

fn column(word: &str, schema: &Schema) -> Result<Column, Error> {
    if word.is_empty() {
        return Err(Error::NoName);
    }
    let Some(name) = word.strip_prefix('-') else {
        return Ok(Column { place: schema.place(word)?, descending: false });
    };
    match (schema.place(word), schema.place(name)) {
        (Ok(_), Ok(_)) => Err(Error::EitherName { word: word.into(), name: name.into() }),
        (Ok(place), Err(_)) => Ok(Column { place, descending: false }),
        (Err(_), place) => Ok(Column { place: place?, descending: true }),
    }
}

#[cfg(test)]
mod tests {
    use twoblade_table::Kind;

    use super::*;

    fn schema(names: &[&str]) -> Schema {
        let column =
            |name: &&str| twoblade_table::Column { name: (*name).into(), kind: Kind::Float };
        Schema::new(names.iter().map(column).collect()).unwrap()
    }

    #[test]
    fn names_and_directions() {
        let by = By::parse("b, -a", &schema(&["a", "b"])).unwrap();
        let expected =
            [(1, false), (0, true)].map(|(place, descending)| Column { place, descending });
        assert_eq!(by.columns(), expected);
        assert_eq!(by.places(), [1, 0]);
        let by = By::parse("-a", &schema(&["-a", "b"])).unwrap();
        assert_eq!(by.columns(), [Column { place: 0, descending: false }]);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let message =
            |list, names: &[&str]| By::parse(list, &schema(names)).unwrap_err().to_string();
        assert_eq!(message("x", &["a"]), "there is no column `x`; there are: a");
        assert_eq!(message("-x", &["a"]), "there is no column `x`; there are: a");
        assert_eq!(message("a,-a", &["a"]), "column `a` is named twice; leave one out");
        assert_eq!(
            message("a,", &["a"]),
            "the name of a column is missing; write names with commas between, and a minus before \
             those that go from large to small, as in `a,-b`"
        );
        assert_eq!(
            message("-a", &["a", "-a"]),
            "`-a` is a column and would be `a` from large to small too; rename one of them"
        );
    }
}

//! The columns of a table.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{Field, SchemaRef};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::kind::Kind;

/// A column: its name and what its values are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Column {
    /// Unique within its table.
    pub name: String,
    /// What its values are.
    pub kind: Kind,
}

/// The columns of a table, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Schema {
    columns: Vec<Column>,
}

impl Schema {
    /// From columns with different names.
    ///
    /// # Errors
    /// If two have one name.
    pub fn new(columns: Vec<Column>) -> Result<Self, Error> {
        let mut seen = HashMap::new();
        for (place, column) in columns.iter().enumerate() {
            if let Some(first) = seen.insert(column.name.as_str(), place + 1) {
                let name = column.name.clone();
                return Err(Error::TwoOfOneName { name, first, second: place + 1 });
            }
        }
        Ok(Self { columns })
    }

    /// From an Arrow schema whose types are those of [`Kind::arrow`].
    ///
    /// # Errors
    /// If a type is another, or two columns have one name.
    pub fn of(schema: &arrow_schema::Schema) -> Result<Self, Error> {
        let column = |field: &Arc<Field>| {
            let name = field.name().clone();
            match Kind::of(field.data_type()) {
                Some(kind) => Ok(Column { name, kind }),
                None => Err(Error::Type { name, found: field.data_type().to_string() }),
            }
        };
        Self::new(schema.fields().iter().map(column).collect::<Result<_, _>>()?)
    }

    /// All columns, in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Where the column of this name stands.
    ///
    /// # Errors
    /// If there is none.
    pub fn place(&self, name: &str) -> Result<usize, Error> {
        self.columns.iter().position(|column| column.name == name).ok_or_else(|| {
            let there = self.columns.iter().map(|column| column.name.clone()).collect();
            Error::NoSuchColumn { name: name.to_owned(), there }
        })
    }

    /// The same as Arrow has it; every column may have missing values.
    pub fn arrow(&self) -> SchemaRef {
        let field = |column: &Column| Field::new(&column.name, column.kind.arrow(), true);
        Arc::new(arrow_schema::Schema::new(self.columns.iter().map(field).collect::<Vec<_>>()))
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Plain {
            columns: Vec<Column>,
        }
        Self::new(Plain::deserialize(deserializer)?.columns).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, kind: Kind) -> Column {
        Column { name: name.into(), kind }
    }

    #[test]
    fn arrow_and_back() {
        let kinds =
            [Kind::Integer, Kind::Float, Kind::Boolean, Kind::Category, Kind::Date, Kind::Time];
        let columns = kinds.iter().map(|&kind| column(&kind.to_string(), kind)).collect();
        let schema = Schema::new(columns).unwrap();
        assert_eq!(Schema::of(&schema.arrow()).unwrap(), schema);
        assert_eq!(schema.place("date").unwrap(), 4);
    }

    #[test]
    fn names_are_unique_and_known() {
        let two = vec![column("a", Kind::Float), column("b", Kind::Date), column("a", Kind::Date)];
        assert!(matches!(
            Schema::new(two).unwrap_err(),
            Error::TwoOfOneName { first: 1, second: 3, .. }
        ));
        let schema = Schema::new(vec![column("a", Kind::Float)]).unwrap();
        let message = schema.place("x").unwrap_err().to_string();
        assert_eq!(message, "there is no column `x`; there are: a");
    }
}

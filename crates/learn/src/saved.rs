//! A model as it is kept: what it reads, what it predicts, and how it came to be.
//!
//! Bytes: a line that says what it is and in which version, the BLAKE3 of the rest, and the rest as
//! postcard.

use serde::{Deserialize, Serialize};
use twoblade_table::{Column, Schema};

use crate::bayes::Classifier;
use crate::encode::Encoded;
use crate::error::Error;
use crate::features::Features;
use crate::forest;
use crate::predict::{Linear, Logistic, Predict};
use crate::report::Report;

const MAGIC: &[u8] = b"twoblade model ";
const VERSION: &[u8] = b"1\n";
const HASH: usize = 32;

/// A model as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// The version of the program that made it.
    pub program: String,
    /// What kind of model it is.
    pub kind: String,
    /// The options of the fit, as TOML.
    pub options: String,
    /// The columns that it was fitted on: those of the features, and the target.
    pub schema: Schema,
    /// What becomes of the columns.
    pub features: Features,
    /// What predicts.
    pub fitted: Fitted,
    /// What the fit has found.
    pub report: Report,
}

/// What predicts, of all kinds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Fitted {
    /// A number that is linear in the features.
    Linear(Linear),
    /// Classes whose log odds are linear in the features.
    Logistic(Logistic),
    /// A forest of trees.
    Forest(forest::Estimate),
    /// Classes whose features are normal.
    Bayes(Classifier),
}

impl Saved {
    /// The columns of a table that the features and the target are made of, in the order of the table.
    ///
    /// # Errors
    /// If one is not there.
    pub fn columns(features: &Features, table: &Schema) -> Result<Schema, Error> {
        let names = features.terms.iter().map(crate::features::Term::column);
        let wanted: Vec<&str> = names.chain([features.target.column()]).collect();
        for name in &wanted {
            table.place(name)?;
        }
        let columns =
            table.columns().iter().filter(|column| wanted.contains(&column.name.as_str()));
        Ok(Schema::new(columns.cloned().collect())?)
    }

    /// Refuses a table without the columns of the features, or with values of another kind in them; and,
    /// where it is `asked`, without the target.
    ///
    /// # Errors
    /// [`Error::OtherColumns`], which names all of them.
    pub fn check(&self, table: &Schema, asked: bool) -> Result<(), Error> {
        let target = self.features.target.column();
        let wanted = self.schema.columns().iter().filter(|it| asked || it.name != target);
        let wrong = |column: &Column| match table.place(&column.name) {
            Err(_) => Some(format!("`{}` is missing", column.name)),
            Ok(place) => {
                let found = table.columns()[place].kind;
                let fits = found == column.kind || found.is_number() && column.kind.is_number();
                (!fits).then(|| format!("`{}` is {found}, not {}", column.name, column.kind))
            }
        };
        let wrong: Vec<_> = wanted.filter_map(wrong).collect();
        if wrong.is_empty() { Ok(()) } else { Err(Error::OtherColumns { wrong }) }
    }

    /// As bytes.
    ///
    /// # Panics
    /// Never: these fields can be serialized.
    pub fn to_bytes(&self) -> Vec<u8> {
        let rest = postcard::to_stdvec(self).expect("numbers and text");
        [MAGIC, VERSION, blake3::hash(&rest).as_bytes(), &rest].concat()
    }

    /// From bytes.
    ///
    /// # Errors
    /// [`Error::NoModel`] if they are something else, of another version, or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let no = |why| Error::NoModel { why };
        let rest = bytes.strip_prefix(MAGIC).ok_or(no("it does not begin as one does"))?;
        let rest = rest.strip_prefix(VERSION).ok_or(no("it is of another version"))?;
        let (hash, rest) = rest.split_at_checked(HASH).ok_or(no("it is too short"))?;
        if blake3::hash(rest).as_bytes() != hash {
            return Err(no("it is damaged: its checksum is wrong"));
        }
        postcard::from_bytes(rest).map_err(|_| no("it is damaged"))
    }
}

impl Predict for Fitted {
    fn outputs(&self) -> usize {
        match self {
            Self::Linear(of) => of.outputs(),
            Self::Logistic(of) => of.outputs(),
            Self::Forest(of) => of.outputs(),
            Self::Bayes(of) => of.outputs(),
        }
    }

    fn takes_places(&self) -> bool {
        match self {
            Self::Linear(of) => of.takes_places(),
            Self::Logistic(of) => of.takes_places(),
            Self::Forest(of) => of.takes_places(),
            Self::Bayes(of) => of.takes_places(),
        }
    }

    fn predict(&self, rows: &Encoded, into: &mut Vec<f64>) {
        match self {
            Self::Linear(of) => of.predict(rows, into),
            Self::Logistic(of) => of.predict(rows, into),
            Self::Forest(of) => of.predict(rows, into),
            Self::Bayes(of) => of.predict(rows, into),
        }
    }
}

//! What is asked of a library that reads HDF5: the border that another one would be put behind.

use crate::error::ConnectomeError;
use crate::number::Stored;

/// The shape of an array and how it lies in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Array {
    pub(crate) shape: Vec<usize>,
    /// None if these are no numbers.
    pub(crate) stored: Option<Stored>,
    /// The shape of the pieces that are stored apart; none if it is stored as one.
    pub(crate) pieces: Option<Vec<usize>>,
    /// Filters that a piece went through.
    pub(crate) filters: usize,
}

/// A file of named arrays and attributes.
pub(crate) trait ArrayFile {
    /// The array of this name, if there is one.
    fn array(&self, name: &str) -> Result<Option<Array>, ConnectomeError>;

    /// Refuses an array whose numbers are not all in the file, where that can be told without reading
    /// them.
    fn placed(&self, name: &'static str, array: &Array) -> Result<(), ConnectomeError>;

    /// The names of the arrays at the top of the file.
    fn names(&self) -> Vec<String>;

    /// An array of whole numbers, row by row.
    fn integers(&self, name: &str) -> Result<Vec<i64>, ConnectomeError>;

    /// An array of real numbers of any kind, row by row.
    fn reals(&self, name: &str) -> Result<Vec<f64>, ConnectomeError>;

    /// An array of texts.
    fn texts(&self, name: &str) -> Result<Vec<String>, ConnectomeError>;

    /// An attribute of whole numbers: of an array, or of the file.
    fn attribute(&self, of: Option<&str>, name: &str) -> Result<Option<Vec<i64>>, ConnectomeError>;

    /// Some rows of an array of three axes, from this one on, as many as fill `to`; converted if they
    /// are no 32-bit floats.
    fn rows(
        &self,
        name: &str,
        array: &Array,
        first: usize,
        to: &mut [f32],
    ) -> Result<(), ConnectomeError>;
}

impl Array {
    /// Bytes that reading `rows` rows holds beside the floats they become.
    pub(crate) fn held(&self, rows: usize) -> usize {
        let (Some(stored), [_, inner @ ..]) = (self.stored, self.shape.as_slice()) else {
            return 0;
        };
        let row: usize = inner.iter().product();
        let converted = if stored.kind == crate::number::Kind::F32 {
            0
        } else {
            row * rows * stored.kind.bytes()
        };
        let Some(pieces) = &self.pieces else { return converted };
        let [thick, sides @ ..] = pieces.as_slice() else { return converted };
        let piece = pieces.iter().product::<usize>() * stored.kind.bytes();
        let across: usize =
            inner.iter().zip(sides).map(|(side, piece)| side.div_ceil(*piece)).product();
        // Pieces without filters that are runs of rows are read where they belong; others are gathered
        // first, all of them.
        let aligned = sides == inner && self.shape[0].is_multiple_of(*thick);
        let gathered =
            if self.filters == 0 && aligned { 0 } else { across * rows.div_ceil(*thick) * piece };
        // As it is stored, and between filters. Noise that is pressed fast grows by an eighth at most.
        let filtered = self.filters * (piece + piece / 8 + 64);
        converted + gathered + filtered
    }
}

//! How a CSV file is written.

/// How a CSV file is written: what separates, and whether there is a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Between fields.
    pub delimiter: u8,
    /// Whether the first record names the columns.
    pub header: bool,
    /// Whether lines end in CR LF.
    pub crlf: bool,
}

impl Default for Dialect {
    /// Commas, a header, LF.
    fn default() -> Self {
        Self { delimiter: b',', header: true, crlf: false }
    }
}

impl Dialect {
    /// What ends a record.
    pub fn terminator(&self) -> &'static [u8] {
        if self.crlf { b"\r\n" } else { b"\n" }
    }
}

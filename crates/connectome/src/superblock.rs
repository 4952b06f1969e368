//! The beginning of an HDF5 file: where it should end, and the attributes of the file itself.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use rust_hdf5::format::messages::attribute::AttributeMessage;
use rust_hdf5::format::messages::{MSG_ATTRIBUTE, MSG_OBJ_HEADER_CONTINUATION};
use rust_hdf5::format::object_header::{OCHK_SIGNATURE, OHDR_SIGNATURE, ObjectHeader};
use rust_hdf5::format::superblock::{HDF5_SIGNATURE, SuperblockV0V1, SuperblockV2V3};
use rust_hdf5::format::{FormatContext, FormatError};
use rust_hdf5::{ByteOrder, DatatypeMessage};

use crate::error::ConnectomeError;

/// Bytes read of the superblock, and at first of an object's header.
const PROBE: u64 = 8 << 10;
/// The most that an object's header is read of: attributes beyond it are not looked for.
const LONGEST: u64 = 16 << 20;
/// The most pieces that a header is followed through.
const PIECES: usize = 1 << 10;

/// What the superblock says, checked against the length of the file.
///
/// A file that was cut short opens all the same, and what is missing would be read as zeros; so the
/// end that the superblock states is compared with the end of the file first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Superblock {
    base: u64,
    root: u64,
    context: FormatContext,
}

impl Superblock {
    /// Reads the superblock of a file.
    pub(crate) fn read(path: &Path) -> Result<Self, ConnectomeError> {
        let fault = |source| ConnectomeError::Read { file: path.to_path_buf(), source };
        let mut file = File::open(path).map_err(fault)?;
        let length = file.metadata().map_err(fault)?.len();
        let base = signature(&mut file, length).map_err(fault)?;
        let base = base.ok_or_else(|| ConnectomeError::NotHdf5 { file: path.to_path_buf() })?;
        let bytes = read_at(&mut file, base, PROBE).map_err(fault)?;
        let (context, root, end) = decode(&bytes).map_err(|source| format_fault(path, source))?;
        if end > length {
            let file = path.to_path_buf();
            return Err(ConnectomeError::Truncated { file, bytes: length, expected: end });
        }
        Ok(Self { base, root, context })
    }

    /// An attribute of the file itself, if it has one of this name and whole numbers.
    pub(crate) fn attribute(
        &self,
        path: &Path,
        name: &str,
    ) -> Result<Option<Vec<i64>>, ConnectomeError> {
        let fault = |source| ConnectomeError::Read { file: path.to_path_buf(), source };
        let mut file = File::open(path).map_err(fault)?;
        for (kind, data) in self.messages(path, &mut file, self.root)? {
            if kind == MSG_ATTRIBUTE
                && let Ok((attribute, _)) = AttributeMessage::decode(&data, &self.context)
                && attribute.name == name
            {
                return Ok(integers(&attribute));
            }
        }
        Ok(None)
    }

    /// The kind and the bytes of every message of an object's header, through all its pieces.
    pub(crate) fn messages(
        &self,
        path: &Path,
        file: &mut File,
        object: u64,
    ) -> Result<Vec<(u8, Vec<u8>)>, ConnectomeError> {
        let fault = |source| ConnectomeError::Read { file: path.to_path_buf(), source };
        let mut bytes = self.block(file, object, PROBE).map_err(fault)?;
        if let Err(FormatError::BufferTooShort { needed, .. }) = ObjectHeader::decode_any(&bytes) {
            bytes = self.block(file, object, needed as u64).map_err(fault)?;
        }
        let (header, _) =
            ObjectHeader::decode_any(&bytes).map_err(|source| format_fault(path, source))?;
        let new = bytes.starts_with(&OHDR_SIGNATURE);
        let ordered = new && header.flags & 4 != 0;
        let mut messages: Vec<(u8, Vec<u8>)> =
            header.messages.into_iter().map(|message| (message.msg_type, message.data)).collect();
        // Pieces may name each other in a circle.
        let (mut next, mut pieces, mut left) = (0, 0, LONGEST);
        while let Some((kind, data)) = messages.get(next) {
            next += 1;
            if *kind == MSG_OBJ_HEADER_CONTINUATION && pieces < PIECES {
                let Some((at, length)) = self.address(data) else { continue };
                let bytes = self.block(file, at, length.min(left)).map_err(fault)?;
                (pieces, left) = (pieces + 1, left - bytes.len() as u64);
                messages.extend(continuation(&bytes, new, ordered));
            }
        }
        Ok(messages)
    }

    /// The sizes of addresses and lengths.
    pub(crate) fn context(&self) -> &FormatContext {
        &self.context
    }

    /// The address of the first group.
    pub(crate) fn root(&self) -> u64 {
        self.root
    }

    /// The bytes from an address on, as many as there are.
    pub(crate) fn block(&self, file: &mut File, at: u64, length: u64) -> io::Result<Vec<u8>> {
        read_at(file, self.base.saturating_add(at), length.min(LONGEST))
    }

    /// How many bytes of a file of this length addresses can be of.
    pub(crate) fn addressed(&self, length: u64) -> u64 {
        length.saturating_sub(self.base)
    }

    /// Where a header goes on, and how long.
    fn address(&self, data: &[u8]) -> Option<(u64, u64)> {
        let (at, rest) = unsigned(data, self.context.sizeof_addr)?;
        let (length, _) = unsigned(rest, self.context.sizeof_size)?;
        Some((at, length))
    }
}

/// Where the signature is: at the beginning, or at a power of two from 512 on.
fn signature(file: &mut File, length: u64) -> io::Result<Option<u64>> {
    let mut at = 0;
    while at < length {
        if read_at(file, at, 8)? == HDF5_SIGNATURE {
            return Ok(Some(at));
        }
        at = if at == 0 { 512 } else { at.saturating_mul(2) };
    }
    Ok(None)
}

/// As many bytes as there are, up to a length.
fn read_at(file: &mut File, at: u64, length: u64) -> io::Result<Vec<u8>> {
    // No file is so long, and no system can seek there.
    if i64::try_from(at).is_err() {
        return Ok(Vec::new());
    }
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The sizes of addresses, the address of the first group, and the end of the file.
fn decode(bytes: &[u8]) -> Result<(FormatContext, u64, u64), FormatError> {
    let version = bytes.get(8).copied().unwrap_or(u8::MAX);
    let (sizeof_addr, sizeof_size, root, end) = if version < 2 {
        let block = SuperblockV0V1::decode(bytes)?;
        let root = block.root_symbol_table_entry.obj_header_addr;
        (block.sizeof_offsets, block.sizeof_lengths, root, block.end_of_file_address)
    } else {
        let block = SuperblockV2V3::decode(bytes)?;
        let root = block.root_group_object_header_address;
        (block.sizeof_offsets, block.sizeof_lengths, root, block.end_of_file_address)
    };
    Ok((FormatContext { sizeof_addr, sizeof_size }, root, end))
}

/// The messages of a piece of a header. Version 1: kind and size of 16 bits, flags, three spare bytes.
/// Version 2: a signature, then kind of 8 bits, size of 16, flags, perhaps an order; a checksum.
fn continuation(bytes: &[u8], new: bool, ordered: bool) -> Vec<(u8, Vec<u8>)> {
    let mut messages = Vec::new();
    let mut rest = bytes;
    if new {
        let body = bytes.strip_prefix(&OCHK_SIGNATURE);
        let Some(body) = body.and_then(|body| body.get(..body.len().saturating_sub(4))) else {
            return messages;
        };
        rest = body;
    }
    let head = if !new {
        8
    } else if ordered {
        6
    } else {
        4
    };
    while rest.len() >= head {
        let (kind, size) = if new {
            (rest[0], u16::from_le_bytes([rest[1], rest[2]]))
        } else {
            (rest[0], u16::from_le_bytes([rest[2], rest[3]]))
        };
        let Some(data) = rest.get(head..head + usize::from(size)) else { break };
        messages.push((kind, data.to_vec()));
        rest = &rest[head + usize::from(size)..];
    }
    messages
}

fn unsigned(bytes: &[u8], size: u8) -> Option<(u64, &[u8])> {
    let (number, rest) = bytes.split_at_checked(usize::from(size))?;
    let mut wide = [0; 8];
    wide.get_mut(..number.len())?.copy_from_slice(number);
    Some((u64::from_le_bytes(wide), rest))
}

/// The values of an attribute of whole numbers.
fn integers(attribute: &AttributeMessage) -> Option<Vec<i64>> {
    let DatatypeMessage::FixedPoint { size, byte_order, signed, bit_offset: 0, .. } =
        &attribute.datatype
    else {
        return None;
    };
    let size = usize::try_from(*size).ok().filter(|size| matches!(size, 1..=8))?;
    let number = |bytes: &[u8]| {
        let mut little = bytes.to_vec();
        if *byte_order == ByteOrder::BigEndian {
            little.reverse();
        }
        let negative = *signed && little.last().is_some_and(|&top| top >= 0x80);
        little.resize(8, if negative { 0xff } else { 0 });
        let wide: [u8; 8] = little.try_into().ok()?;
        Some(i64::from_le_bytes(wide)).filter(|&number| *signed || number >= 0)
    };
    attribute.data.chunks_exact(size).map(number).collect()
}

fn format_fault(path: &Path, source: FormatError) -> ConnectomeError {
    let source = rust_hdf5::Hdf5Error::from(source).into();
    ConnectomeError::Hdf5 {
        file: path.to_path_buf(),
        what: "the head of the file".to_owned(),
        source,
    }
}

//! Whether the numbers of an HDF5 dataset are in the file where its header says.
//!
//! The library reads what it does not find as zeros: a dataset that was never filled, a piece that is
//! not in the index, an index that points behind the end of the file. New indices have checksums; those
//! of the older layout (a version 1 B-tree, which is still what most programs write) have none, so they
//! are walked here: every piece of the grid must be there once, in order, and within the file.
//!
//! <https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html>, III.A.1 and IV.A.2.i

use std::fs::File;
use std::path::Path;

use rust_hdf5::Hdf5Error;
use rust_hdf5::format::btree_v1::{BTreeV1Node, ChunkBTreeV1Node};
use rust_hdf5::format::local_heap::{LocalHeapHeader, local_heap_get_string};
use rust_hdf5::format::messages::data_layout::DataLayoutMessage;
use rust_hdf5::format::messages::link::{LinkMessage, LinkTarget};
use rust_hdf5::format::messages::{MSG_DATA_LAYOUT, MSG_LINK, MSG_SYMBOL_TABLE};
use rust_hdf5::format::symbol_table::SymbolTableNode;
use rust_hdf5::format::{FormatError, UNDEF_ADDR};

use crate::arrays::Array;
use crate::error::ConnectomeError;
use crate::superblock::Superblock;

/// Bytes read of a node at first.
const PROBE: u64 = 8 << 10;
/// The most nodes of the index of a group that are looked at, and of names that its heap has.
const NODES: usize = 1 << 12;
const NAMES: u64 = 1 << 20;

/// Refuses a dataset at the top of the file whose numbers are not all in it. One that is not found
/// there in a simple way is passed over: the library says what is wrong with it.
pub(crate) fn check(
    path: &Path,
    superblock: &Superblock,
    dataset: &'static str,
    array: &Array,
) -> Result<(), ConnectomeError> {
    let fault = |source| ConnectomeError::Read { file: path.to_path_buf(), source };
    let mut file = File::open(path).map_err(fault)?;
    let length = superblock.addressed(file.metadata().map_err(fault)?.len());
    let mut within = Within { path, superblock, file: &mut file, length, dataset };
    let Some(object) = within.object()? else { return Ok(()) };
    for (kind, data) in superblock.messages(path, within.file, object)? {
        if kind == MSG_DATA_LAYOUT
            && let Ok((layout, _)) = DataLayoutMessage::decode(&data, superblock.context())
        {
            return within.layout(&layout, array);
        }
    }
    Ok(())
}

struct Within<'a> {
    path: &'a Path,
    superblock: &'a Superblock,
    file: &'a mut File,
    /// Bytes that addresses can be of.
    length: u64,
    dataset: &'static str,
}

impl Within<'_> {
    fn refuse(&self, what: String) -> ConnectomeError {
        ConnectomeError::Placed { file: self.path.to_path_buf(), dataset: self.dataset, what }
    }

    /// As many bytes from an address on as `decode` asks for.
    fn decode<T>(
        &mut self,
        at: u64,
        decode: impl Fn(&[u8]) -> Result<T, FormatError>,
    ) -> Result<T, ConnectomeError> {
        let path = self.path;
        let fault = |source| ConnectomeError::Read { file: path.to_path_buf(), source };
        let mut bytes = self.superblock.block(self.file, at, PROBE).map_err(fault)?;
        if let Err(FormatError::BufferTooShort { needed, .. }) = decode(&bytes) {
            bytes = self.superblock.block(self.file, at, needed as u64).map_err(fault)?;
        }
        decode(&bytes).map_err(|source| ConnectomeError::Hdf5 {
            file: path.to_path_buf(),
            what: format!("the index of dataset '{}'", self.dataset),
            source: Hdf5Error::from(source).into(),
        })
    }

    /// The address of the dataset's header, if the first group names it.
    fn object(&mut self) -> Result<Option<u64>, ConnectomeError> {
        let root = self.superblock.root();
        let context = *self.superblock.context();
        for (kind, data) in self.superblock.messages(self.path, self.file, root)? {
            if kind == MSG_LINK {
                let link = LinkMessage::decode(&data, &context);
                if let Ok((LinkMessage { name, target: LinkTarget::Hard { address }, .. }, _)) =
                    link
                    && name == self.dataset
                {
                    return Ok(Some(address));
                }
            } else if kind == MSG_SYMBOL_TABLE {
                let size = usize::from(context.sizeof_addr);
                let address = |at: usize| {
                    let mut wide = [0; 8];
                    wide.get_mut(..size)?.copy_from_slice(data.get(at..at + size)?);
                    Some(u64::from_le_bytes(wide))
                };
                if let (Some(tree), Some(heap)) = (address(0), address(size)) {
                    return self.named(tree, heap);
                }
            }
        }
        Ok(None)
    }

    /// The address that an old group has for the name of the dataset.
    fn named(&mut self, tree: u64, heap: u64) -> Result<Option<u64>, ConnectomeError> {
        let context = self.superblock.context();
        let sizes = (usize::from(context.sizeof_addr), usize::from(context.sizeof_size));
        let heap = self.decode(heap, |bytes| LocalHeapHeader::decode(bytes, sizes.0, sizes.1))?;
        let names = self.superblock.block(self.file, heap.data_addr, heap.data_size.min(NAMES));
        let fault = |source| ConnectomeError::Read { file: self.path.to_path_buf(), source };
        let names = names.map_err(fault)?;
        let mut todo = vec![tree];
        for _ in 0..NODES {
            let Some(at) = todo.pop() else { break };
            let most = u16::MAX;
            let node =
                self.decode(at, |bytes| BTreeV1Node::decode(bytes, sizes.0, sizes.1, most))?;
            if node.level > 0 {
                todo.extend(node.children);
                continue;
            }
            for at in node.children {
                let entries =
                    self.decode(at, |bytes| SymbolTableNode::decode(bytes, sizes.0, sizes.1, most));
                for entry in entries?.entries {
                    let name = local_heap_get_string(&names, entry.name_offset);
                    if name.is_ok_and(|name| name == self.dataset) {
                        return Ok(Some(entry.obj_header_addr));
                    }
                }
            }
        }
        Ok(None)
    }

    fn layout(&mut self, layout: &DataLayoutMessage, array: &Array) -> Result<(), ConnectomeError> {
        match layout {
            DataLayoutMessage::Contiguous { address, size } => self.range(*address, *size),
            DataLayoutMessage::ChunkedV3 { chunk_dims, b_tree_address } => {
                self.tree(*b_tree_address, chunk_dims, array)
            }
            _ => Ok(()),
        }
    }

    /// Refuses bytes that are not all in the file.
    fn range(&self, at: u64, size: u64) -> Result<(), ConnectomeError> {
        if at == UNDEF_ADDR {
            return Err(self.refuse("has no place in the file".to_owned()));
        }
        match at.checked_add(size) {
            Some(end) if end <= self.length => Ok(()),
            _ => Err(self.refuse(format!(
                "has {size} bytes from byte {at} on, and the file ends at {}",
                self.length
            ))),
        }
    }

    /// Follows the index of pieces of these sides, the last of which is the size of a number.
    fn tree(&mut self, root: u64, sides: &[u64], array: &Array) -> Result<(), ConnectomeError> {
        let [sides @ .., bytes] = sides else { return Ok(()) };
        let shape: Vec<u64> = array.shape.iter().map(|&side| side as u64).collect();
        if sides.len() != shape.len() || sides.contains(&0) {
            return Err(self.refuse(format!("has pieces of {sides:?} of {shape:?}")));
        }
        let across = shape.iter().zip(sides).map(|(side, piece)| side.div_ceil(*piece));
        let expected = across.fold(1u64, u64::saturating_mul);
        let plain = sides.iter().fold(*bytes, |all, side| all.saturating_mul(*side));
        let size = usize::from(self.superblock.context().sizeof_addr);
        let (mut found, mut last): (u64, Option<Vec<u64>>) = (0, None);
        let mut todo = if root == UNDEF_ADDR { Vec::new() } else { vec![(root, None)] };
        while let Some((at, level)) = todo.pop() {
            let decode =
                |bytes: &[u8]| ChunkBTreeV1Node::decode(bytes, size, shape.len(), u16::MAX);
            let node = self.decode(at, decode)?;
            // Levels go down to 0, so that no node is its own ancestor; and every leaf has a piece.
            if level.is_some_and(|level| node.level != level) || node.children.is_empty() {
                return Err(self.refuse("has an index that cannot be followed".to_owned()));
            }
            if let Some(below) = node.level.checked_sub(1) {
                todo.extend(node.children.iter().rev().map(|&child| (child, Some(below))));
                continue;
            }
            for (key, &at) in node.keys.iter().zip(&node.children) {
                let place = &key.offsets[..shape.len()];
                let inside = place.iter().zip(&shape).all(|(at, side)| at < side);
                let aligned = place.iter().zip(sides).all(|(at, side)| at.is_multiple_of(*side));
                let after = last.as_ref().is_none_or(|last| last.as_slice() < place);
                if !(inside && aligned && after) {
                    return Err(
                        self.refuse(format!("has a piece at {place:?}, where none is, or twice"))
                    );
                }
                let size = u64::from(key.chunk_size);
                if size == 0 || array.filters == 0 && size != plain {
                    return Err(self.refuse(format!(
                        "has a piece of {size} bytes, where {plain} are expected"
                    )));
                }
                self.range(at, size)?;
                (found, last) = (found + 1, Some(place.to_vec()));
            }
        }
        if found < expected {
            return Err(self.refuse(format!("has {found} of its {expected} pieces")));
        }
        Ok(())
    }
}

//! The cursor that every decoder reads with: a field is there whole or the value is refused, with its place.

use super::{Fault, WireError};

#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self::from(bytes, 0)
    }

    /// Reads bytes that begin at `offset` of the value, so that places are told as the sender counts them.
    pub(crate) fn from(bytes: &'a [u8], offset: usize) -> Self {
        Self { rest: bytes, offset }
    }

    pub(crate) fn remaining(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Where the next field begins.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    fn short(&self, field: &'static str, wanted: usize) -> WireError {
        WireError::at(field, self.offset, Fault::Short { missing: wanted.saturating_sub(self.rest.len()) })
    }

    pub(crate) fn bytes(&mut self, count: usize, field: &'static str) -> Result<&'a [u8], WireError> {
        let (head, tail) = self.rest.split_at_checked(count).ok_or_else(|| self.short(field, count))?;
        self.rest = tail;
        self.offset += count;
        Ok(head)
    }

    pub(crate) fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], WireError> {
        let (head, tail) = self.rest.split_first_chunk::<N>().ok_or_else(|| self.short(field, N))?;
        self.rest = tail;
        self.offset += N;
        Ok(*head)
    }

    pub(crate) fn u8(&mut self, field: &'static str) -> Result<u8, WireError> {
        self.array::<1>(field).map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, WireError> {
        self.array(field).map(u16::from_le_bytes)
    }

    pub(crate) fn u24(&mut self, field: &'static str) -> Result<u32, WireError> {
        self.array(field).map(|[a, b, c]| u32::from_le_bytes([a, b, c, 0]))
    }

    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32, WireError> {
        self.array(field).map(u32::from_le_bytes)
    }

    pub(crate) fn u48(&mut self, field: &'static str) -> Result<u64, WireError> {
        self.array(field).map(|[a, b, c, d, e, f]| u64::from_le_bytes([a, b, c, d, e, f, 0, 0]))
    }

    pub(crate) fn i8(&mut self, field: &'static str) -> Result<i8, WireError> {
        self.array(field).map(i8::from_le_bytes)
    }

    pub(crate) fn text(&mut self, count: usize, field: &'static str) -> Result<&'a str, WireError> {
        let at = self.offset;
        core::str::from_utf8(self.bytes(count, field)?).map_err(|_| WireError::at(field, at, Fault::Text))
    }

    /// Reads a field whose values are listed: what `known` does not know is refused.
    pub(crate) fn known_u8<T>(
        &mut self,
        field: &'static str,
        known: impl FnOnce(u8) -> Option<T>,
    ) -> Result<T, WireError> {
        let at = self.offset;
        let value = self.u8(field)?;
        known(value).ok_or_else(|| WireError::at(field, at, Fault::Value { value: u64::from(value) }))
    }

    /// As [`Self::known_u8`], with two bytes.
    pub(crate) fn known_u16<T>(
        &mut self,
        field: &'static str,
        known: impl FnOnce(u16) -> Option<T>,
    ) -> Result<T, WireError> {
        let at = self.offset;
        let value = self.u16(field)?;
        known(value).ok_or_else(|| WireError::at(field, at, Fault::Value { value: u64::from(value) }))
    }

    /// Reads flags of which only these bits may be set: another one may stand for a field whose length is not known.
    pub(crate) fn flags(&mut self, field: &'static str, defined: u8) -> Result<Flags, WireError> {
        self.known_u8(field, |flags| (flags & !defined == 0).then_some(Flags(flags)))
    }

    /// Nothing may follow.
    pub(crate) fn end(&self, last_field: &'static str) -> Result<(), WireError> {
        match self.rest.len() {
            0 => Ok(()),
            extra => Err(WireError::at(last_field, self.offset, Fault::Trailing { extra })),
        }
    }
}

/// Flags that say which fields follow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flags(u8);

impl Flags {
    pub(crate) fn has(self, bit: u8) -> bool {
        self.0 >> bit & 1 != 0
    }

    /// The field behind a bit, when the bit says that it is there.
    pub(crate) fn when<T>(self, bit: u8, read: impl FnOnce() -> Result<T, WireError>) -> Result<Option<T>, WireError> {
        if self.has(bit) { read().map(Some) } else { Ok(None) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_cut_off_is_told_with_its_place() {
        let mut reader = Reader::new(&[1, 2, 3]);
        assert_eq!(reader.u16("first"), Ok(0x0201));
        assert_eq!(reader.u32("second"), Err(WireError::at("second", 2, Fault::Short { missing: 3 })));
        assert_eq!(reader.end("first"), Err(WireError::at("first", 2, Fault::Trailing { extra: 1 })));
    }

    #[test]
    fn a_flag_that_is_not_defined_is_refused_where_it_stands() {
        let mut reader = Reader::from(&[0b1000], 7);
        let refused = reader.flags("flags", 0b0111).map(|flags| flags.has(3));
        assert_eq!(refused, Err(WireError::at("flags", 7, Fault::Value { value: 8 })));
    }
}

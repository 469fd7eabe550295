//! A long content under one key, in chunks that verify by themselves and in their order (STREAM, see `attachment`).
//!
//! File: 8 bytes magic, 7 bytes nonce prefix, then chunks of 64 KiB + 16 bytes tag; the last one is shorter or as long and is marked
//! in its nonce. An empty content is one empty last chunk. `about` and the magic are associated data of every chunk.

use crate::error::{Doing, Result, VaultError};
use crate::secret::{self, Key};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use std::fmt;
use std::io::{self, Read, Write};

const MAGIC: &[u8; 8] = b"HLSTRM01";
/// Plain bytes of a chunk.
pub(crate) const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;

struct Cipher {
    key: LessSafeKey,
    about: Vec<u8>,
    prefix: [u8; 7],
    chunk: u32,
}

impl Cipher {
    fn new(key: &Key, about: Vec<u8>, prefix: [u8; 7]) -> Self {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.bytes()).expect("AES-256 takes 32 bytes"));
        Self { key, about: [MAGIC.as_slice(), &about].concat(), prefix, chunk: 0 }
    }

    fn nonce(&self, last: bool) -> Nonce {
        let mut nonce = [0; 12];
        let (prefix, rest) = nonce.split_at_mut(7);
        prefix.copy_from_slice(&self.prefix);
        let (number, flag) = rest.split_at_mut(4);
        number.copy_from_slice(&self.chunk.to_be_bytes());
        flag.fill(u8::from(last));
        Nonce::assume_unique_for_key(nonce)
    }
}

/// Seals while it writes.
pub(crate) struct Sealer<W> {
    cipher: Cipher,
    to: W,
    held: Vec<u8>,
}

impl<W: Write> Sealer<W> {
    pub(crate) fn new(key: &Key, about: Vec<u8>, mut to: W) -> Result<Self> {
        let prefix = secret::random()?;
        to.write_all(MAGIC).and_then(|()| to.write_all(&prefix)).doing("sealing")?;
        Ok(Self { cipher: Cipher::new(key, about, prefix), to, held: Vec::with_capacity(CHUNK + TAG) })
    }

    pub(crate) fn write(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            // A full chunk is sealed only when more comes: the last one must know that it is.
            if self.held.len() == CHUNK {
                self.seal(false)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.held.len()));
            self.held.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<W> {
        self.seal(true)?;
        self.to.flush().doing("sealing")?;
        Ok(self.to)
    }

    fn seal(&mut self, last: bool) -> Result<()> {
        let nonce = self.cipher.nonce(last);
        self.cipher
            .key
            .seal_in_place_append_tag(nonce, Aad::from(&self.cipher.about), &mut self.held)
            .map_err(|_| VaultError::Crypto { doing: "sealing" })?;
        self.to.write_all(&self.held).doing("sealing")?;
        self.held.clear();
        // 2^32 chunks are 256 TiB.
        self.cipher.chunk = self.cipher.chunk.checked_add(1).ok_or(VaultError::Crypto { doing: "sealing" })?;
        Ok(())
    }
}

/// Opens while it reads. No byte is given out before its chunk has verified.
pub(crate) struct Opener<R> {
    cipher: Cipher,
    from: R,
    /// Sealed bytes read ahead: one chunk and a byte more, which says whether it is the last.
    ahead: Vec<u8>,
    plain: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Opener<R> {
    pub(crate) fn new(key: &Key, about: Vec<u8>, mut from: R) -> io::Result<Self> {
        let mut magic = [0; 8];
        let mut prefix = [0; 7];
        from.read_exact(&mut magic)?;
        from.read_exact(&mut prefix)?;
        if &magic != MAGIC {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let cipher = Cipher::new(key, about, prefix);
        Ok(Self { cipher, from, ahead: Vec::new(), plain: Vec::new(), given: 0, ended: false })
    }

    /// The chunk that is read next, or that did not verify.
    pub(crate) fn chunk(&self) -> u32 {
        self.cipher.chunk
    }

    fn next_chunk(&mut self) -> io::Result<()> {
        let wanted = CHUNK + TAG + 1;
        let missing = u64::try_from(wanted - self.ahead.len()).map_err(io::Error::other)?;
        self.from.by_ref().take(missing).read_to_end(&mut self.ahead)?;
        let last = self.ahead.len() < wanted;
        let rest = self.ahead.split_off(self.ahead.len().min(CHUNK + TAG));
        let mut sealed = std::mem::replace(&mut self.ahead, rest);
        let nonce = self.cipher.nonce(last);
        let length = self
            .cipher
            .key
            .open_in_place(nonce, Aad::from(&self.cipher.about), &mut sealed)
            .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?
            .len();
        sealed.truncate(length);
        self.plain = sealed;
        self.given = 0;
        self.ended = last;
        self.cipher.chunk = self.cipher.chunk.saturating_add(1);
        Ok(())
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.plain.len() {
            if self.ended || buffer.is_empty() {
                return Ok(0);
            }
            self.next_chunk()?;
        }
        let waiting = self.plain.get(self.given..).unwrap_or_default();
        let count = waiting.len().min(buffer.len());
        let (to, from) = (buffer.split_at_mut(count).0, waiting.split_at(count).0);
        to.copy_from_slice(from);
        self.given += count;
        Ok(count)
    }
}

impl<R> fmt::Debug for Opener<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opener").field("chunk", &self.cipher.chunk).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(key: &Key, content: &[u8]) -> Vec<u8> {
        let mut sealer = Sealer::new(key, b"a".to_vec(), Vec::new()).unwrap();
        for part in content.chunks(10_007) {
            sealer.write(part).unwrap();
        }
        sealer.finish().unwrap()
    }

    fn opened(key: &Key, sealed: &[u8]) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        Opener::new(key, b"a".to_vec(), sealed)?.read_to_end(&mut all).map(|_| all)
    }

    #[test]
    fn every_length_around_a_chunk_comes_back() {
        let key = Key::random().unwrap();
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5] {
            let content: Vec<u8> = (0..length).map(|i| u8::try_from(i % 251).unwrap()).collect();
            let sealed = sealed(&key, &content);
            assert_eq!(opened(&key, &sealed).unwrap(), content, "{length} bytes");
            let chunks = length.div_ceil(CHUNK).max(1);
            assert_eq!(sealed.len(), 15 + length + TAG * chunks);
        }
    }

    #[test]
    fn cut_swapped_repeated_and_changed_chunks_are_noticed() {
        let key = Key::random().unwrap();
        let content = vec![7; 3 * CHUNK];
        let whole = sealed(&key, &content);
        let step = CHUNK + TAG;
        let (head, chunks) = whole.split_at(15);
        let join = |order: &[usize]| {
            let parts = order.iter().flat_map(|place| chunks[place * step..(place + 1) * step].to_vec());
            head.iter().copied().chain(parts).collect::<Vec<u8>>()
        };
        assert_eq!(join(&[0, 1, 2]), whole);
        for order in [&[0, 1][..], &[0], &[], &[1, 0, 2], &[0, 2], &[0, 0, 1, 2], &[0, 1, 2, 2]] {
            assert!(opened(&key, &join(order)).is_err(), "{order:?}");
        }
        assert!(opened(&key, &whole[..whole.len() - 1]).is_err());
        for place in [0, 8, 14, 15, 500, 15 + step, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            assert!(opened(&key, &changed).is_err(), "byte {place}");
        }
        assert!(opened(&Key::random().unwrap(), &whole).is_err());
    }
}

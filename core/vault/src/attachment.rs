//! Photos and papers: sealed in chunks, each file under a key of its own.
//!
//! The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, *Online Authenticated-Encryption and its Nonce-Reuse
//! Misuse-Resistance*, CRYPTO 2015) over AES-256-GCM: 64 KiB chunks, nonce = 7 random bytes ‖ chunk number ‖ last flag. Chunks
//! that were cut off, swapped or changed do not verify. The file's key is random and lies, wrapped, in the database; the file's
//! name is random and says nothing. The overhead is 16 bytes in 64 KiB.

use crate::durable_file::{self, PARTIAL};
use crate::error::{Doing, Result, VaultError};
use crate::hex;
use crate::secret::{self, DataKey, Key};
use crate::stream::{Opener, Sealer};
use crate::transaction::{ReadTx, WriteTx, column, count, hash, uuid};
use crate::vault::Vault;
use homeline_model::AttachmentId;
use ring::digest::{Context, SHA256};
use rusqlite::OptionalExtension;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

pub(crate) const FOLDER: &str = "attachments";
/// The largest attachment taken, in bytes. A phone's photo has 2 to 8 million.
pub const MAX_ATTACHMENT_BYTES: u64 = 64 * 1024 * 1024;

/// What is known of an attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentInfo {
    /// Its id.
    pub id: AttachmentId,
    /// MIME type.
    pub content_type: String,
    /// Size in bytes, before sealing.
    pub bytes: u64,
    /// SHA-256 of the content, before sealing.
    pub sha256: [u8; 32],
}

/// A sealed file that no row names yet: give it to [`WriteTx::put_attachment`] in the transaction of its entry.
#[derive(Debug, Clone)]
pub struct SealedAttachment {
    info: AttachmentInfo,
    file: String,
    wrapped_key: Vec<u8>,
}

impl SealedAttachment {
    /// What was sealed.
    pub fn info(&self) -> &AttachmentInfo {
        &self.info
    }
}

/// Reads an attachment; every chunk is verified before its bytes are given out.
#[derive(Debug)]
pub struct AttachmentReader {
    id: AttachmentId,
    opener: Opener<File>,
}

impl AttachmentReader {
    /// The whole content.
    pub fn read_all(mut self) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        match self.opener.read_to_end(&mut all) {
            Ok(_) => Ok(all),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(VaultError::AttachmentDamaged { id: self.id, chunk: self.opener.chunk() })
            }
            Err(error) => Err(VaultError::from_io("reading an attachment", &error)),
        }
    }
}

impl Read for AttachmentReader {
    /// A chunk that does not verify is [`io::ErrorKind::InvalidData`].
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.opener.read(buffer)
    }
}

fn about(id: AttachmentId) -> Vec<u8> {
    [b"homeline attachment 1".as_slice(), id.0.as_bytes()].concat()
}

/// Wraps a file key with the vault's data key.
pub(crate) fn wrap(data_key: &DataKey, id: AttachmentId, key: &Key) -> Result<Vec<u8>> {
    data_key.derive("attachment").seal(&about(id), key.bytes())
}

/// The file key that [`wrap`] wrapped.
pub(crate) fn unwrap(data_key: &DataKey, id: AttachmentId, wrapped: &[u8]) -> Option<Key> {
    Key::from_slice(&data_key.derive("attachment").unseal(&about(id), wrapped)?)
}

impl Vault {
    /// Seals what `from` gives into a file. On disk when it returns, but not yet part of the journal.
    pub fn seal_attachment(
        &self,
        id: AttachmentId,
        content_type: &str,
        from: &mut dyn Read,
    ) -> Result<SealedAttachment> {
        let folder = self.dir().join(FOLDER);
        std::fs::create_dir_all(&folder).doing("creating the attachments' folder")?;
        let key = Key::random()?;
        let file = hex::encode(&secret::random::<16>()?);
        let partial = folder.join(format!("{file}{PARTIAL}"));
        let sealed = seal_file(&partial, id, &key, from);
        let (bytes, sha256) = match sealed {
            Ok(sealed) => sealed,
            Err(error) => return durable_file::remove(&partial).and(Err(error)),
        };
        durable_file::rename(&partial, &folder.join(&file))?;
        let info = AttachmentInfo { id, content_type: content_type.to_owned(), bytes, sha256 };
        Ok(SealedAttachment { info, file, wrapped_key: wrap(&self.key, id, &key)? })
    }

    /// Opens an attachment for reading.
    pub fn open_attachment(&self, id: AttachmentId) -> Result<AttachmentReader> {
        let missing = VaultError::AttachmentMissing { id };
        let row = self.read(|snapshot| snapshot.attachment_row(id))?;
        let Some((_, file, wrapped_key)) = row else { return Err(missing) };
        let damaged = || VaultError::AttachmentDamaged { id, chunk: 0 };
        let key = unwrap(&self.key, id, &wrapped_key).ok_or_else(damaged)?;
        let sealed = match File::open(self.dir().join(FOLDER).join(file)) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing),
            Err(error) => return Err(VaultError::from_io("opening an attachment", &error)),
        };
        let opener = Opener::new(&key, about(id), sealed).map_err(|_| damaged())?;
        Ok(AttachmentReader { id, opener })
    }
}

fn seal_file(path: &Path, id: AttachmentId, key: &Key, from: &mut dyn Read) -> Result<(u64, [u8; 32])> {
    let doing = "sealing an attachment";
    let mut sealer = Sealer::new(key, about(id), durable_file::create(path)?)?;
    let mut digest = Context::new(&SHA256);
    let mut bytes = 0u64;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(VaultError::from_io("reading what is to be sealed", &error)),
        };
        let part = buffer.get(..read).unwrap_or_default();
        bytes += u64::try_from(read).unwrap_or(u64::MAX);
        if bytes > MAX_ATTACHMENT_BYTES {
            return Err(VaultError::TooLarge { field: "attachment", bytes, limit: MAX_ATTACHMENT_BYTES });
        }
        digest.update(part);
        sealer.write(part)?;
    }
    sealer.finish()?.sync_all().doing(doing)?;
    let sha256 = digest.finish().as_ref().try_into().expect("SHA-256 has 32 bytes");
    Ok((bytes, sha256))
}

impl ReadTx<'_> {
    /// What is known of an attachment.
    pub fn attachment(&self, id: AttachmentId) -> Result<Option<AttachmentInfo>> {
        Ok(self.attachment_row(id)?.map(|(info, _, _)| info))
    }

    fn attachment_row(&self, id: AttachmentId) -> Result<Option<(AttachmentInfo, String, Vec<u8>)>> {
        Ok(self.attachment_rows("WHERE id = ?1", [id.0.as_bytes()])?.pop())
    }

    pub(crate) fn attachment_rows(
        &self,
        tail: &str,
        params: impl rusqlite::Params,
    ) -> Result<Vec<(AttachmentInfo, String, Vec<u8>)>> {
        let read = "reading the attachments";
        let sql = format!("SELECT id, content_type, bytes, sha256, file, wrapped_key FROM attachment {tail}");
        let mut select = self.connection.prepare_cached(&sql).doing(read)?;
        let mut rows = select.query(params).doing(read)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().doing(read)? {
            let id: Vec<u8> = row.get(0).doing(read)?;
            let sha256: Vec<u8> = row.get(3).doing(read)?;
            let info = AttachmentInfo {
                id: AttachmentId(uuid(&id)?),
                content_type: row.get(1).doing(read)?,
                bytes: count(row.get(2).doing(read)?)?,
                sha256: hash(&sha256)?,
            };
            found.push((info, row.get(4).doing(read)?, row.get(5).doing(read)?));
        }
        Ok(found)
    }
}

impl WriteTx<'_> {
    /// Makes a sealed file part of the vault. The same attachment again changes nothing; another one under its id is an error.
    pub fn put_attachment(&mut self, sealed: &SealedAttachment) -> Result<()> {
        let info = &sealed.info;
        let there: Option<Vec<u8>> = self
            .connection
            .query_row("SELECT sha256 FROM attachment WHERE id = ?1", [info.id.0.as_bytes()], |row| row.get(0))
            .optional()
            .doing("looking for the attachment")?;
        match there {
            Some(sha256) if sha256 == info.sha256 => return Ok(()),
            Some(_) => return Err(VaultError::BadValue { field: "attachment id (it is taken)" }),
            None => {}
        }
        self.connection
            .execute(
                "INSERT INTO attachment (id, file, wrapped_key, content_type, bytes, sha256)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                (
                    info.id.0.as_bytes(),
                    &sealed.file,
                    &sealed.wrapped_key,
                    &info.content_type,
                    column(info.bytes, "bytes")?,
                    info.sha256,
                ),
            )
            .doing("keeping an attachment")?;
        Ok(())
    }
}

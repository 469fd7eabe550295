//! Keys, the encrypted database, sealed attachments and rotation. The only crate that names rusqlite.

//! What goes wrong on the command line, as one line on standard error and an exit status.

use homeline_companion::HomelineError;
use std::fmt;

/// A command that did not do its work.
#[derive(Debug)]
pub enum Failure {
    /// Wrong use: exit status 2.
    Usage(String),
    /// Anything else: exit status 1.
    Failed(String),
}

impl Failure {
    /// The command line itself is wrong.
    pub fn usage(text: impl Into<String>) -> Self {
        Self::Usage(text.into())
    }

    /// One field of the input is wrong.
    pub fn input(field: &str, text: impl fmt::Display) -> Self {
        Self::Failed(format!("{field}: {text}"))
    }

    /// A file could not be read or written.
    pub fn file(path: &std::path::Path, doing: &str, error: &std::io::Error) -> Self {
        Self::Failed(format!("{} cannot be {doing}: {error}", path.display()))
    }

    /// The exit status.
    pub fn status(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Failed(_) => 1,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // One line, whatever a file name or a server put into it.
            Self::Usage(text) | Self::Failed(text) => f.write_str(&text.replace(['\n', '\r'], " ")),
        }
    }
}

impl From<HomelineError> for Failure {
    fn from(error: HomelineError) -> Self {
        Self::Failed(error.to_string())
    }
}

//! The peer: a Python script that decodes the same values with `bluetooth-sig` and prints a line for each.

use super::samples;
use std::io::{Error, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// What the peer takes and reads.
pub(crate) struct Peer {
    /// Nanoseconds for one value: the least and the median.
    pub(crate) ns: [f64; 2],
    /// The first number that it read, as it shows it.
    pub(crate) reads: String,
}

/// Asks the peer for all vital signs, in the order of [`samples::vital_signs`].
pub(crate) fn measure(python: &Path, rounds: u32) -> Result<Vec<Peer>, Error> {
    let mut child = Command::new(python)
        .args(["-c", include_str!("peer.py"), &rounds.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut values = String::new();
    for (_, sensor, value) in samples::vital_signs() {
        let digits: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
        values.push_str(&format!("{:?} {digits}\n", sensor.characteristic()));
    }
    // Dropped at the end of the statement, which is the end of the peer's input.
    child.stdin.take().ok_or(Error::other("the peer has no standard input"))?.write_all(values.as_bytes())?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(Error::other("the peer failed: is `bluetooth-sig` installed in its Python?"));
    }
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    lines.lines().map(line).collect()
}

fn line(line: &str) -> Result<Peer, Error> {
    let not_understood = || Error::other(format!("the peer's answer is not understood: {line}"));
    let number = |text: &str| text.parse().map_err(|_| not_understood());
    match line.splitn(3, ' ').collect::<Vec<_>>().as_slice() {
        [least, median, reads] => Ok(Peer { ns: [number(least)?, number(median)?], reads: (*reads).to_owned() }),
        _ => Err(not_understood()),
    }
}

//! Where the passcode comes from: a prompt, an open file descriptor, or the service manager's credentials. Never an
//! argument (other users see arguments) and never an environment variable (children inherit them).

use crate::failure::Failure;
use homeline_companion::Passcode;
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::PathBuf;

/// The name under which a service manager keeps it (`LoadCredential=homeline-passcode:…`).
const CREDENTIAL: &str = "homeline-passcode";

/// Asks for, or reads, the passcode. `twice` is for a new one.
pub fn read(passcode_fd: Option<i32>, question: &str, twice: bool) -> Result<Passcode, Failure> {
    if let Some(descriptor) = passcode_fd {
        return from_descriptor(descriptor);
    }
    if let Some(folder) = std::env::var_os("CREDENTIALS_DIRECTORY") {
        let file = PathBuf::from(folder).join(CREDENTIAL);
        if file.exists() {
            let line = std::fs::read_to_string(&file)
                .map_err(|error| Failure::input("passcode", format!("the credential cannot be read: {error}")))?;
            return Ok(Passcode::new(first_line(&line)));
        }
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(
            "no terminal to ask for the passcode: give --passcode-fd N, or the credential homeline-passcode",
        ));
    }
    if twice { ask_twice(question) } else { prompt(question).map(Passcode::new) }
}

/// Asks for, or reads, the passcode that takes the place of another. Never the service manager's: that is the old one.
pub fn read_new(passcode_fd: Option<i32>) -> Result<Passcode, Failure> {
    match passcode_fd {
        Some(descriptor) => from_descriptor(descriptor),
        None if std::io::stdin().is_terminal() => ask_twice("New passcode"),
        None => Err(Failure::usage("no terminal to ask for the new passcode: give --new-passcode-fd N")),
    }
}

/// Asks for, or reads, the printed recovery code.
pub fn read_recovery_code(passcode_fd: Option<i32>) -> Result<String, Failure> {
    match passcode_fd {
        Some(descriptor) => line_of_descriptor(descriptor),
        None if std::io::stdin().is_terminal() => prompt("Recovery code"),
        None => Err(Failure::usage("no terminal to ask for the recovery code: give --passcode-fd N")),
    }
}

fn prompt(question: &str) -> Result<String, Failure> {
    rpassword::prompt_password(format!("{question}: "))
        .map_err(|error| Failure::input("passcode", format!("it cannot be read: {error}")))
}

fn ask_twice(question: &str) -> Result<Passcode, Failure> {
    let first = prompt(question)?;
    if prompt("Once more")? != first {
        return Err(Failure::input("passcode", "the two are not the same: nothing was changed"));
    }
    Ok(Passcode::new(first))
}

fn from_descriptor(descriptor: i32) -> Result<Passcode, Failure> {
    line_of_descriptor(descriptor).map(Passcode::new)
}

fn line_of_descriptor(descriptor: i32) -> Result<String, Failure> {
    let file = std::fs::File::open(format!("/dev/fd/{descriptor}")).map_err(|error| {
        Failure::usage(format!(
            "--passcode-fd {descriptor} cannot be read ({error}): open it, e.g. `{descriptor}<FILE`"
        ))
    })?;
    let mut line = String::new();
    BufReader::new(file)
        .read_line(&mut line)
        .map_err(|error| Failure::input("passcode", format!("descriptor {descriptor} cannot be read: {error}")))?;
    Ok(first_line(&line))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

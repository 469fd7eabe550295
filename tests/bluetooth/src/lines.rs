//! Lines of JSON in and out.

use homeline_pump::{LinkId, RadioCommand, RadioEvent};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::io::Write;

/// A line that comes in.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Line {
    /// For one link.
    Command {
        link: LinkId,
        #[serde(rename = "do")]
        command: RadioCommand,
    },
    /// The person forgets all devices in the phone's settings.
    Forget {},
    /// What the person at the phone does from now on when it asks for a code; none has neither keyboard nor screen.
    Person { code: Option<u32> },
}

/// The person at the phone.
pub struct Person {
    pub code: Cell<Option<u32>>,
}

impl Default for Person {
    fn default() -> Self {
        Self { code: Cell::new(Some(0)) }
    }
}

/// Says what happened, a line each.
#[derive(Clone, Copy, Default)]
pub struct Mouth;

#[derive(Serialize)]
struct Said<'a> {
    link: &'a LinkId,
    event: &'a RadioEvent,
}

impl Mouth {
    pub fn say(&self, link: &LinkId, event: &RadioEvent) {
        let mut output = std::io::stdout().lock();
        // Nobody listens any more: standard input ends too, and with it the program.
        let _ = serde_json::to_writer(&mut output, &Said { link, event });
        let _ = output.write_all(b"\n").and_then(|()| output.flush());
    }
}

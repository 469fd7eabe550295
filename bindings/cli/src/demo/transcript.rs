//! What a person reads afterwards: the day, line by line. No ids, paths or server times, so that the same seed gives the
//! same text.

use chrono::{DateTime, FixedOffset, NaiveDate};
use std::io::Write;

/// Who or what a line is about.
#[derive(Debug, Clone, Copy)]
pub enum Voice {
    /// A reminder on the phone.
    Reminder,
    /// What the patient does.
    Patient,
    /// The pump or the balloon.
    Pump,
    /// What Homeline answers.
    Homeline,
    /// The care team and its server.
    CareTeam,
    /// The network.
    Network,
}

impl Voice {
    fn name(self) -> &'static str {
        match self {
            Self::Reminder => "Reminder",
            Self::Patient => "Patient",
            Self::Pump => "Pump",
            Self::Homeline => "Homeline",
            Self::CareTeam => "Care team",
            Self::Network => "Network",
        }
    }
}

/// The day's lines.
pub struct Transcript {
    text: String,
    echo: bool,
    day: Option<NaiveDate>,
}

impl Transcript {
    /// An empty one; `echo` also shows each line at once.
    pub fn new(echo: bool) -> Self {
        Self { text: String::new(), echo, day: None }
    }

    /// A heading or a free line.
    pub fn line(&mut self, line: &str) {
        if self.echo {
            // A reader who went away does not stop the day.
            let _ = writeln!(anstream::stdout(), "{line}");
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// One thing that happened. Long text is broken at 100 columns under its own beginning.
    pub fn say(&mut self, at: DateTime<FixedOffset>, voice: Voice, text: &str) {
        if self.day != Some(at.date_naive()) {
            self.day = Some(at.date_naive());
            self.line("");
            self.line(&at.format("%A, %-d %B %Y").to_string());
            self.line("");
        }
        let mut head = format!("{}  {:<10} ", at.format("%H:%M"), voice.name());
        let indent = " ".repeat(head.chars().count());
        let mut line = String::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && indent.len() + line.chars().count() + 1 + word.chars().count() > 100 {
                self.line(&format!("{head}{line}"));
                head.clone_from(&indent);
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.line(&format!("{head}{line}"));
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }
}

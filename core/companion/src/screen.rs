//! Screen models: what every shell draws. Decided here once, so that terminal, Android and iOS show the same and none
//! of them holds a rule.

use serde::{Deserialize, Serialize};

/// How loud a row or an action is. A shell chooses colours; meaning never hangs on colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Emphasis {
    /// As the others.
    Plain,
    /// Done or not now.
    Quiet,
    /// Look here.
    Attention,
    /// Somebody must act now.
    Urgent,
}

/// Something that can be tapped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Handed back to the core as it is. It names what it acts on, so that a late or double tap lands on the right dose.
    pub id: String,
    /// The words on the button.
    pub label: String,
    /// How loud.
    pub emphasis: Emphasis,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Stable across redraws.
    pub id: String,
    /// Clock time as shown.
    pub time: Option<String>,
    /// What it is.
    pub title: String,
    /// How far it is, in a word or two.
    pub state: Option<String>,
    /// Further lines.
    pub details: Vec<String>,
    /// How loud.
    pub emphasis: Emphasis,
    /// What can be done.
    pub actions: Vec<Action>,
    /// What a screen reader says: the whole row in one sentence.
    pub accessibility: String,
    /// What stands in for the title where others can look, e.g. on a locked phone; `None` when the title tells nothing.
    pub private_title: Option<String>,
}

/// Rows that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Heading.
    pub title: Option<String>,
    /// In order.
    pub rows: Vec<Row>,
}

/// Where a screen may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Privacy {
    /// Also on a locked phone, because the patient chose so.
    Locked,
    /// On an unlocked phone. On a locked one a row shows its `private_title`, or nothing.
    #[default]
    Unlocked,
    /// On an unlocked phone, and neither in a screenshot nor in the list of open apps: secrets, or another person's reading.
    Covered,
}

/// One screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    /// Which screen, e.g. `today`.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Under the heading.
    pub subtitle: Option<String>,
    /// In order.
    pub sections: Vec<Section>,
    /// Standing lines at the foot: numbers to call, how fresh it is.
    pub footer: Vec<String>,
    /// Where it may be seen.
    #[serde(default)]
    pub privacy: Privacy,
}

impl Action {
    /// A plain button.
    pub(crate) fn new(id: impl Into<String>, label: impl Into<String>) -> Self {
        Self { id: id.into(), label: label.into(), emphasis: Emphasis::Plain }
    }
}

impl Row {
    /// A plain row without actions; the screen reader says time, title and state.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        let title = title.into();
        Self {
            id: id.into(),
            time: None,
            accessibility: title.clone(),
            title,
            state: None,
            details: Vec::new(),
            emphasis: Emphasis::Plain,
            actions: Vec::new(),
            private_title: None,
        }
    }

    /// Makes the screen reader's sentence from what the row shows.
    pub(crate) fn with_spoken_sentence(mut self) -> Self {
        let mut parts: Vec<&str> = Vec::new();
        parts.extend(self.time.as_deref());
        parts.push(&self.title);
        parts.extend(self.state.as_deref());
        parts.extend(self.details.iter().map(String::as_str));
        self.accessibility.clear();
        for part in parts {
            if !self.accessibility.is_empty() {
                self.accessibility.push_str(if self.accessibility.ends_with(['.', '?', '!']) { " " } else { ". " });
            }
            self.accessibility.push_str(part);
        }
        self
    }
}

impl Screen {
    /// An empty screen.
    pub(crate) fn new(id: &str, title: impl Into<String>) -> Self {
        Self {
            id: id.to_owned(),
            title: title.into(),
            subtitle: None,
            sections: Vec::new(),
            footer: Vec::new(),
            privacy: Privacy::default(),
        }
    }

    /// Adds rows under a heading; no rows are no section.
    pub(crate) fn add(&mut self, title: Option<String>, rows: Vec<Row>) {
        if !rows.is_empty() {
            self.sections.push(Section { title, rows });
        }
    }

    /// All rows of all sections.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.sections.iter().flat_map(|section| &section.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_reader_hears_the_whole_row() {
        let mut row = Row::new("r", "Vancomycin 1.25 g");
        row.time = Some("08:00".into());
        row.state = Some("due now".into());
        row.details = vec!["Scrub the hub.".into(), "Connect".into()];
        let spoken = row.with_spoken_sentence().accessibility;
        assert_eq!(spoken, "08:00. Vancomycin 1.25 g. due now. Scrub the hub. Connect");
    }
}

//! Screen models: what every shell draws, decided by the core. They are companion's own types: told here once more, because
//! uniffi belongs to this crate alone, and a field or variant that is missing here does not compile.

pub use homeline_companion::{Action, Emphasis, Privacy, Row, Screen, Section};

/// How loud a row or an action is. A shell chooses colours; meaning never hangs on colour alone.
#[uniffi::remote(Enum)]
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
#[uniffi::remote(Record)]
pub struct Action {
    /// Handed back to the core as it is. It names what it acts on, so that a late or double tap lands on the right dose.
    pub id: String,
    /// The words on the button.
    pub label: String,
    /// How loud.
    pub emphasis: Emphasis,
}

/// One row.
#[uniffi::remote(Record)]
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
    /// What stands in for the title where others can look, e.g. on a locked phone; none when the title tells nothing.
    pub private_title: Option<String>,
}

/// Rows that belong together.
#[uniffi::remote(Record)]
pub struct Section {
    /// Heading.
    pub title: Option<String>,
    /// In order.
    pub rows: Vec<Row>,
}

/// Where a screen may be seen.
#[uniffi::remote(Enum)]
pub enum Privacy {
    /// Also on a locked phone, because the patient chose so.
    Locked,
    /// On an unlocked phone. On a locked one a row shows its `private_title`, or nothing.
    Unlocked,
    /// On an unlocked phone, and neither in a screenshot nor in the list of open apps.
    Covered,
}

/// One screen.
#[uniffi::remote(Record)]
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
    pub privacy: Privacy,
}

//! Screen models: what every shell draws, decided by the core. Mirrors of companion's, because uniffi's derives belong to
//! this crate alone.

use homeline_companion as companion;

/// How loud a row or an action is. A shell chooses colours; meaning never hangs on colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
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
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Action {
    /// Handed back to the core as it is. It names what it acts on, so that a late or double tap lands on the right dose.
    pub id: String,
    /// The words on the button.
    pub label: String,
    /// How loud.
    pub emphasis: Emphasis,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
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
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Section {
    /// Heading.
    pub title: Option<String>,
    /// In order.
    pub rows: Vec<Row>,
}

/// One screen.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
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
}

impl From<companion::Emphasis> for Emphasis {
    fn from(emphasis: companion::Emphasis) -> Self {
        match emphasis {
            companion::Emphasis::Plain => Self::Plain,
            companion::Emphasis::Quiet => Self::Quiet,
            companion::Emphasis::Attention => Self::Attention,
            companion::Emphasis::Urgent => Self::Urgent,
        }
    }
}

impl From<companion::Action> for Action {
    fn from(action: companion::Action) -> Self {
        Self { id: action.id, label: action.label, emphasis: action.emphasis.into() }
    }
}

impl From<companion::Row> for Row {
    fn from(row: companion::Row) -> Self {
        Self {
            id: row.id,
            time: row.time,
            title: row.title,
            state: row.state,
            details: row.details,
            emphasis: row.emphasis.into(),
            actions: row.actions.into_iter().map(Into::into).collect(),
            accessibility: row.accessibility,
            private_title: row.private_title,
        }
    }
}

impl From<companion::Section> for Section {
    fn from(section: companion::Section) -> Self {
        Self { title: section.title, rows: section.rows.into_iter().map(Into::into).collect() }
    }
}

impl From<companion::Screen> for Screen {
    fn from(screen: companion::Screen) -> Self {
        Self {
            id: screen.id,
            title: screen.title,
            subtitle: screen.subtitle,
            sections: screen.sections.into_iter().map(Into::into).collect(),
            footer: screen.footer,
        }
    }
}

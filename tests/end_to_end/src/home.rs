//! A home with two phones and the care team's server: the patient's phone, and a caregiver's with a vault and keys of its
//! own. Each has its own clock; they go alike unless a story says otherwise.

use crate::phone::{Phone, plan};
use homeline_companion::{Homeline, Invitation, NewProfile, Passcode, Synced};
use homeline_home::care_team_server::{CareTeamServer, ServerConfig};
use homeline_model::{AuthorRole, PersonId};
use std::sync::Arc;

/// The caregiver of the plan that the home lives.
pub const TOMAS: &str = "vanc-caregiver";

/// The team's server with a plan on it, going by the clock of a phone.
pub fn team(phone: &Phone, bundle: &str) -> CareTeamServer {
    let mut config = ServerConfig::new(phone.folder().join("team.ndjson"));
    let clock = phone.clock.clone();
    config.clock = Arc::new(move || clock.now());
    let server = CareTeamServer::start(config).expect("a free port");
    server.load_bundle(bundle).expect("a plan of the simulated home");
    server
}

/// The home.
pub struct Home {
    /// The care team's server.
    pub server: CareTeamServer,
    /// The patient's phone.
    pub rosas_phone: Phone,
    /// What runs on it.
    pub rosa: Homeline,
    /// The caregiver's phone.
    pub tomas_phone: Phone,
    /// What runs on it.
    pub tomas: Homeline,
}

impl Home {
    /// A home at eight in the morning, both phones in Chicago and synced once.
    pub async fn new(plan_name: &str) -> Self {
        let bundle = String::from_utf8(plan(plan_name)).expect("a plan is UTF-8");
        Self::with(&bundle).await
    }

    /// The same with any Bundle of the patient `vanc-patient`.
    pub async fn with(bundle: &str) -> Self {
        let (zone, now) = ("America/Chicago", "2026-11-23T14:00:00Z");
        let (rosas_phone, tomas_phone) = (Phone::new(zone, now), Phone::new(zone, now));
        let server = team(&rosas_phone, bundle);
        let rosa = rosas_phone.make("Rosa Ibarra", AuthorRole::Patient).await;
        rosa.sync().enrol(server.base_url(), "vanc-patient".to_owned(), None).await.expect("an address");
        let tomas = tomas_phone.make("Tomas Ibarra", AuthorRole::Caregiver).await;
        let invitation = Invitation {
            server: server.base_url(),
            patient: "vanc-patient".to_owned(),
            person: PersonId::new(TOMAS).expect("an id"),
        };
        tomas.caregivers().join(invitation, None).await.expect("a caregiver's phone");
        let home = Self { server, rosas_phone, rosa, tomas_phone, tomas };
        home.sync().await;
        home
    }

    /// Time passes on both phones.
    pub fn pass(&self, minutes: i64) {
        for phone in [&self.rosas_phone, &self.tomas_phone] {
            phone.clock.advance(chrono::Duration::minutes(minutes));
        }
    }

    /// Each phone sends and fetches, twice, so that what one sent reaches the other.
    pub async fn sync(&self) -> (Synced, Synced) {
        self.rosa.sync().now().await.expect("a server");
        self.tomas.sync().now().await.expect("a server");
        let rosa = self.rosa.sync().now().await.expect("a server");
        (rosa, self.tomas.sync().now().await.expect("a server"))
    }
}

impl Phone {
    /// Makes a journal without a plan.
    pub async fn make(&self, name: &str, role: AuthorRole) -> Homeline {
        let profile = NewProfile { name: name.to_owned(), role };
        let passcode = Some(Passcode::new(crate::phone::PASSCODE));
        Homeline::create(self.config(), self.ports(), profile, passcode).await.expect("a new vault").homeline
    }
}

//! Enrolling at care-team servers and signing in there, through the system's browser.
//!
//! The browser is a port: [`Accounts::begin_sign_in`] gives it a page, and the shell brings back the address that the
//! browser was sent to ([`Accounts::finish_sign_in`]), by an app link or a loopback address. In between the app may be
//! killed. What the server granted lies in the vault; a sign-in that ends takes nothing with it.

use crate::access::Access;
use crate::account::{self, Account, SignedIn, WhyEnded};
use crate::caregivers::{SCOPES_FOR_REQUESTS, SCOPES_FOR_RIGHTS};
use crate::error::{ErrorKind, HomelineError};
use crate::homeline::Inner;
use crate::moment::Moment;
use crate::network::Network;
use crate::ports::Change;
use crate::store::Store;
use homeline_model::{AuthorRole, PatientId, PersonId};
use homeline_sync::{Enrolment, Grant, ParkReason, PendingSignIn, ServerAddress, SignInRequest};
use homeline_vault::Vault;
use serde::Serialize;
use std::sync::Arc;

/// Kinds of records that a phone sends, as screens call them.
const SENT: [(&str, &str); 6] = [
    ("MedicationAdministration", "doses"),
    ("Observation", "symptoms, vital signs and pump events"),
    ("QuestionnaireResponse", "forms"),
    ("Communication", "messages"),
    ("DocumentReference", "pictures"),
    ("Provenance", "who wrote what"),
];

/// What every sign-in asks for (SMART App Launch 2.2 §Scopes): to read the record, to create and update what a phone writes,
/// and never to delete. `docs/sign-in.md` has them for the team.
pub const SIGN_IN_SCOPES: &str = "openid fhirUser offline_access launch/patient patient/*.rs \
    patient/MedicationAdministration.cu patient/Observation.cu patient/QuestionnaireResponse.cu \
    patient/Communication.cu patient/DocumentReference.cu patient/Provenance.cu";

/// The scopes of one phone: requests go from everybody at home to everybody, rights are the patient's to give.
fn scopes(role: AuthorRole, is_invited: bool) -> String {
    let mut scopes = if is_invited {
        // The invitation opens the record of its patient: nobody is asked to choose one.
        SIGN_IN_SCOPES.replace("launch/patient", "launch")
    } else {
        SIGN_IN_SCOPES.to_owned()
    };
    let rights = SCOPES_FOR_RIGHTS.iter().filter(|_| role == AuthorRole::Patient);
    for scope in SCOPES_FOR_REQUESTS.iter().chain(rights) {
        scopes.push(' ');
        scopes.push_str(scope);
    }
    scopes
}

/// What an invitation of a care team says, for the question whether it is the right one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TeamInvitation {
    /// The server's host: the one part that a person can hold against the letter.
    pub host: String,
    /// FHIR base of the server.
    pub server: String,
    /// How the team calls itself. Anybody can write that into a link.
    pub team: Option<String>,
    /// Whether a sign-in follows.
    pub needs_sign_in: bool,
}

/// Where a sign-in stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignInState {
    /// The server wants none.
    NotNeeded,
    /// Nobody signed in yet.
    Needed,
    /// It holds.
    SignedIn,
    /// It held once: sign in again.
    Ended,
}

/// One care-team server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountState {
    /// FHIR base of the server.
    pub server: String,
    /// How the team calls itself.
    pub team: Option<String>,
    /// Whether this is the server that records go to.
    pub in_use: bool,
    /// Where the sign-in stands.
    pub sign_in: SignInState,
    /// The same in a true sentence, with what to do.
    pub sentence: String,
    /// `Type/id` of who signed in, where the server proved it.
    pub user: Option<String>,
    /// The scopes that were granted, parted by spaces.
    pub scopes: Option<String>,
    /// What the sign-in does not let through, in words: it is kept here and set aside.
    pub not_let_through: Vec<String>,
}

/// A sign-in page that is to be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignInPage {
    /// Its address, for the system's browser and for nothing else.
    pub address: String,
    /// Whose page it is.
    pub host: String,
    /// Whether the phone's browser was opened on it.
    pub opened: bool,
}

/// Accounts at care-team servers.
#[derive(Clone)]
pub struct Accounts {
    pub(crate) inner: Arc<Inner>,
}

impl Accounts {
    /// Reads an invitation (a link, or the text of a QR code) without taking it.
    ///
    /// Errors: `BadInput` with what is wrong with it.
    pub async fn read_invitation(&self, link: String) -> Result<TeamInvitation, HomelineError> {
        let now = self.inner.moment().await?.now;
        let enrolment = Enrolment::parse(&link, now)?;
        Ok(TeamInvitation {
            host: enrolment.address.host().to_owned(),
            server: enrolment.address.as_str().to_owned(),
            team: enrolment.team.clone(),
            needs_sign_in: enrolment.client_id.is_some(),
        })
    }

    /// Takes an invitation, after a person has confirmed its host. Nothing is sent yet.
    ///
    /// Errors: `BadInput`, `PlanRefused` (it is for another patient).
    pub async fn enrol(&self, link: String) -> Result<AccountState, HomelineError> {
        let taken = self.inner.allowed(Access::Own, move |store, moment| {
            let enrolment = Enrolment::parse(&link, moment.now)?;
            let before = account::find(&*store.vault()?, enrolment.address.as_str())?;
            take(store, Account::invited(before, &enrolment))
        });
        self.told(taken.await)
    }

    /// Adds a server by hand: its FHIR base, and the client id that the team gave where it wants a sign-in.
    ///
    /// Errors: `BadInput`, `PlanRefused` (the patient is another one).
    pub async fn add(
        &self,
        server: String,
        client_id: Option<String>,
        patient: Option<String>,
    ) -> Result<AccountState, HomelineError> {
        let taken = self.inner.allowed(Access::Own, move |store, _| {
            let address = ServerAddress::parse(&server)?;
            let before = account::find(&*store.vault()?, address.as_str())?;
            let mut account = before.unwrap_or_else(|| Account::new(&address));
            if client_id.is_some() && client_id != account.client_id {
                account.client_id = client_id;
                account.sign_in = None;
            }
            account.patient = patient.or(account.patient);
            take(store, account)
        });
        self.told(taken.await)
    }

    /// All servers, the one in use first.
    pub async fn list(&self) -> Result<Vec<AccountState>, HomelineError> {
        self.inner
            .allowed(Access::Own, |store, _| {
                let mut states: Vec<_> =
                    account::all(&*store.vault()?)?.iter().map(|account| state(store, account)).collect();
                states.sort_by_key(|state| !state.in_use);
                Ok(states)
            })
            .await
    }

    /// Sends records to this server from now on, and fetches from it. One at a time is in use.
    ///
    /// Errors: `NotFound`.
    pub async fn use_server(&self, server: String) -> Result<AccountState, HomelineError> {
        let used = self.inner.allowed(Access::Own, move |store, _| {
            let account = known(store, Some(server))?;
            let mut profile = store.profile.clone();
            profile.server = Some(account.server.clone());
            profile.token = None;
            store.set_profile(profile)?;
            Ok(state(store, &account))
        });
        self.told(used.await)
    }

    /// Begins a sign-in: asks the server for its page and opens the browser on it, where the platform lends one. A sign-in
    /// that was begun before and not finished is given up.
    ///
    /// `redirect_uri` is where the browser shall come back to, as the team registered it for this app. `server` may be left
    /// out where one is in use.
    ///
    /// Errors: `NotFound` (no such server), `Offline`, `ServerRefused` (it offers no sign-in), `BadInput`.
    pub async fn begin_sign_in(
        &self,
        server: Option<String>,
        redirect_uri: String,
    ) -> Result<SignInPage, HomelineError> {
        let (account, role, now) = self
            .inner
            .allowed(Access::Own, move |store, moment| Ok((known(store, server)?, store.profile.role, moment.now)))
            .await?;
        let client_id = account.client_id.clone().ok_or_else(|| {
            HomelineError::new(
                ErrorKind::NotFound,
                "sign-in.no-client",
                "this server was added without a client id",
                "Add it again with the client id that your care team gave you.",
            )
        })?;
        let scopes = scopes(role, account.launch.is_some());
        let request =
            SignInRequest { client_id, redirect_uri: redirect_uri.clone(), scopes, launch: account.launch.clone() };
        let (address, host, pending) = self
            .inner
            .network
            .run(move |network: &mut Network| {
                network.wait_for(async {
                    let door = account.door()?;
                    let settings = door.settings().await?;
                    let host = settings.host();
                    let (address, pending) = door.begin(settings, request, now)?;
                    Ok((address, host, pending))
                })
            })
            .await?;
        self.inner.allowed(Access::Own, move |store, _| account::keep_pending(&*store.vault()?, Some(pending))).await?;
        let page = address.clone();
        let opened = self
            .inner
            .platform
            .run(move |platform| match &platform.ports.browser {
                Some(browser) => Ok(browser.open(&page, &redirect_uri).map(|()| true)?),
                None => Ok(false),
            })
            .await?;
        Ok(SignInPage { address, host, opened })
    }

    /// Ends a sign-in with the address that the browser came back to, whole. Records that an earlier sign-in did not let
    /// through wait to be sent again.
    ///
    /// Errors: `BadInput` (the address is not of this sign-in, which still waits), `NeedsSignIn` (refused, or too late),
    /// `PlanRefused` (it opens another patient's record), `Offline`, `ServerRefused`.
    pub async fn finish_sign_in(&self, redirect: String) -> Result<AccountState, HomelineError> {
        let (account, pending, now) = self
            .inner
            .allowed(Access::Own, |store, moment| {
                let pending = account::pending(&*store.vault()?)?.ok_or_else(|| {
                    HomelineError::new(
                        ErrorKind::NotFound,
                        "sign-in.none",
                        "no sign-in was begun here",
                        "Begin with the sign-in button.",
                    )
                })?;
                Ok((known(store, Some(pending.server().to_owned()))?, pending, moment.now))
            })
            .await?;
        let finished = self
            .inner
            .network
            .run(move |network: &mut Network| {
                network.wait_for(async {
                    let grant = account.door()?.finish(&pending, &redirect, now).await;
                    Ok((grant, account, pending))
                })
            })
            .await?;
        let (grant, account, pending) = finished;
        if let Err(homeline_sync::SignInError::NotOurs { what }) = grant {
            return Err(homeline_sync::SignInError::NotOurs { what }.into());
        }
        // A code is good for one try.
        let taken = self.inner.allowed(Access::Own, move |store, moment| {
            account::keep_pending(&*store.vault()?, None)?;
            signed_in(store, moment, account, &pending, grant?)
        });
        self.told(taken.await)
    }

    /// Signs out: here at once, and at the server as far as it can be reached. The journal and what waits stay.
    ///
    /// Errors: `NotFound`.
    pub async fn sign_out(&self, server: Option<String>) -> Result<AccountState, HomelineError> {
        let (after, account, before) = self
            .inner
            .allowed(Access::Own, move |store, moment| {
                let mut account = known(store, server)?;
                let before = account.sign_out(moment.now);
                account::keep(&*store.vault()?, &account)?;
                Ok((state(store, &account), account, before))
            })
            .await?;
        if let (Some(SignedIn { settings, grant, .. }), Some(client_id)) = (before, account.client_id.clone()) {
            let told = self.inner.network.run(move |network: &mut Network| {
                network.wait_for(async { Ok(account.door()?.revoke(&settings, &client_id, &grant).await?) })
            });
            // Out of reach: the grant is forgotten here and runs out there.
            let _ = told.await;
        }
        self.told(Ok(after))
    }

    fn told<T>(&self, result: Result<T, HomelineError>) -> Result<T, HomelineError> {
        if result.is_ok() {
            self.inner.announce(Change::Sync);
        }
        result
    }
}

/// Keeps an account; the first one is the one in use.
fn take(store: &mut Store, account: Account) -> Result<AccountState, HomelineError> {
    same_patient(store, account.patient.as_deref())?;
    account::keep(&*store.vault()?, &account)?;
    if store.profile.server.is_none() {
        adopt(store, &account, account.patient.as_deref())?;
    } else if store.profile.server.as_deref() == Some(&account.server) && account.client_id.is_some() {
        // A token that was handed out gives way to the sign-in.
        let mut profile = store.profile.clone();
        profile.token = None;
        store.set_profile(profile)?;
    }
    Ok(state(store, &account))
}

/// Makes a server the one in use, and its patient the vault's where the vault has none yet.
fn adopt(store: &mut Store, account: &Account, patient: Option<&str>) -> Result<(), HomelineError> {
    let mut profile = store.profile.clone();
    profile.server = Some(account.server.clone());
    profile.token = None;
    if let (None, Some(id)) = (&profile.patient, patient) {
        profile.patient = Some(patient_id(id)?);
    }
    store.set_profile(profile)
}

fn patient_id(id: &str) -> Result<PatientId, HomelineError> {
    PatientId::new(id)
        .map_err(|error| HomelineError::input("patient", error.to_string(), "Take the id that the team gave you."))
}

/// One vault is one patient's.
fn same_patient(store: &Store, patient: Option<&str>) -> Result<(), HomelineError> {
    match (&store.profile.patient, patient) {
        (Some(ours), Some(theirs)) if ours.as_str() != theirs => Err(HomelineError::new(
            ErrorKind::PlanRefused,
            "plan.other-patient",
            "this vault belongs to another patient",
            "Make a vault of its own for each patient.",
        )),
        (_, Some(theirs)) => patient_id(theirs).map(|_| ()),
        _ => Ok(()),
    }
}

fn signed_in(
    store: &mut Store,
    moment: &Moment,
    mut account: Account,
    pending: &PendingSignIn,
    grant: Grant,
) -> Result<AccountState, HomelineError> {
    let opened = grant.patient().map(str::to_owned);
    same_patient(store, opened.as_deref())?;
    if let (Some(invited), Some(opened)) = (&account.patient, &opened)
        && invited != opened
    {
        return Err(HomelineError::new(
            ErrorKind::PlanRefused,
            "sign-in.other-patient",
            "this sign-in opens another patient's record than the invitation",
            "Sign in as the person who was invited, or ask your care team.",
        ));
    }
    let patient = opened.or_else(|| account.patient.clone());
    if patient.is_none() && store.profile.patient.is_none() {
        return Err(homeline_sync::SignInError::BadAnswer { field: "patient" }.into());
    }
    let person = signed_in_caregiver(store, &grant)?;
    account.launch = None;
    account.ended = None;
    account.patient.clone_from(&patient);
    account.sign_in =
        Some(SignedIn { settings: pending.settings().clone(), grant, since: moment.now, renewal_unanswered: None });
    let vault = store.vault()?;
    account::keep(&vault, &account)?;
    if store.profile.server.as_deref().is_none_or(|server| server == account.server) {
        adopt(store, &account, patient.as_deref())?;
    }
    if person.is_some() {
        let mut profile = store.profile.clone();
        profile.person = person;
        store.set_profile(profile)?;
    }
    let_through(&vault, &account)?;
    Ok(state(store, &account))
}

/// The caregiver whom the server names, on a caregiver's phone that nobody has joined yet.
fn signed_in_caregiver(store: &Store, grant: &Grant) -> Result<Option<PersonId>, HomelineError> {
    let named = grant.user().and_then(|user| user.strip_prefix("RelatedPerson/"));
    let Some(named) = named.filter(|_| store.profile.role == AuthorRole::Caregiver) else { return Ok(None) };
    match &store.profile.person {
        None => Ok(PersonId::new(named).ok()),
        Some(ours) if ours.as_str() == named => Ok(None),
        Some(_) => Err(HomelineError::new(
            ErrorKind::PlanRefused,
            "sign-in.other-person",
            "this phone was joined by another caregiver",
            "Sign in as the person who was invited.",
        )),
    }
}

/// What an earlier sign-in did not let through waits again, where this one does.
fn let_through(vault: &Vault, account: &Account) -> Result<(), HomelineError> {
    let Some(scopes) = account.scopes() else { return Ok(()) };
    let parked = vault.read(|tx| tx.outbox_parked())?;
    let again: Vec<_> = parked
        .into_iter()
        .filter(|item| item.reason.as_deref().is_some_and(|why| why.starts_with(ParkReason::NotGranted.remedy())))
        .filter(|item| scopes.may_write(&item.resource_type))
        .map(|item| item.id)
        .collect();
    Ok(vault.write(move |tx| again.iter().try_for_each(|id| tx.outbox_unpark(*id)))?)
}

/// The account of a server, or the one in use.
fn known(store: &Store, server: Option<String>) -> Result<Account, HomelineError> {
    let missing = || {
        HomelineError::new(
            ErrorKind::NotFound,
            "sync.no-server",
            "no such server of a care team is known",
            "Enrol with the link or the address that your team gave you.",
        )
    };
    let server = match server {
        Some(text) => ServerAddress::parse(&text)?.as_str().to_owned(),
        None => store.profile.server.clone().ok_or_else(missing)?,
    };
    account::find(&*store.vault()?, &server)?.ok_or_else(missing)
}

fn state(store: &Store, account: &Account) -> AccountState {
    let (sign_in, sentence) = match (&account.client_id, &account.sign_in, &account.ended) {
        (None, ..) => (SignInState::NotNeeded, "This server wants no sign-in."),
        (Some(_), Some(there), _) if !there.grant.can_be_renewed() => {
            (SignInState::SignedIn, "Signed in, for a short time: the server lets nobody stay signed in.")
        }
        (Some(_), Some(_), _) => (SignInState::SignedIn, "Signed in."),
        (Some(_), None, None) => (SignInState::Needed, "Sign in to send and to fetch. What you write is kept here."),
        (Some(_), None, Some(ended)) => (
            SignInState::Ended,
            match ended.why {
                WhyEnded::ExpiredOrRevoked => {
                    "The sign-in has ended: it ran out, or the care team took it back. Sign in again. What you write is \
                     kept here."
                }
                WhyEnded::RenewalLost => {
                    "The connection broke while the sign-in was renewed. Sign in again. What you write is kept here."
                }
                WhyEnded::SignedOut => "You signed out. Sign in to send and to fetch. What you write is kept here.",
            },
        ),
    };
    let not_let_through = account.scopes().map_or_else(Vec::new, |scopes| {
        SENT.iter().filter(|(kind, _)| !scopes.may_write(kind)).map(|(_, words)| (*words).to_owned()).collect()
    });
    AccountState {
        server: account.server.clone(),
        team: account.team.clone(),
        in_use: store.profile.server.as_deref() == Some(&account.server),
        sign_in,
        sentence: sentence.to_owned(),
        user: account.sign_in.as_ref().and_then(|there| there.grant.user()).map(str::to_owned),
        scopes: account.scopes().map(|scopes| scopes.as_str().to_owned()),
        not_let_through,
    }
}

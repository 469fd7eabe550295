//! The accounts of this vault: one for each care-team server, with how to sign in there and what was granted.
//!
//! They lie in the vault and nowhere else. Only the network's thread renews a grant, one job after the other, and reads the
//! account anew for each: two calls at once renew once, and what the server handed out is on disk before it is used.

use crate::error::{ErrorKind, HomelineError};
use chrono::{DateTime, Utc};
use homeline_sync::{
    Authorization, Enrolment, Grant, GrantedScopes, Limits, PendingSignIn, Secret, ServerAddress, SignIn, SignInError,
    SignInSettings, SpkiPin, SyncError, Trust,
};
use homeline_vault::{Vault, WriteTx};
use serde::{Deserialize, Serialize};

const ACCOUNTS: &str = "accounts";
const PENDING: &str = "sign-in.pending";

/// One server, and how this vault is known there.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    pub(crate) server: String,
    pub(crate) team: Option<String>,
    /// `None` where the server wants no sign-in.
    pub(crate) client_id: Option<String>,
    /// Whose record the team said it is.
    pub(crate) patient: Option<String>,
    /// The one-time code of the invitation, until it was used.
    pub(crate) launch: Option<Secret>,
    #[serde(default)]
    pub(crate) authorities_pem: Vec<String>,
    #[serde(default)]
    pub(crate) pins: Vec<String>,
    pub(crate) sign_in: Option<SignedIn>,
    /// Since when a person must sign in again, and why.
    pub(crate) ended: Option<Ended>,
}

/// A sign-in that holds.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignedIn {
    pub(crate) settings: SignInSettings,
    pub(crate) grant: Grant,
    pub(crate) since: DateTime<Utc>,
    /// A renewal that was sent and not answered: the server may have taken the refresh token for used.
    pub(crate) renewal_unanswered: Option<DateTime<Utc>>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Ended {
    pub(crate) at: DateTime<Utc>,
    pub(crate) why: WhyEnded,
}

/// Why a person must sign in again.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum WhyEnded {
    /// It expired, or the team took it back.
    ExpiredOrRevoked,
    /// The connection broke while it was renewed, and the server did not let it be renewed twice.
    RenewalLost,
    /// Somebody signed out here.
    SignedOut,
}

impl Account {
    pub(crate) fn new(server: &ServerAddress) -> Self {
        Self {
            server: server.as_str().to_owned(),
            team: None,
            client_id: None,
            patient: None,
            launch: None,
            authorities_pem: Vec::new(),
            pins: Vec::new(),
            sign_in: None,
            ended: None,
        }
    }

    /// What an invitation says. A sign-in that holds goes on when it is for the same client.
    pub(crate) fn invited(before: Option<Self>, enrolment: &Enrolment) -> Self {
        let mut account = before.unwrap_or_else(|| Self::new(&enrolment.address));
        if account.client_id != enrolment.client_id {
            account.sign_in = None;
        }
        account.team.clone_from(&enrolment.team);
        account.client_id.clone_from(&enrolment.client_id);
        account.patient.clone_from(&enrolment.patient);
        account.launch.clone_from(&enrolment.launch);
        account.authorities_pem.clone_from(&enrolment.authorities_pem);
        account.pins.clone_from(&enrolment.pins);
        account
    }

    pub(crate) fn trust(&self) -> Result<Trust, SyncError> {
        let pins = self.pins.iter().map(|pin| SpkiPin::parse(pin)).collect::<Result<_, _>>()?;
        Ok(Trust { private_authorities_pem: self.authorities_pem.clone(), pins })
    }

    /// The door to its authorization server.
    pub(crate) fn door(&self) -> Result<SignIn, SignInError> {
        SignIn::new(ServerAddress::parse(&self.server)?, &self.trust()?, &Limits::default())
    }

    pub(crate) fn scopes(&self) -> Option<&GrantedScopes> {
        self.sign_in.as_ref().map(|signed_in| signed_in.grant.scopes())
    }

    fn end(&mut self, at: DateTime<Utc>, why: WhyEnded) {
        self.sign_in = None;
        self.ended = Some(Ended { at, why });
    }
}

pub(crate) fn all(vault: &Vault) -> Result<Vec<Account>, HomelineError> {
    Ok(vault.read(|tx| tx.setting(ACCOUNTS))?.unwrap_or_default())
}

pub(crate) fn find(vault: &Vault, server: &str) -> Result<Option<Account>, HomelineError> {
    Ok(all(vault)?.into_iter().find(|account| account.server == server))
}

/// Keeps an account in the transaction of what belongs to it.
pub(crate) fn put(tx: &mut WriteTx<'_>, account: Account) -> homeline_vault::Result<()> {
    let mut accounts: Vec<Account> = tx.setting(ACCOUNTS)?.unwrap_or_default();
    match accounts.iter_mut().find(|there| there.server == account.server) {
        Some(there) => *there = account,
        None => accounts.push(account),
    }
    tx.set_setting(ACCOUNTS, &accounts)
}

pub(crate) fn keep(vault: &Vault, account: &Account) -> Result<(), HomelineError> {
    let account = account.clone();
    Ok(vault.write(move |tx| put(tx, account))?)
}

pub(crate) fn pending(vault: &Vault) -> Result<Option<PendingSignIn>, HomelineError> {
    Ok(vault.read(|tx| tx.setting(PENDING))?)
}

pub(crate) fn keep_pending(vault: &Vault, pending: Option<PendingSignIn>) -> Result<(), HomelineError> {
    Ok(vault.write(move |tx| match &pending {
        Some(pending) => tx.set_setting(PENDING, pending),
        None => tx.remove_setting(PENDING),
    })?)
}

/// What the next request shows.
pub(crate) enum Entry {
    With(Authorization),
    /// Nobody can go in before this is mended.
    Not(SyncError),
}

/// How to be let in now: renews what is due. On the network's thread only.
pub(crate) async fn enter(vault: &Vault, account: &mut Account, now: DateTime<Utc>) -> Result<Entry, HomelineError> {
    if account.client_id.is_none() {
        return Ok(Entry::With(Authorization::None));
    }
    match &account.sign_in {
        None => Ok(Entry::Not(SyncError::NeedsSignIn)),
        Some(there) if there.grant.is_due(now) && there.grant.can_be_renewed() => {
            let still_good = (!there.grant.has_ended(now)).then(|| there.grant.authorization());
            match (renew(vault, account, now).await?, still_good) {
                // The connection is bad, and the token at hand is still good.
                (Entry::Not(error), Some(authorization)) if error != SyncError::NeedsSignIn => {
                    Ok(Entry::With(authorization))
                }
                (entry, _) => Ok(entry),
            }
        }
        Some(there) => Ok(Entry::With(there.grant.authorization())),
    }
}

/// Renews the grant once. On the network's thread only.
pub(crate) async fn renew(vault: &Vault, account: &mut Account, now: DateTime<Utc>) -> Result<Entry, HomelineError> {
    let (Some(client_id), Some(before)) = (account.client_id.clone(), account.sign_in.clone()) else {
        return Ok(Entry::Not(SyncError::NeedsSignIn));
    };
    let door = account.door()?;
    // Said before it is sent: a process that is killed in between is a lost answer like any other.
    if let Some(there) = &mut account.sign_in {
        there.renewal_unanswered.get_or_insert(now);
    }
    keep(vault, account)?;
    let entry = match door.renew(&before.settings, &client_id, &before.grant, now).await {
        Ok(grant) => {
            let authorization = grant.authorization();
            account.sign_in = Some(SignedIn { grant, renewal_unanswered: None, ..before });
            Entry::With(authorization)
        }
        Err(SignInError::Ended) => {
            let lost = before.renewal_unanswered.is_some();
            account.end(now, if lost { WhyEnded::RenewalLost } else { WhyEnded::ExpiredOrRevoked });
            Entry::Not(SyncError::NeedsSignIn)
        }
        // Nothing was sent: the token is as it was.
        Err(SignInError::Call(error)) if error.nothing_was_sent() => {
            account.sign_in = Some(before);
            Entry::Not(error)
        }
        Err(SignInError::Call(error)) => Entry::Not(error),
        Err(SignInError::BadAnswer { .. }) => Entry::Not(SyncError::Unanswered),
        // The server no longer knows this client, or refuses it as such.
        Err(_) => {
            account.end(now, WhyEnded::ExpiredOrRevoked);
            Entry::Not(SyncError::NeedsSignIn)
        }
    };
    keep(vault, account)?;
    Ok(entry)
}

/// The server refuses a token that was just made: it is over.
pub(crate) fn refused(vault: &Vault, account: &mut Account, now: DateTime<Utc>) -> Result<(), HomelineError> {
    account.end(now, WhyEnded::ExpiredOrRevoked);
    keep(vault, account)
}

impl Account {
    /// Signs out on this device.
    pub(crate) fn sign_out(&mut self, at: DateTime<Utc>) -> Option<SignedIn> {
        let before = self.sign_in.clone();
        self.end(at, WhyEnded::SignedOut);
        before
    }
}

impl From<SignInError> for HomelineError {
    fn from(error: SignInError) -> Self {
        let kind = match &error {
            SignInError::Call(error) => return error.clone().into(),
            SignInError::NotOurs { .. } | SignInError::BadRequest { .. } => ErrorKind::BadInput,
            SignInError::TooLate | SignInError::Denied { .. } | SignInError::Refused { .. } | SignInError::Ended => {
                ErrorKind::NeedsSignIn
            }
            SignInError::NotOffered
            | SignInError::BadSettings { .. }
            | SignInError::BadAnswer { .. }
            | SignInError::BadIdToken { .. } => ErrorKind::ServerRefused,
            SignInError::ClockOff => ErrorKind::Platform,
        };
        Self::new(kind, error.code(), error.to_string(), "The journal goes on, and what waits is kept.")
    }
}

impl From<homeline_sync::EnrolmentError> for HomelineError {
    fn from(error: homeline_sync::EnrolmentError) -> Self {
        Self::input("invitation", error.to_string(), "Nothing was changed.")
    }
}

//! Care-team servers: invitations, sign-in through the system's browser, and which one is in use.
//!
//! A sign-in goes out through the `BrowserPort` and comes back as an address, by an app link: the app may be killed in between.

use crate::call::call;
use crate::crossing::{AccountState, SignInPage, TeamInvitation};
use crate::error::HomelineError;
use crate::homeline::Homeline;

#[uniffi::export]
impl Homeline {
    /// Reads an invitation of a care team (a link, or the text of a QR code) without taking it. A person is to be shown the
    /// host, and asked whether it is the one in the letter.
    ///
    /// Errors: `BadInput` with what is wrong with it.
    pub async fn read_invitation(&self, link: String) -> Result<TeamInvitation, HomelineError> {
        call(self.inner.accounts().read_invitation(link)).await
    }

    /// Takes an invitation, after a person has confirmed its host. Nothing is sent yet.
    ///
    /// Errors: `BadInput`, `PlanRefused` (it is for another patient).
    pub async fn accept_invitation(&self, link: String) -> Result<AccountState, HomelineError> {
        call(self.inner.accounts().enrol(link)).await
    }

    /// Adds a server by hand: its FHIR base, the client id that the team gave where it wants a sign-in, and the patient's id.
    ///
    /// Errors: `BadInput`, `PlanRefused` (the patient is another one).
    pub async fn add_account(
        &self,
        server: String,
        client_id: Option<String>,
        patient: Option<String>,
    ) -> Result<AccountState, HomelineError> {
        call(self.inner.accounts().add(server, client_id, patient)).await
    }

    /// All servers, the one in use first.
    pub async fn accounts(&self) -> Result<Vec<AccountState>, HomelineError> {
        call(self.inner.accounts().list()).await
    }

    /// Sends records to this server from now on, and fetches from it. One at a time is in use.
    ///
    /// Errors: `NotFound`.
    pub async fn use_account(&self, server: String) -> Result<AccountState, HomelineError> {
        call(self.inner.accounts().use_server(server)).await
    }

    /// Begins a sign-in: asks the server for its page and opens the browser on it, where the platform lends one; else the app
    /// opens `address` in the system's browser, never in a web view. A sign-in that was begun before is given up.
    ///
    /// `redirect_uri` is where the browser shall come back to, as the team registered it for this app. `server` may be left
    /// out where one is in use.
    ///
    /// Errors: `NotFound` (no such server, or no client id), `Offline`, `ServerRefused` (it offers no sign-in), `BadInput`,
    /// `Platform` (the browser).
    pub async fn begin_sign_in(
        &self,
        server: Option<String>,
        redirect_uri: String,
    ) -> Result<SignInPage, HomelineError> {
        call(self.inner.accounts().begin_sign_in(server, redirect_uri)).await
    }

    /// Ends a sign-in with the address that the browser came back to, whole. Also after the app was killed in between. Records
    /// that an earlier sign-in did not let through wait to be sent again.
    ///
    /// Errors: `BadInput` (the address is not of this sign-in, which still waits), `NotFound` (none was begun), `NeedsSignIn`
    /// (refused, or too late), `PlanRefused` (it opens another patient's record), `Offline`, `ServerRefused`.
    pub async fn finish_sign_in(&self, redirect: String) -> Result<AccountState, HomelineError> {
        call(self.inner.accounts().finish_sign_in(redirect)).await
    }

    /// Signs out: here at once, and at the server as far as it can be reached. The journal and what waits stay. `server` as in
    /// `begin_sign_in`.
    ///
    /// Errors: `NotFound`.
    pub async fn sign_out(&self, server: Option<String>) -> Result<AccountState, HomelineError> {
        call(self.inner.accounts().sign_out(server)).await
    }
}

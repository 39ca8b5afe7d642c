//! Who calls, as a handler sees it.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::access::Role;
use crate::domain::{Answer, Because, Origin};
use crate::fault::{Fault, Result};
use crate::http::app::App;
use crate::http::problem::{Problem, unknown_address};

/// Somebody who may come in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    pub(super) client: IpAddr,
    pub(super) role: Role,
}

impl Caller {
    /// Before something is generated: takes one of the caller's turns, or says when there will be one.
    pub(crate) fn take_turn(&self, app: &App) -> Result<(), Problem> {
        app.guard.rate.take(self.client, app.clock.instant()).map_err(|after| {
            let fault = Fault::busy("rate_limited", "this client has had all its answers of this minute");
            Problem::after(fault.hint("wait, or raise the setting server.rate"), after)
        })
    }

    /// When nothing was generated after all.
    pub(crate) fn give_back(&self, app: &App) {
        app.guard.rate.give_back(self.client);
    }

    /// Whether an answer costs a turn: it does when a generator was set to work.
    pub(crate) fn costs(answer: &Answer) -> bool {
        matches!(answer.origin, Origin::Generated | Origin::Extracted(Because::Late | Because::Failed))
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Caller, Problem> {
        let caller = parts.extensions.get::<Caller>().copied();
        caller.ok_or_else(|| Problem::from(Fault::bug("no_caller", "nobody was at the door")))
    }
}

/// Somebody who may do what only administrators may.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Administrator;

impl FromRequestParts<App> for Administrator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Administrator, Problem> {
        let caller = Caller::from_request_parts(parts, app).await?;
        if caller.role >= Role::Administrator {
            return Ok(Administrator);
        }
        let fault = Fault::caller("not_permitted", "only administrators may do this");
        Err(fault.hint("send the administrator's token as `Authorization: Bearer`").into())
    }
}

/// Who can read the data folder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner;

impl FromRequestParts<App> for Owner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Owner, Problem> {
        let caller = Caller::from_request_parts(parts, app).await?;
        // To everybody else it is not there.
        if caller.role == Role::Owner {
            return Ok(Owner);
        }
        Err(unknown_address().into())
    }
}

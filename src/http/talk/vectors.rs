//! Vectors for whoever asked, as long as they wait.

use std::ops::ControlFlow;

use crate::assistant::{self, Texts, Vectors};
use crate::fault::{Fault, Result};
use crate::http::app::App;
use crate::http::worker::Lane;

pub(in crate::http) async fn vectors(app: &App, texts: Texts) -> Result<Vectors> {
    let own = app.clone();
    let work = move |tell: &mut dyn FnMut(Option<Vectors>) -> ControlFlow<()>| {
        let made = assistant::vectors(&own.engines, texts, own.clock.as_ref(), &mut || tell(None));
        own.log_troubles();
        // Nobody is there when nothing comes.
        let _ = made?.map(|made| tell(Some(made)));
        Ok(())
    };
    let mut told = app.worker.stream(Lane::Ask, work).await?;
    while let Some(event) = told.next().await {
        if let Some(made) = event? {
            return Ok(made);
        }
    }
    Err(Fault::busy("server_ending", "docent is being ended").hint("ask again in a moment"))
}

//! What a running server does by itself now and then: sweeps the cache, and makes ready what will be asked.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::sleep;

use crate::assistant::{self, Chore, Keeper};
use crate::http::app::App;
use crate::http::worker::Lane;

/// How often it is looked whether something is due.
const TICK: Duration = Duration::from_secs(5);

pub(super) async fn keep(app: App) {
    let revision = app.library.snapshot().revision();
    let mut keeper = Keeper::new(app.settings.prefetch_schedule.value, app.clock.now(), revision);
    loop {
        sleep(TICK).await;
        let due = keeper.due(app.clock.now(), app.library.snapshot().revision());
        if due.is_empty() {
            continue;
        }
        let inner = app.clone();
        let work = move || {
            due.into_iter().for_each(|chore| work_at(&inner, chore));
            Ok(())
        };
        // Whatever becomes of it, nobody asked for it.
        let _ = app.worker.later(Lane::Ahead, work).await;
    }
}

fn work_at(app: &App, chore: Chore) {
    if app.is_ending.load(Ordering::Relaxed) {
        return;
    }
    let like = app.settings.question(String::new());
    let most = app.settings.prefetch_popular.value.get();
    let snapshot = app.library.snapshot();
    let done = assistant::do_chore(chore, &snapshot, &app.engines, &app.topics, &like, most, &app.is_ending);
    app.log_troubles();
    match done {
        Ok(done) if done.ready.is_empty() && done.failed.is_empty() => {}
        Ok(done) => {
            tracing::info!(ready = done.ready.len(), failed = done.failed.len(), took = ?done.took, "made ready");
        }
        Err(fault) => tracing::warn!(code = fault.code, "{}", fault.what),
    }
}

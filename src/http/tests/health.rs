//! Does the server say how it is with its models?

use std::time::Duration;

use super::{Writes, serve};
use crate::inference::Pulse;

#[test]
fn a_model_that_is_stuck_or_dead_is_said_and_answers_are_given_all_the_same() {
    for (seconds, is_gone, status, overall) in
        [(1, false, "ok", "healthy"), (60, false, "degraded", "degraded"), (1, true, "failed", "degraded")]
    {
        let writes = Writes::new();
        let since = Duration::from_secs(seconds);
        *writes.pulse.lock().unwrap() = Some(Pulse { since, is_wanted: true, is_gone });
        let served = serve("", writes.engines());
        let health = served.get("/health").is(200);
        let check = &health["checks"]["generator"];
        assert_eq!((&check["status"], &health["status"]), (&status.into(), &overall.into()), "{health}");
        assert_eq!(check["hint"].is_string(), status != "ok", "{health}");
        if !is_gone {
            assert!(check["detail"].as_str().unwrap().contains(&format!("{seconds}000 ms ago")), "{health}");
        }
        let metrics = served.get("/metrics").send().body;
        let alive = u8::from(!is_gone);
        for line in [
            format!("docent_model_step_seconds_ago{{model=\"generator\"}} {seconds}"),
            "docent_model_wanted{model=\"generator\"} 1".to_owned(),
            format!("docent_model_alive{{model=\"generator\"}} {alive}"),
        ] {
            assert!(metrics.contains(&line), "{line} in {metrics}");
        }
        writes.finish();
    }
}

#[test]
fn there_is_a_thread_for_everything_that_may_be_done_at_once() {
    let served = serve("[server]\nasks = 7\n", Writes::new().engines());
    let lanes = served.app.worker.most_at_work();
    // Askers, changes, what is done ahead, what is pulled; and reads, by the machine.
    assert!(lanes >= 7 + 2 + 1 + 1 + 2, "{lanes}");
    assert!(served.app.most_threads() >= lanes + 16, "uploads write to disk beside them");
}

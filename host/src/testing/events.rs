//! A listener that keeps events and can be waited for.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::batch::listener::{BatchInfo, Event, Listener};

/// Keeps every event of a job, and lets a program wait for one. Clones keep the same.
#[derive(Debug, Clone)]
pub struct Events {
    events: Arc<Mutex<Vec<Event>>>,
    /// Says that there is another.
    told: Arc<watch::Sender<()>>,
}

impl Default for Events {
    fn default() -> Self {
        Self { events: Arc::default(), told: Arc::new(watch::Sender::new(())) }
    }
}

impl Listener for Events {
    fn on_event(&self, event: &Event) {
        self.events.lock().push(event.clone());
        // Those who wait look at the events while the channel is locked, so the events must not be locked here.
        self.told.send_replace(());
    }
}

impl Events {
    /// All events so far, in order.
    pub fn all(&self) -> Vec<Event> {
        self.events.lock().clone()
    }

    /// Batches completed so far, whether they failed or not, in order.
    pub fn batches(&self) -> Vec<BatchInfo> {
        self.events.lock().iter().filter_map(completed).cloned().collect()
    }

    /// Returns once that many batches are completed.
    pub async fn until_completed(&self, n_batches: usize) {
        self.until(|events| events.iter().filter_map(completed).count() >= n_batches).await;
    }

    /// Returns once the events so far are as `reached` wants them.
    pub async fn until(&self, reached: impl Fn(&[Event]) -> bool) {
        let mut told = self.told.subscribe();
        // The sender lives as long as self, so this can't fail.
        let _ = told.wait_for(|()| reached(&self.events.lock())).await;
    }
}

fn completed(event: &Event) -> Option<&BatchInfo> {
    if let Event::BatchCompleted(batch) = event { Some(batch) } else { None }
}

//! A subscriber of the crate `tracing` that keeps every span and event of every level, as text.

use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// What was written, a line for each span, record and event.
#[derive(Clone, Default)]
pub struct Captured(Arc<Mutex<Vec<String>>>);

struct Capturing {
    lines: Captured,
    next: AtomicU64,
}

impl Captured {
    /// Captures everything in this process from now on.
    pub fn everywhere() -> Self {
        let lines = Self::default();
        let capturing = Capturing {
            lines: lines.clone(),
            next: AtomicU64::new(1),
        };
        tracing::subscriber::set_global_default(capturing).unwrap();
        lines
    }

    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// The lines of this library that contain all of these parts.
    pub fn ours(&self, parts: &[&str]) -> Vec<String> {
        let lines = self.lines().into_iter();
        let is_ours = |line: &String| line.contains(" openid_client ");
        lines
            .filter(is_ours)
            .filter(|line| parts.iter().all(|part| line.contains(part)))
            .collect()
    }

    /// The one line of this library that contains all of these parts.
    #[track_caller]
    pub fn only(&self, parts: &[&str]) -> String {
        let mut lines = self.ours(parts);
        assert_eq!(lines.len(), 1, "{parts:?}: {lines:?}");
        lines.remove(0)
    }

    fn write(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        write!(self.0, " {}={value}", field.name()).unwrap();
    }
}

impl Subscriber for Capturing {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let metadata = span.metadata();
        let (level, target) = (metadata.level(), metadata.target());
        let id = self.next.fetch_add(1, Ordering::SeqCst);
        let mut text = Text(format!("span {level} {target} {}#{id}", metadata.name()));
        span.record(&mut text);
        self.lines.write(text.0);
        Id::from_u64(id)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut text = Text(format!("record  openid_client #{}", span.into_u64()));
        values.record(&mut text);
        self.lines.write(text.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let (level, target) = (metadata.level(), metadata.target());
        let mut text = Text(format!("event {level} {target} "));
        event.record(&mut text);
        self.lines.write(text.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

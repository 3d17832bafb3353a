//! The connections of one side of an invitation: one is dealt with, the others wait.

use std::collections::VecDeque;

use super::message::{Content, Message, Method};
use super::{MAX_WAITING, Output};

/// A connection whose turn has not come.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) connection: u64,
    /// `Options` that have come already.
    pub(super) options: Option<Vec<u8>>,
}

/// What is to be done, and who waits.
#[derive(Debug, Default)]
pub(super) struct Links {
    waiting: VecDeque<Waiting>,
    outputs: VecDeque<Output>,
}

impl Links {
    /// A further connection waits; one too many is closed (HALO-INV-041).
    pub(super) fn add(&mut self, connection: u64) {
        if self.waiting.iter().any(|waiting| waiting.connection == connection) {
            return;
        }
        if self.waiting.len() >= MAX_WAITING {
            self.close(connection);
        } else {
            self.waiting.push_back(Waiting { connection, options: None });
        }
    }

    /// The one whose turn it is.
    pub(super) fn next(&mut self) -> Option<Waiting> {
        self.waiting.pop_front()
    }

    /// One of those that wait.
    pub(super) fn waiting(&mut self, connection: u64) -> Option<&mut Waiting> {
        self.waiting.iter_mut().find(|waiting| waiting.connection == connection)
    }

    /// It is gone.
    pub(super) fn remove(&mut self, connection: u64) {
        self.waiting.retain(|waiting| waiting.connection != connection);
    }

    /// The connections that are not closed, ascending: those that wait, and the one that is dealt with.
    pub(super) fn open(&self, current: Option<u64>) -> Vec<u64> {
        let waiting = self.waiting.iter().map(|waiting| waiting.connection);
        let mut open: Vec<u64> = waiting.chain(current).collect();
        open.sort_unstable();
        open
    }

    /// Closes the one that is dealt with, and all that wait.
    pub(super) fn close_all(&mut self, current: Option<u64>) {
        if let Some(connection) = current {
            self.close(connection);
        }
        while let Some(waiting) = self.waiting.pop_front() {
            self.close(waiting.connection);
        }
    }

    pub(super) fn close(&mut self, connection: u64) {
        self.outputs.push_back(Output::Close { connection });
    }

    pub(super) fn send(&mut self, connection: u64, method: Method, content: Content) {
        let message = Message { method, content };
        self.outputs.push_back(Output::Send { connection, message });
    }

    pub(super) fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }
}

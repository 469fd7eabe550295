//! The one writer: a thread that owns the writing connection and takes work from a channel.
//!
//! Work that waits together commits together: one `BEGIN IMMEDIATE`, one fsync, each piece in a savepoint of its own, each
//! answered only after the commit. A piece that fails takes back its own changes only. A full disk gives the reserve back
//! to the file system and says so.

use crate::ballast;
use crate::error::{Doing, Result, VaultError};
use crate::transaction::WriteTx;
use homeline_model::DeviceId;
use libsqlite3_sys as ffi;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

/// More than this waits for the next commit, so that nobody waits long for the first answer.
const LARGEST_GROUP: usize = 64;

/// A piece of work and whoever waits for it.
trait Work: Send {
    /// Does it inside the transaction; `false` when its changes must go.
    fn run(&mut self, transaction: &mut WriteTx<'_>) -> bool;
    /// Why it failed by itself.
    fn failure(&self) -> Option<&VaultError>;
    /// Answers, after the commit or its failure. `room_made`: a full disk has got the reserve back.
    fn answer(self: Box<Self>, commit: Result<()>, room_made: bool);
}

struct Request<T, F> {
    work: Option<F>,
    done: Result<T>,
    to: SyncSender<Result<T>>,
}

impl<T, F> Work for Request<T, F>
where
    T: Send,
    F: FnOnce(&mut WriteTx<'_>) -> Result<T> + Send,
{
    fn run(&mut self, transaction: &mut WriteTx<'_>) -> bool {
        if let Some(work) = self.work.take() {
            self.done = catch_unwind(AssertUnwindSafe(|| work(transaction))).unwrap_or(Err(VaultError::Abandoned));
        }
        self.done.is_ok()
    }

    fn failure(&self) -> Option<&VaultError> {
        self.done.as_ref().err()
    }

    fn answer(self: Box<Self>, commit: Result<()>, room_made: bool) {
        let done = commit.and(self.done).map_err(|error| match error {
            VaultError::DiskFull { .. } => VaultError::DiskFull { room_made },
            other => other,
        });
        // Whoever asked may be gone; the work is done all the same.
        let _ = self.to.send(done);
    }
}

type Direct = Box<dyn FnOnce(&mut Connection) + Send>;

enum Command {
    Write(Box<dyn Work>),
    /// Something that is not a transaction: a check, a whole copy.
    Direct(Direct),
    SetDevice(DeviceId),
}

/// The handle to the writer thread.
#[derive(Debug)]
pub(crate) struct Writer {
    commands: Option<Sender<Command>>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Writer {
    pub(crate) fn start(connection: Connection, device: DeviceId, dir: PathBuf) -> Result<Self> {
        let (commands, received) = channel();
        let thread = std::thread::Builder::new()
            .name("homeline-vault-writer".to_owned())
            .spawn(move || Loop { connection, device, dir }.run(&received))
            .doing("starting the writer")?;
        Ok(Self { commands: Some(commands), thread: Some(thread) })
    }

    /// Runs `work` in a transaction; durable when this returns `Ok`.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut WriteTx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (to, answer) = sync_channel(1);
        self.send(Command::Write(Box::new(Request { work: Some(work), done: Err(VaultError::Abandoned), to })))?;
        answer.recv().map_err(|_| VaultError::Closed)?
    }

    /// Runs `work` with the bare connection, between transactions.
    pub(crate) fn direct<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (to, answer) = sync_channel(1);
        let run = move |connection: &mut Connection| {
            let done = catch_unwind(AssertUnwindSafe(|| work(connection))).unwrap_or(Err(VaultError::Abandoned));
            // Whoever asked may be gone; the work is done all the same.
            let _ = to.send(done);
        };
        self.send(Command::Direct(Box::new(run)))?;
        answer.recv().map_err(|_| VaultError::Closed)?
    }

    /// Entries written from now on belong to `device`'s chain.
    pub(crate) fn set_device(&self, device: DeviceId) -> Result<()> {
        self.send(Command::SetDevice(device))
    }

    /// Finishes what waits, moves the WAL into the file and closes it.
    pub(crate) fn close(&mut self) -> Result<()> {
        drop(self.commands.take());
        match self.thread.take() {
            Some(thread) => thread.join().unwrap_or(Err(VaultError::Abandoned)),
            None => Ok(()),
        }
    }

    fn send(&self, command: Command) -> Result<()> {
        let commands = self.commands.as_ref().ok_or(VaultError::Closed)?;
        commands.send(command).map_err(|_| VaultError::Closed)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Every acknowledged write is on disk already: a checkpoint that fails here loses nothing.
        let _ = self.close();
    }
}

struct Loop {
    connection: Connection,
    device: DeviceId,
    dir: PathBuf,
}

impl Loop {
    fn run(mut self, commands: &Receiver<Command>) -> Result<()> {
        let mut next = commands.recv().ok();
        while let Some(command) = next.take() {
            match command {
                Command::Direct(work) => work(&mut self.connection),
                Command::SetDevice(device) => self.device = device,
                Command::Write(first) => {
                    let mut group = vec![first];
                    while group.len() < LARGEST_GROUP && next.is_none() {
                        match commands.try_recv() {
                            Ok(Command::Write(work)) => group.push(work),
                            Ok(other) => next = Some(other),
                            Err(_) => break,
                        }
                    }
                    self.commit(group);
                }
            }
            if next.is_none() {
                next = commands.recv().ok();
            }
        }
        checkpoint(&self.connection)?;
        self.connection.close().map_err(|(_, error)| VaultError::from_sql("closing the database", &error))
    }

    /// Runs the group in one transaction and answers everybody. When SQLite gives up the whole transaction half-way (a full disk),
    /// those who had run are told, and the rest is done in the next one.
    fn commit(&mut self, group: Vec<Box<dyn Work>>) {
        let mut waiting = group.into_iter();
        while waiting.len() > 0 {
            let mut ran = Vec::new();
            let committed = self.one_transaction(&mut waiting, &mut ran);
            if committed.is_err() && !self.connection.is_autocommit() {
                // The first error is what counts; without this, no later transaction could begin.
                let _ = self.connection.execute_batch("ROLLBACK");
            }
            let full = |error: &VaultError| matches!(error, VaultError::DiskFull { .. });
            let any_full =
                committed.as_ref().is_err_and(full) || ran.iter().any(|work| work.failure().is_some_and(full));
            let room_made = any_full && ballast::release(&self.dir);
            if ran.is_empty() {
                // It did not even begin: nobody of the group can be served now.
                ran.extend(waiting.by_ref());
            }
            for work in ran {
                work.answer(committed.clone(), room_made);
            }
        }
    }

    fn one_transaction(
        &self,
        waiting: &mut std::vec::IntoIter<Box<dyn Work>>,
        ran: &mut Vec<Box<dyn Work>>,
    ) -> Result<()> {
        let run = |sql: &str| self.connection.prepare_cached(sql).and_then(|mut s| s.execute([])).map(drop);
        run("BEGIN IMMEDIATE").doing("beginning a transaction")?;
        let mut transaction = WriteTx::new(&self.connection, self.device);
        for mut work in waiting {
            let head = transaction.head;
            let kept = run("SAVEPOINT work").is_ok() && work.run(&mut transaction);
            ran.push(work);
            if self.connection.is_autocommit() {
                // SQLite rolled everything back by itself, which it does when the disk is full or fails.
                let own = ran.last().and_then(|work| work.failure().cloned());
                return Err(own.unwrap_or(VaultError::Database { doing: "writing", code: ffi::SQLITE_ABORT_ROLLBACK }));
            }
            if !kept {
                transaction.head = head;
                run("ROLLBACK TO work").doing("taking back a write")?;
            }
            run("RELEASE work").doing("finishing a write")?;
        }
        run("COMMIT").doing("committing")
    }
}

/// Moves the whole WAL into the database file.
pub(crate) fn checkpoint(connection: &Connection) -> Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).doing("moving the WAL into the file")
}

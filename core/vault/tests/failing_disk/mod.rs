//! A disk that loses power: a SQLite VFS over the real one.
//!
//! Writes reach the real file, and beside it a log remembers, for each file, what was durable at its last sync and what was written
//! since. At the chosen operation the disk dies: every later operation fails. Then the file is replaced by what a real
//! disk might hold: the durable part and some of the unsynced writes, by one of four models. Shared memory and locks
//! are passed on, because they do not outlive the process.
//!
//! It becomes SQLite's default VFS, so that the vault runs on it unchanged.

use libsqlite3_sys as ffi;
use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, Once, PoisonError};

/// xorshift64*: the same crashes again from the same seed.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap();
        drawn % limit
    }
}

/// What a disk keeps of the writes that were not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeps {
    Nothing,
    /// The first so many, in order.
    Prefix,
    /// Any of them, in order.
    Subset,
    /// Any of them, with 512-byte sectors missing.
    TornSubset,
}

#[derive(Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

impl Change {
    fn apply(&self, image: &mut Vec<u8>, sectors: &mut dyn FnMut() -> bool) {
        match self {
            Self::Truncate(length) => image.resize(*length, 0),
            Self::Write(at, bytes) => {
                let mut done = 0;
                while done < bytes.len() {
                    let part = (512 - (at + done) % 512).min(bytes.len() - done);
                    if sectors() {
                        let end = at + done + part;
                        if image.len() < end {
                            image.resize(end, 0);
                        }
                        image[at + done..end].copy_from_slice(&bytes[done..done + part]);
                    }
                    done += part;
                }
            }
        }
    }
}

#[derive(Default)]
struct OneFile {
    durable: Vec<u8>,
    unsynced: Vec<Change>,
}

#[derive(Default)]
struct Disk {
    files: HashMap<PathBuf, OneFile>,
    operations: u64,
    dies_at: Option<u64>,
    dead: bool,
    /// Says that the WAL is synced, and does nothing: the control.
    lies: bool,
}

impl Disk {
    /// Counts one change; `false` when the disk is dead.
    fn alive(&mut self) -> bool {
        self.operations += 1;
        self.dead |= self.dies_at.is_some_and(|at| self.operations >= at);
        !self.dead
    }
}

static DISKS: LazyLock<Mutex<HashMap<PathBuf, Disk>>> = LazyLock::new(Mutex::default);

fn disks() -> MutexGuard<'static, HashMap<PathBuf, Disk>> {
    DISKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `work` on the disk that holds `path`, if it is one of ours.
fn on_disk<R>(path: &Path, work: impl FnOnce(&mut Disk) -> R) -> Option<R> {
    disks().get_mut(path.parent()?).map(work)
}

/// Watches the files in `dir` from now on.
pub fn watch(dir: &Path, lies: bool) {
    register();
    disks().insert(dir.to_owned(), Disk { lies, ..Disk::default() });
}

pub fn forget(dir: &Path) {
    disks().remove(dir);
}

/// The disk dies at the `operations`-th change from now.
pub fn die_after(dir: &Path, operations: usize) {
    let mut disks = disks();
    let disk = disks.get_mut(dir).unwrap();
    disk.dies_at = Some(disk.operations + u64::try_from(operations).unwrap());
}

/// The power is gone now, if it was not before.
pub fn die(dir: &Path) {
    disks().get_mut(dir).unwrap().dead = true;
}

/// The power is back: each file holds what the disk kept.
pub fn come_back(dir: &Path, keeps: Keeps, random: &mut Random) {
    let mut disks = disks();
    let disk = disks.get_mut(dir).unwrap();
    let mut paths: Vec<_> = disk.files.keys().cloned().collect();
    // A map has no order of its own, and the seed must give the same crash again.
    paths.sort();
    for path in paths {
        let file = disk.files.get_mut(&path).unwrap();
        let unsynced = std::mem::take(&mut file.unsynced);
        let prefix = random.below(unsynced.len() + 1);
        for (number, change) in unsynced.iter().enumerate() {
            let kept = match keeps {
                Keeps::Nothing => false,
                Keeps::Prefix => number < prefix,
                Keeps::Subset | Keeps::TornSubset => random.below(2) == 1,
            };
            if kept {
                let torn = keeps == Keeps::TornSubset;
                change.apply(&mut file.durable, &mut || !torn || random.below(4) != 0);
            }
        }
        std::fs::write(&path, &file.durable).unwrap();
    }
    // Shared memory does not survive.
    let _ = std::fs::remove_file(dir.join("journal.db-shm"));
    (disk.dead, disk.dies_at) = (false, None);
    // Read anew when SQLite opens them.
    disk.files.clear();
}

#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    path: *mut PathBuf,
    /// The real VFS's own file lies behind this struct.
    real: *mut ffi::sqlite3_file,
}

/// The VFS that was the default before ours.
struct Real(*mut ffi::sqlite3_vfs);
// SAFETY: SQLite's VFS objects are made to be called from every thread; the pointer is set once and never freed.
unsafe impl Send for Real {}
// SAFETY: as above.
unsafe impl Sync for Real {}

static REAL: LazyLock<Real> = LazyLock::new(|| {
    // SAFETY: SQLite answers the default VFS, which lives as long as the process.
    unsafe {
        ffi::sqlite3_initialize();
        Real(ffi::sqlite3_vfs_find(std::ptr::null()))
    }
});

/// # Safety
/// `file` was opened by [`open`].
unsafe fn parts<'a>(
    file: *mut ffi::sqlite3_file,
) -> (&'a PathBuf, *mut ffi::sqlite3_file, &'a ffi::sqlite3_io_methods) {
    // SAFETY: `open` filled the struct, and SQLite hands it back until `close`.
    unsafe {
        let file = &*file.cast::<File>();
        (&*file.path, file.real, &*(*file.real).pMethods)
    }
}

macro_rules! pass_on {
    ($($name:ident => $method:ident ( $($argument:ident : $type:ty),* ) -> $result:ty;)*) => {$(
        unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file $(, $argument: $type)*) -> $result {
            // SAFETY: SQLite's own arguments, handed to the real VFS for its own file.
            unsafe {
                let (_, real, methods) = parts(file);
                methods.$method.unwrap()(real $(, $argument)*)
            }
        }
    )*};
}

pass_on! {
    read => xRead(to: *mut c_void, count: c_int, at: i64) -> c_int;
    file_size => xFileSize(size: *mut i64) -> c_int;
    lock => xLock(level: c_int) -> c_int;
    unlock => xUnlock(level: c_int) -> c_int;
    check_reserved => xCheckReservedLock(answer: *mut c_int) -> c_int;
    control => xFileControl(operation: c_int, argument: *mut c_void) -> c_int;
    sector_size => xSectorSize() -> c_int;
    characteristics => xDeviceCharacteristics() -> c_int;
    shm_map => xShmMap(region: c_int, size: c_int, extend: c_int, at: *mut *mut c_void) -> c_int;
    shm_lock => xShmLock(offset: c_int, count: c_int, flags: c_int) -> c_int;
    shm_unmap => xShmUnmap(delete: c_int) -> c_int;
}

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    // SAFETY: as in `pass_on`.
    unsafe {
        let (_, real, methods) = parts(file);
        methods.xShmBarrier.unwrap()(real);
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: as in `pass_on`; the path was leaked by `open` and is taken back once.
    unsafe {
        let (_, real, methods) = parts(file);
        let code = methods.xClose.unwrap()(real);
        drop(Box::from_raw((*file.cast::<File>()).path));
        code
    }
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, from: *const c_void, count: c_int, at: i64) -> c_int {
    // SAFETY: SQLite's buffer with its length, handed on to the real file.
    unsafe {
        let (path, real, methods) = parts(file);
        let bytes = std::slice::from_raw_parts(from.cast::<u8>(), usize::try_from(count).unwrap());
        let dead = on_disk(path, |disk| {
            if !disk.alive() {
                return true;
            }
            let change = Change::Write(usize::try_from(at).unwrap(), bytes.to_vec());
            disk.files.entry(path.clone()).or_default().unsynced.push(change);
            false
        });
        if dead == Some(true) { ffi::SQLITE_IOERR_WRITE } else { methods.xWrite.unwrap()(real, from, count, at) }
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: as in `pass_on`.
    unsafe {
        let (path, real, methods) = parts(file);
        let dead = on_disk(path, |disk| {
            if !disk.alive() {
                return true;
            }
            let change = Change::Truncate(usize::try_from(size).unwrap());
            disk.files.entry(path.clone()).or_default().unsynced.push(change);
            false
        });
        if dead == Some(true) { ffi::SQLITE_IOERR_TRUNCATE } else { methods.xTruncate.unwrap()(real, size) }
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: as in `pass_on`.
    unsafe {
        let (path, real, methods) = parts(file);
        let synced = on_disk(path, |disk| {
            if !disk.alive() {
                return ffi::SQLITE_IOERR_FSYNC;
            }
            if !(disk.lies && path.to_string_lossy().ends_with("-wal")) {
                let one = disk.files.entry(path.clone()).or_default();
                for change in std::mem::take(&mut one.unsynced) {
                    change.apply(&mut one.durable, &mut || true);
                }
            }
            ffi::SQLITE_OK
        });
        synced.unwrap_or_else(|| methods.xSync.unwrap()(real, flags))
    }
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// # Safety
/// `name` is null or a C string.
unsafe fn path_of(name: *const c_char) -> PathBuf {
    if name.is_null() {
        return PathBuf::new();
    }
    // SAFETY: not null; SQLite's file names are C strings.
    PathBuf::from(unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned())
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite allocated `szOsFile` bytes: ours and, behind them, the real VFS's.
    unsafe {
        let ours = file.cast::<File>();
        (*ours).base.pMethods = std::ptr::null();
        let path = path_of(name);
        if on_disk(&path, |disk| disk.dead) == Some(true) {
            return ffi::SQLITE_CANTOPEN;
        }
        let real = ours.add(1).cast::<ffi::sqlite3_file>();
        let code = (*REAL.0).xOpen.unwrap()(REAL.0, name, real, flags, out_flags);
        if code != ffi::SQLITE_OK {
            return code;
        }
        on_disk(&path, |disk| {
            // What was there before is taken as durable.
            disk.files
                .entry(path.clone())
                .or_insert_with(|| OneFile { durable: std::fs::read(&path).unwrap_or_default(), unsynced: Vec::new() });
        });
        (*ours).real = real;
        (*ours).path = Box::into_raw(Box::new(path));
        (*ours).base.pMethods = &raw const METHODS;
        ffi::SQLITE_OK
    }
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync_dir: c_int) -> c_int {
    // SAFETY: SQLite's own arguments, handed on to the real VFS.
    unsafe {
        let path = path_of(name);
        let dead = on_disk(&path, |disk| {
            let alive = disk.alive();
            if alive {
                disk.files.remove(&path);
            }
            !alive
        });
        if dead == Some(true) {
            return ffi::SQLITE_IOERR_DELETE;
        }
        (*REAL.0).xDelete.unwrap()(REAL.0, name, sync_dir)
    }
}

fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: a copy of the real VFS with three things changed; it is leaked, so it lives as long as SQLite.
        unsafe {
            let mut vfs = std::ptr::read(REAL.0);
            vfs.szOsFile += c_int::try_from(size_of::<File>()).unwrap();
            vfs.pNext = std::ptr::null_mut();
            vfs.zName = c"failing-disk".as_ptr();
            vfs.xOpen = Some(open);
            vfs.xDelete = Some(delete);
            let code = ffi::sqlite3_vfs_register(Box::into_raw(Box::new(vfs)), 1);
            assert_eq!(code, ffi::SQLITE_OK);
        }
    });
}

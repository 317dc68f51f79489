//! A disk in memory that dies when it is told to, and a power failure that spoils what was not synced.
//! Clones are the same disk. It must not be kinder than a real one: a file that was not cut cannot be written.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard};

use super::super::disk::{Disk, Part};

#[derive(Default)]
struct File {
    bytes: Vec<u8>,
    synced: usize,
}

struct State {
    files: BTreeMap<Part, File>,
    /// Steps and bytes until it dies.
    life: u64,
    steps_left: u64,
    steps: u64,
    locked: bool,
    unlocks_after: Option<u32>,
}

#[derive(Clone)]
pub(super) struct Drive(Arc<Mutex<State>>);

fn dead() -> io::Error {
    io::Error::other("the process is gone")
}

impl State {
    /// One step that costs so many bytes of life; how many of them are left of it.
    fn step(&mut self, bytes: u64) -> io::Result<u64> {
        if self.steps_left == 0 || self.life == 0 {
            (self.steps_left, self.life) = (0, 0);
            return Err(dead());
        }
        self.steps += 1;
        self.steps_left -= 1;
        let done = bytes.min(self.life - 1);
        self.life -= 1 + done;
        Ok(done)
    }
}

impl Drive {
    pub(super) fn new() -> Drive {
        Drive(Arc::new(Mutex::new(State {
            files: BTreeMap::new(),
            life: u64::MAX,
            steps_left: u64::MAX,
            steps: 0,
            locked: false,
            unlocks_after: None,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(super) fn dies_after(&self, life: u64) {
        self.state().life = life;
    }

    pub(super) fn dies_at_step(&self, step: u64) {
        let mut state = self.state();
        (state.life, state.steps_left) = (u64::MAX, step);
    }

    pub(super) fn revive(&self) {
        self.dies_at_step(u64::MAX);
    }

    pub(super) fn steps(&self) -> u64 {
        self.state().steps
    }

    pub(super) fn is_locked(&self, locked: bool) {
        self.state().locked = locked;
    }

    pub(super) fn unlocks_after(&self, tries: u32) {
        self.state().unlocks_after = Some(tries);
    }

    pub(super) fn bytes(&self, part: Part) -> Vec<u8> {
        let state = self.state();
        state
            .files
            .get(&part)
            .map(|file| file.bytes.clone())
            .unwrap_or_default()
    }

    pub(super) fn put(&self, part: Part, bytes: &[u8]) {
        let file = File {
            bytes: bytes.to_vec(),
            synced: bytes.len(),
        };
        self.state().files.insert(part, file);
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8(self.bytes(Part::Items)).unwrap()
    }

    /// Of what was not synced, a part is lost and a part is zeros.
    pub(super) fn power_fails(&self, random: &mut fastrand::Rng) {
        for file in self.state().files.values_mut() {
            let kept = random.usize(file.synced..=file.bytes.len());
            file.bytes.truncate(kept);
            if random.bool() {
                let zeros = random.usize(file.synced..=file.bytes.len());
                file.bytes[zeros..].fill(0);
            }
            file.synced = file.bytes.len();
        }
    }
}

impl Disk for Drive {
    fn lock(&mut self) -> io::Result<bool> {
        let mut state = self.state();
        state.step(0)?;
        if let Some(tries) = state.unlocks_after.as_mut() {
            *tries -= 1;
            if *tries == 0 {
                (state.locked, state.unlocks_after) = (false, None);
            }
        }
        Ok(!state.locked)
    }

    fn read(&self, part: Part) -> io::Result<Option<Box<dyn Read + '_>>> {
        let mut state = self.state();
        state.step(0)?;
        let file = state.files.get(&part);
        Ok(file.map(|file| Box::new(io::Cursor::new(file.bytes.clone())) as Box<dyn Read>))
    }

    fn cut(&mut self, part: Part, length: u64) -> io::Result<()> {
        let mut state = self.state();
        state.step(0)?;
        let file = state.files.entry(part).or_default();
        let length = usize::try_from(length).unwrap();
        assert!(length <= file.bytes.len(), "a cut makes no file longer");
        file.bytes.truncate(length);
        file.synced = file.synced.min(length);
        Ok(())
    }

    fn append(&mut self, part: Part, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        let done = usize::try_from(state.step(bytes.len() as u64)?).unwrap();
        let file = state.files.get_mut(&part).expect("it was cut");
        file.bytes.extend_from_slice(&bytes[..done]);
        if done < bytes.len() {
            Err(dead())
        } else {
            Ok(())
        }
    }

    fn sync(&mut self, part: Part) -> io::Result<()> {
        let mut state = self.state();
        state.step(0)?;
        let file = state.files.get_mut(&part).expect("it was cut");
        file.synced = file.bytes.len();
        Ok(())
    }

    fn replace_state(&mut self) -> io::Result<()> {
        let mut state = self.state();
        state.step(0)?;
        let new = state.files.remove(&Part::NewState).expect("it was cut");
        state.files.insert(Part::State, new);
        Ok(())
    }

    fn take(&mut self) -> Drive {
        self.clone()
    }
}

//! The account's extensions, by number, by id, and by the keys of their phones.

use std::collections::HashMap;
use std::sync::Arc;

use ring::rand::{SecureRandom, SystemRandom};

use super::links::hex;
use crate::error::Error;
use crate::simulator::SimulatedExtension;
use crate::url::PhoneType;

/// The longest id; a number is shorter, since its id may be made from it.
const MAX_ID: usize = 40;
const MAX_NUMBER: usize = MAX_ID - ID_PREFIX.len();

/// What makes an id of a number.
const ID_PREFIX: &str = "10";

/// An extension with a key for each type of phone.
pub(super) struct Entry {
    pub(super) number: String,
    pub(super) id: String,
    keys: [String; PhoneType::ALL.len()],
}

impl Entry {
    /// The key of its phone of this type: random, so that holding it is having got the URL.
    pub(super) fn key(&self, phone_type: PhoneType) -> &str {
        let [floating, embedded, hidden] = &self.keys;
        match phone_type {
            PhoneType::Floating => floating,
            PhoneType::Embedded => embedded,
            PhoneType::Hidden => hidden,
        }
    }
}

#[derive(Default)]
pub(super) struct Directory {
    entries: Vec<Arc<Entry>>,
    by_number: HashMap<String, Arc<Entry>>,
    by_id: HashMap<String, Arc<Entry>>,
    by_key: HashMap<String, (Arc<Entry>, PhoneType)>,
}

impl Directory {
    /// Takes these extensions instead of those it has, or none of them. Who stays keeps its keys.
    pub(super) fn replace(&mut self, extensions: &[SimulatedExtension]) -> Result<(), Error> {
        let mut next = Self::default();
        for extension in extensions {
            check("number", &extension.number, MAX_NUMBER, is_number)?;
            let id = if extension.id.is_empty() {
                format!("{ID_PREFIX}{}", extension.number)
            } else {
                check("id", &extension.id, MAX_ID, is_id)?;
                extension.id.clone()
            };
            let known = self.by_number.get(&extension.number).filter(|known| known.id == id);
            let entry = match known {
                Some(known) => Arc::clone(known),
                None => Arc::new(Entry { number: extension.number.clone(), id, keys: new_keys()? }),
            };
            next.add(entry)?;
        }
        *self = next;
        Ok(())
    }

    fn add(&mut self, entry: Arc<Entry>) -> Result<(), Error> {
        if self.by_number.insert(entry.number.clone(), Arc::clone(&entry)).is_some() {
            return Err(Error::invalid("number", "is given to two extensions"));
        }
        if self.by_id.insert(entry.id.clone(), Arc::clone(&entry)).is_some() {
            return Err(Error::invalid("id", "is given to two extensions"));
        }
        for phone_type in PhoneType::ALL {
            self.by_key.insert(entry.key(phone_type).to_owned(), (Arc::clone(&entry), phone_type));
        }
        self.entries.push(entry);
        Ok(())
    }

    pub(super) fn list(&self) -> Vec<SimulatedExtension> {
        self.entries
            .iter()
            .map(|entry| SimulatedExtension { number: entry.number.clone(), id: entry.id.clone() })
            .collect()
    }

    pub(super) fn by_number(&self, number: &str) -> Option<&Arc<Entry>> {
        self.by_number.get(number)
    }

    pub(super) fn by_id(&self, id: &str) -> Option<&Arc<Entry>> {
        self.by_id.get(id)
    }

    /// Whose phone, and of which type, a URL with this key opens.
    pub(super) fn by_key(&self, key: &str) -> Option<&(Arc<Entry>, PhoneType)> {
        self.by_key.get(key)
    }
}

/// Whether a text can be the number of an extension (`ramal`).
pub(super) fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text can be the id of an extension (`id_ramal`).
pub(super) fn is_id(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn check(field: &str, text: &str, max: usize, fits: fn(&str) -> bool) -> Result<(), Error> {
    if text.is_empty() {
        Err(Error::invalid(field, "is empty"))
    } else if text.len() > max {
        Err(Error::invalid(field, format!("is longer than {max} characters")))
    } else if fits(text) {
        Ok(())
    } else {
        Err(Error::invalid(field, "of an extension holds a character that it may not"))
    }
}

fn new_keys() -> Result<[String; PhoneType::ALL.len()], Error> {
    Ok([new_key()?, new_key()?, new_key()?])
}

fn new_key() -> Result<String, Error> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::internal("the system gives no random bytes"))?;
    Ok(hex(&bytes))
}

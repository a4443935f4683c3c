//! Why a compose file cannot be read: one sentence, the place, and how to mend it.

use crate::compose_file::Place;

/// What is wrong with a compose file, or with a file that it names.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// One sentence, lower case, without a full stop.
    pub message: String,
    /// Where; `None` where there is no text to point at.
    pub place: Option<Place>,
    /// The other end, with what is to be said there.
    pub also: Option<(Place, String)>,
    /// How to mend it.
    pub help: Option<String>,
    /// Whether something lies where nothing may be read, which a user may allow.
    pub is_outside: bool,
    /// The key that is wrong, where the place is that of its value.
    pub(super) key: Option<String>,
}

/// A value, or why there is none.
pub(super) type Read<T> = Result<T, Box<Fault>>;

impl Fault {
    /// A fault at a place.
    pub fn at(place: Place, message: impl Into<String>) -> Box<Fault> {
        Box::new(Fault {
            message: message.into(),
            place: Some(place),
            also: None,
            help: None,
            is_outside: false,
            key: None,
        })
    }

    /// A fault with nothing to point at.
    pub fn nowhere(message: impl Into<String>) -> Box<Fault> {
        Box::new(Fault {
            message: message.into(),
            place: None,
            also: None,
            help: None,
            is_outside: false,
            key: None,
        })
    }

    /// With a way to mend it.
    pub fn help(mut self: Box<Fault>, help: impl Into<String>) -> Box<Fault> {
        self.help = Some(help.into());
        self
    }

    /// About what lies where nothing may be read.
    pub fn outside(mut self: Box<Fault>) -> Box<Fault> {
        self.is_outside = true;
        self
    }

    /// With its other end.
    pub fn and(mut self: Box<Fault>, place: Place, text: impl Into<String>) -> Box<Fault> {
        self.also = Some((place, text.into()));
        self
    }

    /// Said of a key whose value has the place.
    pub fn of_key(mut self: Box<Fault>, key: &str) -> Box<Fault> {
        self.key = Some(key.to_owned());
        self
    }

    /// Moves the place from a value to the key before it, in the text that both stand in.
    pub fn find_key(&mut self, text: &str) {
        let (Some(key), Some(place)) = (self.key.take(), &mut self.place) else {
            return;
        };
        let start = place.start as usize;
        let before = text.get(..start).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let Some(at) = before[line..].rfind(&key) else {
            return;
        };
        let between = &before[line + at + key.len()..];
        let is_beside = between
            .chars()
            .all(|c| matches!(c, ' ' | '\t' | ':' | '"' | '\''));
        if between.contains(':') && is_beside {
            let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            place.start = byte(line + at);
            place.end = byte(line + at + key.len());
        }
    }

    /// At `place`, unless it has one already.
    pub fn or_at(mut self: Box<Fault>, place: Place) -> Box<Fault> {
        self.place.get_or_insert(place);
        self
    }
}

//! Reads a [`Value`] in one pass over serde_json's tokens.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::{Error, Object, Value};

/// The limits of a JSON text. A longer text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    bytes: usize,
    depth: usize,
    values: usize,
}

impl Limits {
    /// For documents: metadata, key sets, UserInfo. 1 MiB, 32 levels, 16,384 values.
    pub const DOCUMENT: Self = Self::new(1 << 20, 32);
    /// For a JOSE header, which may hold a certificate chain. 16 KiB, 8 levels, 1,024 values.
    pub const HEADER: Self = Self {
        values: 1 << 10,
        ..Self::new(16 << 10, 8)
    };
    /// For a claims set. 256 KiB, 32 levels, 16,384 values.
    pub const CLAIMS: Self = Self::new(256 << 10, 32);

    /// Limits for other texts: the length in bytes, and the number of arrays and objects that may
    /// be open at once (at most 100; a larger number counts as 100). The text may hold 16,384
    /// values.
    #[must_use]
    pub const fn new(bytes: usize, depth: usize) -> Self {
        // serde_json gives up at 128 levels with a syntax error. Below that the reader refuses the
        // text itself, and says why.
        Self {
            bytes,
            depth: if depth < 100 { depth } else { 100 },
            values: 1 << 14,
        }
    }
}

/// Reads one JSON value, which must be all that the text holds.
///
/// # Errors
///
/// [`Error::Size`] before anything is read; [`Error::Duplicate`], [`Error::Depth`],
/// [`Error::Values`] and [`Error::Syntax`] while reading.
pub fn parse(input: &[u8], limits: Limits) -> Result<Value<'_>, Error> {
    parse_with(input, limits, false)
}

/// Reads one JSON value, and keeps all members of the same name in the order of the text.
pub(super) fn parse_keeping_repeats(input: &[u8], limits: Limits) -> Result<Value<'_>, Error> {
    parse_with(input, limits, true)
}

fn parse_with(input: &[u8], limits: Limits, keeps_repeats: bool) -> Result<Value<'_>, Error> {
    if input.len() > limits.bytes {
        return Err(Error::Size {
            limit: limits.bytes,
            found: input.len(),
        });
    }
    let context = Context::new(limits, keeps_repeats);
    let mut value = Value::Null;
    let seed = ValueSeed {
        place: &mut value,
        context: &context,
        levels_left: Some(limits.depth),
    };
    // serde_json reads text faster than bytes, because it checks each string of bytes for UTF-8. A
    // text that is not UTF-8 is read as bytes, so that the error names the position.
    let result = match std::str::from_utf8(input) {
        Ok(text) => read(seed, serde_json::Deserializer::from_str(text)),
        Err(_) => read(seed, serde_json::Deserializer::from_slice(input)),
    };
    match result {
        Ok(()) => Ok(value),
        Err(error) => Err(context.refusal.take().unwrap_or(Error::Syntax {
            line: error.line(),
            column: error.column(),
        })),
    }
}

/// Reads one JSON object, which must be all that the text holds.
///
/// # Errors
///
/// The errors of [`parse`], and [`Error::NotAnObject`].
pub fn parse_object(input: &[u8], limits: Limits) -> Result<Object<'_>, Error> {
    match parse(input, limits)? {
        Value::Object(object) => Ok(object),
        other => Err(Error::NotAnObject {
            found: other.kind(),
        }),
    }
}

fn read<'a, R: serde_json::de::Read<'a>>(
    seed: ValueSeed<'_, 'a>,
    mut deserializer: serde_json::Deserializer<R>,
) -> serde_json::Result<()> {
    seed.deserialize(&mut deserializer)?;
    deserializer.end()
}

/// State that serde's own types cannot carry.
struct Context {
    /// The reason for a refusal. serde carries errors only as text.
    refusal: RefCell<Option<Error>>,
    /// Set between the text of a number and the map around it: see [`ValueSeed::visit_string`].
    number_in_map: Cell<bool>,
    /// Whether members of one name are kept, for [`parse_keeping_repeats`].
    keeps_repeats: bool,
    limits: Limits,
    /// How many more values the text may hold.
    values_left: Cell<usize>,
    /// The number of members in the object that ended last.
    members_before: Cell<usize>,
}

impl Context {
    fn new(limits: Limits, keeps_repeats: bool) -> Self {
        Self {
            refusal: RefCell::default(),
            number_in_map: Cell::default(),
            keeps_repeats,
            limits,
            values_left: Cell::new(limits.values),
            members_before: Cell::default(),
        }
    }
}

/// Reads a value into its final place. To return the value through serde's results takes about as
/// long as reading it.
struct ValueSeed<'p, 'de> {
    place: &'p mut Value<'de>,
    context: &'p Context,
    /// The number of arrays and objects that may be nested here. `None` in an object that exceeds
    /// the limit, which is accepted only if it turns out to be a number.
    levels_left: Option<usize>,
}

impl<'p, 'de> ValueSeed<'p, 'de> {
    fn put<E: de::Error>(self, value: Value<'de>) -> Result<(), E> {
        let Some(values_left) = self.context.values_left.get().checked_sub(1) else {
            let limit = self.context.limits.values;
            return Err(self.refuse(Error::Values { limit }));
        };
        self.context.values_left.set(values_left);
        *self.place = value;
        Ok(())
    }

    fn refuse<E: de::Error>(&self, reason: Error) -> E {
        self.context.refusal.replace(Some(reason));
        E::custom("refused")
    }

    fn too_deep<E: de::Error>(&self) -> E {
        let limit = self.context.limits.depth;
        self.refuse(Error::Depth { limit })
    }

    /// The number of levels that are left in an array or an object that begins here.
    fn descend<E: de::Error>(&self) -> Result<Option<usize>, E> {
        match self.levels_left {
            Some(levels_left) => Ok(levels_left.checked_sub(1)),
            None => Err(self.too_deep()),
        }
    }

    /// The seed for a value within this one.
    fn inner<'q>(&self, place: &'q mut Value<'de>, levels_left: Option<usize>) -> ValueSeed<'q, 'de>
    where
        'p: 'q,
    {
        ValueSeed {
            place,
            context: self.context,
            levels_left,
        }
    }

    fn is_outermost(&self) -> bool {
        self.levels_left == Some(self.context.limits.depth)
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.put(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
        self.put(Value::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<(), E> {
        self.put(Value::Number(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<(), E> {
        self.put(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom(NOT_FINITE))?;
        self.put(Value::Number(number))
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<(), E> {
        self.put(Value::String(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        self.put(Value::String(Cow::Owned(text.to_owned())))
    }

    /// With its feature `arbitrary_precision`, which any crate in the tree may turn on, serde_json
    /// hands over a number as a map with one entry, whose value is the number's text as an owned
    /// string. No string of a JSON text arrives that way.
    fn visit_string<E: de::Error>(self, text: String) -> Result<(), E> {
        self.context.number_in_map.set(true);
        let number: Number = text.parse().map_err(E::custom)?;
        if number.as_f64().is_none() {
            return Err(E::custom(NOT_FINITE));
        }
        self.put(Value::Number(number))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let levels_left = self.descend()?;
        if levels_left.is_none() {
            return Err(self.too_deep());
        }
        let mut elements = Vec::new();
        loop {
            let mut element = Value::Null;
            let seed = self.inner(&mut element, levels_left);
            if access.next_element_seed(seed)?.is_none() {
                break;
            }
            elements.push(element);
        }
        self.put(Value::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        // One allocation holds the members of a usual header or claims set. An inner object gets
        // room for as many members as the one before it had: the keys of a set are alike, and a
        // hostile text cannot make small objects take the room of large ones.
        let (room, before) = if self.is_outermost() {
            (12, None)
        } else {
            (0, Some(self.context.members_before.get()))
        };
        let mut members = Vec::with_capacity(room);
        let levels_left = self.descend()?;
        while let Some(name) = access.next_key_seed(NameSeed)? {
            if let (true, Some(before)) = (members.is_empty(), before) {
                members.reserve_exact(before.next_multiple_of(4).clamp(4, 16));
            }
            members.push((name, Value::Null));
            if let Some((_, place)) = members.last_mut() {
                access.next_value_seed(self.inner(place, levels_left))?;
            }
            if self.context.number_in_map.take() {
                // The number was counted when its text was read.
                *self.place = members.pop().map_or(Value::Null, |(_, number)| number);
                return Ok(());
            }
        }
        if levels_left.is_none() {
            return Err(self.too_deep());
        }
        if !self.context.keeps_repeats
            && let Some(member) = duplicate(&members)
        {
            return Err(self.refuse(Error::Duplicate {
                member: member.to_owned(),
            }));
        }
        self.context.members_before.set(members.len());
        self.put(Value::Object(Object { members }))
    }
}

const NOT_FINITE: &str = "a number that is not finite";

struct NameSeed;

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for NameSeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// Finds a name that occurs twice. A few names are compared in pairs when their fingerprints agree.
/// Many names are sorted, so that a hostile object cannot make the search quadratic.
fn duplicate<'m>(members: &'m [(Cow<'_, str>, Value<'_>)]) -> Option<&'m str> {
    if members.len() <= 16 {
        let mut seen = 0_u64;
        for (index, (name, _)) in members.iter().enumerate() {
            let bit = fingerprint(name);
            let mut before = members.iter().take(index);
            if seen & bit != 0 && before.any(|(other, _)| other == name) {
                return Some(name);
            }
            seen |= bit;
        }
        return None;
    }
    let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_ref()).collect();
    names.sort_unstable();
    names.windows(2).find_map(|pair| match pair {
        [first, second] if first == second => Some(*first),
        _ => None,
    })
}

/// One of 64 bits. Equal names have the same bit. Names that differ in length or at an end mostly
/// have different bits.
fn fingerprint(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let [first, last] = [bytes.first(), bytes.last()].map(|end| end.copied().unwrap_or_default());
    let [length, ..] = bytes.len().to_le_bytes();
    let mixed = first.wrapping_mul(5) ^ last.wrapping_mul(3) ^ length.wrapping_mul(7);
    1_u64.rotate_left(u32::from(mixed))
}

#[cfg(test)]
mod tests;

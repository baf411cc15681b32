//! Reads a [`Value`] in one pass over a text.

use std::borrow::Cow;

use super::text::Text;
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
        // Each level takes a part of the stack.
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
    let mut reader = Reader::new(input, limits, keeps_repeats)?;
    let mut value = Value::Null;
    reader.value(&mut value, limits.depth)?;
    reader.text.end()?;
    Ok(value)
}

/// Reads one JSON object, which must be all that the text holds.
///
/// # Errors
///
/// The errors of [`parse`], and [`Error::NotAnObject`].
pub fn parse_object(input: &[u8], limits: Limits) -> Result<Object<'_>, Error> {
    let mut reader = Reader::new(input, limits, false)?;
    // An object is read without a value around it. Each move of what was just written takes about
    // as long as reading a name.
    if reader.text.next() == Some(b'{') {
        reader.count()?;
        let object = reader.object(limits.depth)?;
        reader.text.end()?;
        return Ok(object);
    }
    let found = parse(input, limits)?.kind();
    Err(Error::NotAnObject { found })
}

struct Reader<'t> {
    text: Text<'t>,
    limits: Limits,
    /// Whether members of one name are kept, for [`parse_keeping_repeats`].
    keeps_repeats: bool,
    /// How many more values the text may hold.
    values_left: usize,
    /// The number of members in the object that ended last.
    members_before: usize,
}

impl<'t> Reader<'t> {
    fn new(input: &'t [u8], limits: Limits, keeps_repeats: bool) -> Result<Self, Error> {
        if input.len() > limits.bytes {
            return Err(Error::Size {
                limit: limits.bytes,
                found: input.len(),
            });
        }
        Ok(Self {
            text: Text::new(input),
            limits,
            keeps_repeats,
            values_left: limits.values,
            members_before: USUAL_MEMBERS,
        })
    }

    /// Counts a value.
    fn count(&mut self) -> Result<(), Error> {
        self.values_left = self.values_left.checked_sub(1).ok_or(Error::Values {
            limit: self.limits.values,
        })?;
        Ok(())
    }

    /// Reads a value into its final place, which holds `null`. To return it through the results
    /// takes about as long as reading it. `levels_left` is the number of arrays and objects that
    /// may be nested here.
    #[inline(always)]
    fn value(&mut self, place: &mut Value<'t>, levels_left: usize) -> Result<(), Error> {
        self.count()?;
        match self.text.next() {
            Some(b'"') => match self.text.plain_string() {
                Some(text) => *place = Value::String(Cow::Borrowed(text)),
                None => *place = Value::String(self.text.string()?),
            },
            Some(b'-' | b'0'..=b'9') => match self.text.short_integer() {
                Some(number) => *place = Value::Number(number.into()),
                None => *place = Value::Number(self.text.number()?),
            },
            Some(b'{') => *place = Value::Object(self.object(levels_left)?),
            Some(b'[') => *place = Value::Array(self.array(levels_left)?),
            Some(b'n') => self.text.word("null")?,
            Some(b't') => {
                self.text.word("true")?;
                *place = Value::Bool(true);
            }
            Some(b'f') => {
                self.text.word("false")?;
                *place = Value::Bool(false);
            }
            _ => return Err(self.text.syntax()),
        }
        Ok(())
    }

    /// The number of levels that are left in an array or an object.
    fn below(&self, levels_left: usize) -> Result<usize, Error> {
        levels_left.checked_sub(1).ok_or(Error::Depth {
            limit: self.limits.depth,
        })
    }

    #[inline(never)]
    fn array(&mut self, levels_left: usize) -> Result<Vec<Value<'t>>, Error> {
        let levels_left = self.below(levels_left)?;
        let mut elements = Vec::new();
        self.text.expect(b'[')?;
        if self.text.skip(b']') {
            return Ok(elements);
        }
        loop {
            // Most arrays have at most 4 elements, and most others at most 24.
            if elements.len() == 4 {
                elements.reserve_exact(20);
            }
            elements.resize_with(elements.len().saturating_add(1), || Value::Null);
            if let Some(place) = elements.last_mut() {
                self.value(place, levels_left)?;
            }
            if !self.text.skip(b',') {
                self.text.expect(b']')?;
                return Ok(elements);
            }
        }
    }

    #[inline(never)]
    fn object(&mut self, levels_left: usize) -> Result<Object<'t>, Error> {
        let levels_left = self.below(levels_left)?;
        let mut members = Vec::new();
        self.text.expect(b'{')?;
        if self.text.skip(b'}') {
            return Ok(Object { members });
        }
        // One allocation holds the members of a usual header or claims set. An inner object gets
        // room for as many members as the one before it had: the keys of a set are alike, and a
        // hostile text cannot make small objects take the room of large ones.
        members.reserve_exact(self.members_before.next_multiple_of(4).clamp(4, 16));
        loop {
            self.text.next();
            // Name and value are written into their final places.
            members.resize_with(members.len().saturating_add(1), || {
                (Cow::Borrowed(""), Value::Null)
            });
            if let Some((name, place)) = members.last_mut() {
                match self.text.plain_string() {
                    Some(text) => *name = Cow::Borrowed(text),
                    None => *name = self.text.string()?,
                }
                self.text.expect(b':')?;
                self.value(place, levels_left)?;
            }
            if !self.text.skip(b',') {
                self.text.expect(b'}')?;
                break;
            }
        }
        if !self.keeps_repeats
            && let Some(member) = duplicate(&members)
        {
            return Err(Error::Duplicate {
                member: member.to_owned(),
            });
        }
        self.members_before = members.len();
        Ok(Object { members })
    }
}

/// The room for the members of the first object.
const USUAL_MEMBERS: usize = 12;

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
    let (first, last) = match name.as_bytes() {
        [first, .., last] => (*first, *last),
        [only] => (*only, 0),
        [] => (0, 0),
    };
    let length = u32::try_from(name.len()).unwrap_or_default();
    let ends = u32::from(first.wrapping_mul(5) ^ last.wrapping_mul(3));
    1_u64.rotate_left(ends ^ length.wrapping_mul(7))
}

#[cfg(test)]
mod tests;

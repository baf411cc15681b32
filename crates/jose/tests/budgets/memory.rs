//! The memory that the Rust code of this crate and its dependencies allocates.

use crate::hostile::{CLAIMS, DOCUMENT, HEADER, cases};

#[test]
fn a_hostile_text_takes_a_bounded_amount_of_memory() {
    for case in cases() {
        let text = (case.make)(case.longest);
        assert!(text.len() <= case.longest + 64, "{}", case.name);
        // The first reading sets up what every later one uses.
        drop((case.read)(&(case.make)(case.longest / 64)));
        let mut kept = None;
        let used = allocation_counter::measure(|| kept = Some((case.read)(&text)));
        let limit = match case.longest {
            HEADER => 256 << 10,
            CLAIMS => 4 << 20,
            DOCUMENT => 5 << 20,
            other => unreachable!("no limit for {other}"),
        };
        assert!(used.bytes_max <= limit, "{}: {used:?}", case.name);
        // Keys and headers keep the members for their callers as text.
        let kept = usize::try_from(used.bytes_current).unwrap();
        let is_read_into_values = ["reader", "claims"]
            .iter()
            .any(|parser| case.name.starts_with(parser));
        if !is_read_into_values {
            assert!(kept <= text.len() * 5 / 2, "{}: {used:?}", case.name);
        }
    }
}

//! Memory, as the Rust code of this crate and of its dependencies allocates it.

use crate::hostile::{CLAIMS, DOCUMENT, HEADER, cases};

#[test]
fn a_hostile_text_takes_a_bounded_amount_of_memory() {
    for case in cases() {
        let text = (case.make)(case.longest);
        assert!(text.len() <= case.longest + 64, "{}", case.name);
        // What is set up once is no cost of the text.
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
        // Keys and headers keep what they carry for their callers as text.
        let kept = usize::try_from(used.bytes_current).unwrap();
        let is_read_into_values = ["reader", "claims"]
            .iter()
            .any(|parser| case.name.starts_with(parser));
        if !is_read_into_values {
            assert!(kept <= text.len() * 5 / 2, "{}: {used:?}", case.name);
        }
    }
}

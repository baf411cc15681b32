//! Writes what the fuzz targets begin with: the vectors of `jose`, taken apart as each target reads
//! its input, and examples of the specifications for the targets of `oauth-core`.
//!
//! A target whose input is in two parts has a zero byte between them.

mod examples;
mod vectors;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    let [folder, corpus] = arguments.as_slice() else {
        return Err("two folders are needed: that of the vectors and that of the corpus".into());
    };
    let mut seeds = Seeds::default();
    vectors::read(Path::new(folder), &mut seeds)?;
    examples::add(&mut seeds);
    seeds.write(Path::new(corpus))
}

/// The seeds of each target; one that comes twice is kept once.
#[derive(Default)]
struct Seeds(BTreeMap<&'static str, BTreeSet<Vec<u8>>>);

impl Seeds {
    fn add(&mut self, target: &'static str, seed: impl Into<Vec<u8>>) {
        let seed = seed.into();
        if seed.len() <= LONGEST {
            self.0.entry(target).or_default().insert(seed);
        }
    }

    fn write(&self, corpus: &Path) -> Result<(), Box<dyn Error>> {
        for (target, seeds) in &self.0 {
            let folder = corpus.join(target);
            fs::create_dir_all(&folder)?;
            for (number, seed) in seeds.iter().enumerate() {
                fs::write(folder.join(format!("seed-{number:03}")), seed)?;
            }
            println!("{target:<12} {:>12} seeds", seeds.len());
        }
        Ok(())
    }
}

/// As long as an input gets in `cargo xtask fuzz`, in bytes.
const LONGEST: usize = 4096;

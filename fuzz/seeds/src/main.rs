//! Writes the seeds of the fuzz targets.
//!
//! The seeds of the targets for `jose` are its vectors, split as each target reads its input. The
//! seeds of the targets for `oauth-core` are examples from the specifications. A zero byte
//! separates the parts of an input that has two.

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

/// The seeds of each target, without duplicates.
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

/// The maximum length of an input in `cargo xtask fuzz`, in bytes.
const LONGEST: usize = 4096;

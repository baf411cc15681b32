//! The output of a measuring program.

/// One measurement. Rates, times and allocations are per operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    /// Operations per second.
    pub(crate) rate: f64,
    /// Nanoseconds of processor time per operation.
    pub(crate) processor: f64,
    /// Allocations; `None` if they cannot be counted.
    pub(crate) allocations: Option<f64>,
    /// The peak of the heap in bytes; `None` if it is unknown.
    pub(crate) heap: Option<f64>,
    /// The peak memory of the process in kibibytes.
    pub(crate) memory: f64,
}

impl Sample {
    /// Reads the line that a program of `bench/client` prints, in which `-` stands for an unknown
    /// value.
    ///
    /// # Errors
    /// An error message with the line if it cannot be parsed.
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        Self::read(line).ok_or_else(|| format!("the benchmark printed `{}`", line.trim_end()))
    }

    fn read(line: &str) -> Option<Self> {
        let columns: Vec<&str> = line.trim_end().split('\t').collect();
        let [operations, wall, processor, allocations, heap, memory] = columns.as_slice() else {
            return None;
        };
        let number = |column: &str| column.parse::<f64>().ok();
        let countable = |column: &str| match column {
            "-" => Some(None),
            number => number.parse::<f64>().ok().map(Some),
        };
        let operations = number(operations)?;
        Some(Self {
            rate: operations * 1e9 / number(wall)?,
            processor: number(processor)? / operations,
            allocations: countable(allocations)?.map(|number| number / operations),
            heap: countable(heap)?,
            memory: number(memory)?,
        })
    }
}

/// Returns the median; `None` if there are no numbers.
pub(crate) fn median(numbers: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = numbers.into_iter().collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_become_figures_per_operation() {
        let sample = Sample::parse("100\t1000000\t500000\t4200\t123\t456\n").unwrap();
        let expected = Sample {
            rate: 100_000.0,
            processor: 5_000.0,
            allocations: Some(42.0),
            heap: Some(123.0),
            memory: 456.0,
        };
        assert_eq!(sample, expected);
        let sample = Sample::parse("100\t1000000\t500000\t-\t-\t456\n").unwrap();
        assert_eq!((sample.allocations, sample.heap), (None, None));
    }

    #[test]
    fn other_output_is_an_error() {
        for line in ["", "hello", "1\t2\t3\t4\t5", "1\t2\tx\t4\t5\t6"] {
            let refusal = format!("the benchmark printed `{line}`");
            assert_eq!(Sample::parse(line), Err(refusal));
        }
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median([]), None);
    }
}

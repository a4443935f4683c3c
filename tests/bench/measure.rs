//! Repeats what is measured, and says what came out of it.

use std::time::{Duration, Instant};

/// Several measurements of one thing, the least first.
pub struct Sample(Vec<f64>);

impl Sample {
    /// The time that `run` takes, in milliseconds, `times` times; what it returns is dropped outside of the clock.
    pub fn of<T>(times: usize, mut run: impl FnMut() -> T) -> Sample {
        let once = |_| {
            let start = Instant::now();
            let result = run();
            let taken = start.elapsed();
            drop(result);
            taken
        };
        Sample::from_durations((0..times).map(once))
    }

    /// Times that were measured elsewhere.
    pub fn from_durations(durations: impl IntoIterator<Item = Duration>) -> Sample {
        Sample::from_values(
            durations
                .into_iter()
                .map(|taken| taken.as_secs_f64() * 1_000.0),
        )
    }

    /// Measurements in any unit.
    pub fn from_values(values: impl IntoIterator<Item = f64>) -> Sample {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Sample(values)
    }

    /// The middle one; nothing if nothing could be measured.
    pub fn median(&self) -> Option<f64> {
        self.0.get(self.0.len() / 2).copied()
    }

    /// The least and the greatest.
    pub fn range(&self) -> Option<(f64, f64)> {
        Some((*self.0.first()?, *self.0.last()?))
    }

    /// The one that a part of all are not above; nothing if nothing could be measured.
    pub fn percentile(&self, part: f64) -> Option<f64> {
        let at = (self.0.len() as f64 * part) as usize;
        self.0.get(at.min(self.0.len().saturating_sub(1))).copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// The exponent with which `y` grows over `x`: the slope of the line through the logarithms, by least squares.
pub fn growth(points: &[(f64, f64)]) -> f64 {
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let n = logs.len() as f64;
    let (mean_x, mean_y) = (
        logs.iter().map(|(x, _)| x).sum::<f64>() / n,
        logs.iter().map(|(_, y)| y).sum::<f64>() / n,
    );
    let rise: f64 = logs.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let run: f64 = logs.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    rise / run
}

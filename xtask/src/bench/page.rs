//! What rendering the fallback page costs in a release build.

use super::Row;
use super::curve::measured;

/// Microseconds that one rendering may take.
const GOAL: &str = "goal: under 100 µs";

/// Builds and measures.
pub fn rows() -> Result<Vec<Row>, String> {
    let figures = measured("bench-page", "")?;
    let row =
        |(name, figure): &(String, String)| Row::new(&format!("one fallback page, {name}"), figure, GOAL);
    Ok(figures.iter().map(row).collect())
}

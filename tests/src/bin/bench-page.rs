//! Measures the fallback page: `bench-page` prints microseconds for one rendering of the plainest case and of
//! the one with all of an owner's settings.

use std::hint::black_box;
use std::time::Instant;

use backsoon::page::Form;
use backsoon_tests::page_case;

const RENDERINGS: u32 = 5_000;

fn main() {
    let cases = page_case::all();
    for (name, id) in
        [("without an owner's settings", "down"), ("with all of an owner's settings", "down_owner")]
    {
        let Some(case) = cases.iter().find(|case| case.id == id) else {
            eprintln!("bench-page: there is no case {id} in tests/cases/page");
            std::process::exit(1);
        };
        let begin = Instant::now();
        for _ in 0..RENDERINGS {
            black_box(case.render(Form::Html, case.language()));
        }
        println!("{name}: {:.1} µs", begin.elapsed().as_secs_f64() * 1e6 / f64::from(RENDERINGS));
    }
}

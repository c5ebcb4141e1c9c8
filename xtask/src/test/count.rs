//! Reads how many tests passed, failed and were skipped out of what the runners write.

/// What became of some tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub passed: u32,
    pub failed: u32,
    pub skipped: u32,
    /// The failed ones by name, as far as a runner tells.
    pub named: Vec<String>,
    /// Why tests were skipped, where we know.
    pub left_out: Vec<String>,
}

impl Outcome {
    /// One failure.
    pub fn failure(name: &str) -> Self {
        Self { failed: 1, named: vec![name.to_string()], ..Self::default() }
    }

    /// One check that has no tests inside.
    pub fn check(name: &str, passed: bool) -> Self {
        if passed { Self { passed: 1, ..Self::default() } } else { Self::failure(name) }
    }

    /// Sums up.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.named.extend(other.named);
        self.left_out.extend(other.left_out);
    }

    /// `N passed, N failed, N skipped`
    pub fn text(&self) -> String {
        format!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }

    /// What a runner's lines say. A runner that ends badly without a failed test failed itself; one that ran no
    /// test at all has not been run.
    pub fn of_runner(part: &str, ended_well: bool, lines: &[String]) -> Self {
        let mut all = Self::default();
        for line in lines {
            all.read_cargo(part, line);
            all.read_node(part, line);
        }
        if !ended_well && all.failed == 0 {
            all.add(Self::failure(&format!("{part}: the runner itself (what it said is above)")));
        } else if all.passed + all.failed + all.skipped == 0 {
            all.add(Self::failure(&format!("{part}: no test was run")));
        }
        all
    }

    /// `test result: ok. 7 passed; 0 failed; 1 ignored; ...` and `test a::b ... FAILED`
    fn read_cargo(&mut self, part: &str, line: &str) {
        if let Some(counts) = line.strip_prefix("test result: ") {
            for count in counts.split([';', '.']) {
                match count.trim().split_once(' ') {
                    Some((n, "passed")) => self.passed += number(n),
                    Some((n, "failed")) => self.failed += number(n),
                    Some((n, "ignored")) => self.skipped += number(n),
                    _ => {}
                }
            }
        } else if let Some(name) =
            line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED"))
        {
            self.named.push(format!("{part}: {name}"));
        }
    }

    /// The TAP of `node --test`: `# pass 7` at the end, `not ok 3 - name` in between.
    fn read_node(&mut self, part: &str, line: &str) {
        match line.strip_prefix("# ").and_then(|rest| rest.split_once(' ')) {
            Some(("pass", n)) => self.passed += number(n),
            Some(("fail" | "cancelled", n)) => self.failed += number(n),
            Some(("skipped" | "todo", n)) => self.skipped += number(n),
            _ => {}
        }
        let line = line.trim_start();
        if let Some((_, name)) = line.strip_prefix("not ok ").and_then(|rest| rest.split_once(" - ")) {
            self.named.push(format!("{part}: {name}"));
        } else if let Some((name, why)) = line.strip_prefix("ok ").and_then(|rest| rest.split_once(" # SKIP"))
        {
            let name = name.split_once(" - ").map_or(name, |(_, name)| name);
            self.left_out.push(format!("{part}: {name}: {}", why.trim()));
        }
    }
}

fn number(text: &str) -> u32 {
    text.trim().parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(ToString::to_string).collect()
    }

    #[test]
    fn cargo_is_counted() {
        let said = "test a::b ... FAILED\ntest result: FAILED. 6 passed; 1 failed; 2 ignored; 0 measured; 3 filtered out; finished in 0.1s\n\
                    test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        let outcome = Outcome::of_runner("native", false, &lines(said));
        assert_eq!(outcome.text(), "7 passed, 1 failed, 2 skipped");
        assert_eq!(outcome.named, ["native: a::b"]);
    }

    #[test]
    fn node_is_counted() {
        let said = "TAP version 13\nok 1 - copy\nnot ok 2 - page\nok 3 - firefox # SKIP not there\n\
                    # tests 3\n# suites 0\n# pass 1\n# fail 1\n# cancelled 0\n# skipped 1\n# todo 0";
        let outcome = Outcome::of_runner("workerd", false, &lines(said));
        assert_eq!(outcome.text(), "1 passed, 1 failed, 1 skipped");
        assert_eq!(outcome.named, ["workerd: page"]);
        assert_eq!(outcome.left_out, ["workerd: firefox: not there"]);
    }

    #[test]
    fn a_runner_that_breaks_or_runs_nothing_is_a_failure() {
        assert_eq!(Outcome::of_runner("native", false, &lines("error[E0308]")).failed, 1);
        assert_eq!(Outcome::of_runner("workerd", true, &lines("# pass 0\n# fail 0")).failed, 1);
    }
}

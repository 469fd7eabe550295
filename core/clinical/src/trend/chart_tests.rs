use super::*;
use crate::trend::defaults::units;
use chrono::DateTime;
use homeline_model::TrendSeries;

const TODAY: &str = "2026-11-23";

/// Points that end today, one a day; a dash is a day without a value.
fn points(values: &str) -> Vec<Point> {
    let today: NaiveDate = TODAY.parse().unwrap();
    let words: Vec<&str> = values.split_whitespace().collect();
    let last = i64::try_from(words.len()).unwrap() - 1;
    let days = words.iter().zip(0..).filter(|(word, _)| **word != "-");
    days.map(|(word, index)| Point {
        day: today - TimeDelta::days(last - index),
        at: DateTime::UNIX_EPOCH,
        value: word.parse().unwrap(),
        entries: Vec::new(),
    })
    .collect()
}

fn chart(method: TrendMethod) -> Chart<'static> {
    Chart {
        method,
        direction: TrendDirection::Up,
        windows: RuleWindows { watch_days: 7, baseline_days: 14, least_values: 5 },
        unit: &units(TrendSeries::Temperature)[0],
        daily: true,
    }
}

const EWMA: TrendMethod = TrendMethod::Ewma { weight: None, limit: None };
const CUSUM: TrendMethod = TrendMethod::Cusum { slack: None, limit: None };

fn speaks(chart: Chart<'_>, values: &str) -> bool {
    chart.read(&points(values), TODAY.parse().unwrap()).is_ok()
}

#[test]
fn a_run_speaks_when_each_of_the_last_days_is_beyond_the_one_before() {
    let two = chart(TrendMethod::Run { days: 2 });
    assert!(speaks(two, "36.9 37.2 37.8"));
    assert!(!speaks(two, "36.9 37.2 37.2"), "equal is not beyond");
    assert!(!speaks(two, "37.0 36.9 37.2"), "one rise");
    assert!(!speaks(two, "37.2 37.8"), "two values hold one rise");
    assert!(!speaks(two, "36.9 - 37.2 37.8"), "a missing day is no day in a row");
    assert!(speaks(two, "36.9 37.2 37.8 -"), "yesterday is new enough");
    assert!(!speaks(two, "36.9 37.2 37.8 - -"), "the day before is not");
}

#[test]
fn a_run_shows_all_of_itself_and_counts_its_change_from_its_start() {
    let points = points("37.1 36.8 36.9 37.2 37.8");
    let signal = chart(TrendMethod::Run { days: 2 }).read(&points, TODAY.parse().unwrap()).unwrap();
    assert_eq!(signal.points.len(), 4);
    assert_eq!(signal.change(), "1.0".parse().unwrap());
}

#[test]
fn the_running_mean_is_that_of_the_formula() {
    // Baseline of five: middle 36.6, deviation the least one, 0.2. u = 1.5, 2.5: z = 0.45, then 0.3·2.5 + 0.7·0.45 = 1.065.
    let points = points("36.5 36.6 36.6 36.6 36.7 36.9 37.1");
    let rule = TrendMethod::Ewma { weight: None, limit: Some(Decimal::TWO) };
    let signal = chart(rule).read(&points, TODAY.parse().unwrap()).unwrap();
    let (mean, limit) = signal.statistic.unwrap();
    assert!((mean - (36.6 + 1.065 * 0.2)).abs() < 1e-9, "{mean}");
    assert!((limit - (36.6 + 2.0 * (0.3f64 / 1.7).sqrt() * 0.2)).abs() < 1e-9, "{limit}");
    assert_eq!(signal.baseline.unwrap().values, 5);
}

#[test]
fn the_sum_is_that_of_the_formula() {
    // u = 2, 3, 2.5 less the slack of 0.5: 1.5, then 4, then 6.
    let points = points("36.6 36.6 36.6 36.6 36.6 37.0 37.2 37.1");
    let signal = chart(CUSUM).read(&points, TODAY.parse().unwrap()).unwrap();
    let (sum, limit) = signal.statistic.unwrap();
    assert!((sum - 6.0).abs() < 1e-9 && (limit - 4.0).abs() < 1e-9, "{sum} {limit}");
}

#[test]
fn one_value_alone_never_makes_a_chart_speak_and_a_second_one_does() {
    for method in [EWMA, CUSUM] {
        let quiet = "36.5 36.6 36.6 36.6 36.7 36.6";
        assert!(!speaks(chart(method), &format!("{quiet} 41.9")), "{method:?}");
        assert!(speaks(chart(method), &format!("{quiet} 41.9 37.6")), "{method:?}");
        assert!(!speaks(chart(method), &format!("{quiet} 41.9 36.6")), "{method:?}: back at the usual");
    }
}

#[test]
fn a_slip_of_the_finger_in_the_baseline_moves_neither_middle_nor_limit() {
    let baseline = |values: &str| chart(EWMA).read(&points(values), TODAY.parse().unwrap()).err();
    let Some(Silent::NotMet(Some(clean))) = baseline("36.5 36.6 36.6 36.6 36.7 36.6 36.6") else { panic!("silent") };
    let Some(Silent::NotMet(Some(slip))) = baseline("36.5 36.6 44.9 36.6 36.7 36.6 36.6") else { panic!("silent") };
    assert_eq!(clean.middle, slip.middle);
    assert!(slip.deviation <= clean.deviation * 1.01, "{} {}", slip.deviation, clean.deviation);
}

#[test]
fn missing_days_move_nothing_and_are_no_zero() {
    assert!(speaks(chart(EWMA), "36.6 36.6 - 36.6 36.6 - 36.6 37.2 - 37.4 37.3"));
    assert!(!speaks(chart(EWMA), "36.6 36.6 - 36.6 36.6 - 36.6 36.6 - 36.7 36.6"));
    let mut down = chart(EWMA);
    down.direction = TrendDirection::Down;
    assert!(!speaks(down, "36.6 36.6 36.6 36.6 36.6 - - 36.6 - 36.6"), "zeros would pull the mean down");
}

#[test]
fn too_few_values_are_said_with_how_many_it_takes() {
    let points = points("36.6 36.6 36.6 37.6 37.8");
    let silent = chart(EWMA).read(&points, TODAY.parse().unwrap()).unwrap_err();
    assert_eq!(silent, Silent::TooFew { have: 5, need: 6 });
}

#[test]
fn a_baseline_is_what_lies_before_the_last_days_once_there_is_enough_of_it() {
    // Twelve quiet days, then seven risen ones: the baseline takes none of the risen.
    let values = format!("{} {}", "36.6 ".repeat(12), "37.2 ".repeat(7));
    let points = points(&values);
    let signal = chart(EWMA).read(&points, TODAY.parse().unwrap()).unwrap();
    assert_eq!(signal.baseline.unwrap().values, 12);
    assert_eq!(signal.points.len(), 7);
}

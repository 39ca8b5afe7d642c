//! Are tokens drawn as often as they should be, and always alike?

use proptest::prelude::*;

use super::*;

fn sampling(temperature: f32) -> Sampling {
    Sampling { temperature, seed: 7, ..Sampling::greedy() }
}

fn choose(sampling: &Sampling, logits: &[f32], before: &[u32]) -> Result<u32, Unchosen> {
    Sampler::new(sampling).choose(&mut logits.to_vec(), before, None)
}

/// What may be drawn and how likely, from sorting everything.
fn exactly(sampling: &Sampling, logits: &[f32]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..logits.len()).collect();
    order.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]).then(a.cmp(&b)));
    let highest = logits[order[0]];
    let weight = |id: usize| (f64::from(logits[id] - highest) / f64::from(sampling.temperature)).exp();
    if sampling.top_k > 0 {
        order.truncate(sampling.top_k);
    }
    let all: f64 = order.iter().map(|&id| weight(id)).sum();
    let mut sum = 0.0;
    let mut kept = Vec::new();
    for &id in &order {
        if sum >= all * f64::from(sampling.top_p) && !kept.is_empty() {
            break;
        }
        sum += weight(id);
        kept.push(id);
    }
    kept.retain(|&id| weight(id) >= f64::from(sampling.min_p));
    let all: f64 = kept.iter().map(|&id| weight(id)).sum();
    let mut exact = vec![0.0; logits.len()];
    kept.iter().for_each(|&id| exact[id] = weight(id) / all);
    exact
}

fn scores(count: usize, spread: f32) -> Vec<f32> {
    let mut random = Random(3);
    // The sum of several is close to normal.
    (0..count).map(|_| ((0..6).map(|_| random.next()).sum::<f64>() as f32 - 3.0) * spread).collect()
}

#[test]
fn tokens_are_drawn_as_often_as_they_are_likely() {
    let logits = scores(300, 1.5);
    for sampling in [
        sampling(1.0),
        sampling(0.4),
        Sampling { top_k: 5, ..sampling(1.3) },
        Sampling { top_p: 0.7, ..sampling(1.0) },
        Sampling { min_p: 0.2, ..sampling(1.0) },
        Sampling { top_k: 20, top_p: 0.9, min_p: 0.05, ..sampling(0.8) },
    ] {
        let exact = exactly(&sampling, &logits);
        let mut sampler = Sampler::new(&sampling);
        let mut counts = vec![0.0; logits.len()];
        let draws = 40_000.0;
        for _ in 0..draws as usize {
            counts[sampler.choose(&mut logits.clone(), &[], None).unwrap() as usize] += 1.0;
        }
        let mut squares = 0.0;
        let mut kinds = 0.0;
        for (count, share) in counts.iter().zip(&exact) {
            assert!(*share > 0.0 || *count == 0.0, "{sampling:?} drew what it may not");
            if share * draws >= 5.0 {
                squares += (count - share * draws).powi(2) / (share * draws);
                kinds += 1.0;
            }
        }
        // Chi-squared: mean as many as kinds, deviation the root of twice as many; five deviations.
        assert!(squares < kinds + 5.0 * f64::sqrt(2.0 * kinds) + 5.0, "{sampling:?}: {squares} of {kinds}");
    }
}

proptest! {
    #[test]
    fn what_may_be_drawn_is_what_sorting_everything_leaves(
        logits in proptest::collection::vec(prop_oneof![Just(1.0f32), -8.0f32..8.0], 1..700),
        (top_k, top_p, min_p) in (0usize..200, prop_oneof![Just(1.0f32), 0.0f32..1.0], prop_oneof![Just(0.0f32), 0.0f32..1.0]),
        temperature in 0.1f32..3.0,
    ) {
        let sampling = Sampling { top_k, top_p, min_p, ..sampling(temperature) };
        let exact = exactly(&sampling, &logits);
        let mut sampler = Sampler::new(&sampling);
        sampler.choose(&mut logits.clone(), &[], None).unwrap();
        let kept: f64 = sampler.candidates.iter().map(|candidate| exact[candidate.id as usize]).sum();
        let all = sampler.candidates.iter().map(|candidate| f64::from(candidate.probability)).sum::<f64>();
        // One on the line may fall to either side of it by rounding.
        let missing = exact.iter().filter(|&&share| share > 1e-9).count().abs_diff(sampler.candidates.len());
        let negligible = exact.iter().filter(|&&share| share <= 1e-9).count();
        prop_assert!(top_k == 1 || missing <= 1 + negligible, "{} missing", missing);
        if top_k != 1 && missing == 0 {
            prop_assert!((kept - 1.0).abs() < 1e-6);
            for candidate in &sampler.candidates {
                let share = f64::from(candidate.probability) / all;
                prop_assert!((share - exact[candidate.id as usize]).abs() < 1e-5);
            }
        }
    }
}

#[test]
fn the_likeliest_is_the_first_of_the_highest() {
    for count in [1, 2, 15, 16, 17, 63, 64, 65, 1000] {
        for at in [0, count / 2, count - 1] {
            let mut logits = vec![-1.0; count];
            logits[at] = 2.0;
            logits[count - 1] = 2.0;
            assert_eq!(choose(&Sampling::greedy(), &logits, &[]), Ok(at as u32), "{at} of {count}");
            let one = Sampling { top_k: 1, ..sampling(2.0) };
            assert_eq!(choose(&one, &logits, &[]), Ok(at as u32));
            let none = Sampling { top_p: -1.0, ..sampling(2.0) };
            assert_eq!(choose(&none, &logits, &[]), Ok(at as u32));
            let all = Sampling { min_p: 9.0, ..sampling(2.0) };
            let chosen = choose(&all, &logits, &[]).unwrap() as usize;
            assert!(chosen == at || chosen == count - 1);
        }
    }
}

#[test]
fn what_is_no_number_is_no_token() {
    for wrong in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for (count, at) in [(1, 0), (16, 3), (40, 39), (64, 0), (1000, 500)] {
            let mut logits = vec![0.5; count];
            logits[at] = wrong;
            assert_eq!(choose(&Sampling::greedy(), &logits, &[]), Err(Unchosen::NoNumbers));
            assert_eq!(choose(&sampling(1.0), &logits, &[]), Err(Unchosen::NoNumbers));
        }
    }
    assert_eq!(choose(&Sampling::greedy(), &[], &[]), Err(Unchosen::NoNumbers));
    let huge = [f32::MAX, f32::MIN, 0.0];
    assert_eq!(choose(&Sampling { repeat_penalty: 1e-9, ..sampling(1.0) }, &huge, &[0, 1, 2]), Ok(0));
    let odd =
        Sampling { temperature: f32::NAN, top_p: f32::NAN, min_p: f32::NAN, repeat_penalty: 0.0, ..sampling(1.0) };
    assert_eq!(choose(&odd, &[0.0, 1.0], &[1]), Ok(1));
    let hot = Sampling { temperature: f32::INFINITY, top_p: f32::NAN, min_p: f32::NAN, ..sampling(1.0) };
    assert!(choose(&hot, &[0.0, 1.0], &[1]).is_ok());
}

#[test]
fn bias_and_penalty_change_what_is_chosen() {
    let logits = [1.0, 3.0, 2.5, -1.0];
    let with = |bias: &[(u32, f32)]| Sampling { bias: bias.to_vec(), ..Sampling::greedy() };
    assert_eq!(choose(&with(&[(0, 5.0), (99, 50.0), (1, f32::NAN)]), &logits, &[]), Ok(0));
    assert_eq!(choose(&with(&[(1, f32::NEG_INFINITY)]), &logits, &[]), Ok(2));
    assert_eq!(choose(&with(&[(3, f32::INFINITY)]), &logits, &[]), Ok(3));
    let nothing: Vec<(u32, f32)> = (0..4).map(|id| (id, f32::NEG_INFINITY)).collect();
    assert_eq!(choose(&with(&nothing), &logits, &[]), Err(Unchosen::NoNumbers));
    let barred = Sampling { bias: nothing[1..].to_vec(), ..sampling(1e9) };
    assert_eq!(choose(&barred, &logits, &[]), Ok(0), "what is ruled out is never drawn");

    let penalty = Sampling { repeat_penalty: 1.5, repeat_last: 2, ..Sampling::greedy() };
    assert_eq!(choose(&penalty, &logits, &[1, 1, 1]), Ok(2), "counted once");
    assert_eq!(choose(&penalty, &logits, &[1, 2, 0]), Ok(1), "2 and 0 are less likely, 1 was too long ago");
    assert_eq!(choose(&penalty, &[-1.0, -1.2], &[0]), Ok(1), "a negative score gets lower too");
    assert_eq!(choose(&penalty, &logits, &[1000]), Ok(1));
}

#[test]
fn the_same_seed_draws_the_same() {
    let logits = scores(5000, 1.0);
    let draws = |seed| {
        let mut sampler = Sampler::new(&Sampling { seed, top_k: 40, top_p: 0.95, ..sampling(0.9) });
        (0..50).map(|_| sampler.choose(&mut logits.clone(), &[], None).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(draws(1), draws(1));
    assert_ne!(draws(1), draws(2));
    // The generator's own published numbers for the seed 1234567.
    let mut random = Random(1_234_567);
    let first = 6_457_827_717_110_365_317u64;
    assert_eq!(random.next(), (first >> 11) as f64 / (1u64 << 53) as f64);
}

#[test]
fn powers_are_close_enough() {
    for step in 0..4300 {
        let exponent = step as f32 * -0.01;
        let (got, exact) = (f64::from(power_of_two(exponent)), f64::from(exponent).exp2());
        assert!((got / exact - 1.0).abs() < 5e-6, "{exponent}: {got} {exact}");
    }
    assert!(power_of_two(f32::NEG_INFINITY) < 1e-37);
}

#[test]
fn a_large_vocabulary_is_cut_where_a_small_one_is() {
    // More blocks than are tried first: probabilities that few have, and probabilities that all share.
    for (spread, temperature, top_p) in
        [(4.0, 0.5, 0.9), (4.0, 1.0, 0.5), (0.1, 1.0, 0.7), (0.0, 1.0, 0.3), (1.0, 2.0, 0.999)]
    {
        let logits = scores(40_000, spread);
        let sampling = Sampling { top_p, ..sampling(temperature) };
        let exact = exactly(&sampling, &logits);
        let mut sampler = Sampler::new(&sampling);
        sampler.choose(&mut logits.clone(), &[], None).unwrap();
        let kept = exact.iter().filter(|&&share| share > 0.0).count();
        // Sums of so many are rounded in other orders.
        assert!(kept.abs_diff(sampler.candidates.len()) <= 2 + kept / 1000, "{spread}: {kept}");
        let all: f64 = sampler.candidates.iter().map(|candidate| exact[candidate.id as usize]).sum();
        assert!((all - 1.0).abs() < 1e-3, "{spread}: {all}");
    }
}

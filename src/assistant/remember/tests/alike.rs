//! How many questions in other words are given the answer to one that asks the same, and is any given another's? With a real
//! model where `DOCENT_TEST_MODEL` names the folder of all-MiniLM-L6-v2. The guards were not made looking at these pairs.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::SystemClock;
use crate::inference::{EncoderSource, Role, Urgency, open_embedder};
use crate::rank::asks_the_same;
use crate::text::Analysers;

const SAME: [(&str, &str); 40] = [
    ("What is photosynthesis?", "What does photosynthesis mean?"),
    ("What is photosynthesis?", "Can you explain photosynthesis?"),
    ("How do I calibrate the pH meter?", "How is the pH meter calibrated?"),
    ("How do I calibrate the pH meter?", "What are the steps to calibrate the pH meter?"),
    ("Where are the goggles kept?", "Where can I find the goggles?"),
    ("Where are the goggles kept?", "Where do you keep the goggles?"),
    ("What should I do if I spill acid?", "What do I do when acid is spilled?"),
    ("When is the exam?", "On what date is the exam?"),
    ("When is the exam?", "When will the exam be?"),
    ("How much does the kit cost?", "What is the price of the kit?"),
    ("Why do leaves turn red?", "What makes leaves turn red?"),
    ("Who discovered penicillin?", "By whom was penicillin discovered?"),
    ("Who discovered penicillin?", "Please tell me who discovered penicillin."),
    ("How long does recovery take?", "How long is the recovery?"),
    ("What are the symptoms of flu?", "Which symptoms does flu have?"),
    ("What are the symptoms of flu?", "Tell me the symptoms of the flu"),
    ("How many bones are in the hand?", "How many bones does the hand have?"),
    ("Is the lab open on Sundays?", "Does the lab open on Sundays?"),
    ("What is the headset's resolution?", "What resolution does the headset have?"),
    ("How often should the filter be replaced?", "How often do I replace the filter?"),
    ("¿Qué es la fotosíntesis?", "¿En qué consiste la fotosíntesis?"),
    ("¿Qué es la fotosíntesis?", "Define la fotosíntesis"),
    ("¿Dónde se guardan las gafas?", "¿En qué lugar se guardan las gafas?"),
    ("¿Dónde se guardan las gafas?", "Dime dónde se guardan las gafas"),
    ("¿Cuándo es el examen?", "¿Qué día es el examen?"),
    ("¿Cuándo es el examen?", "Por favor, dime cuándo es el examen"),
    ("¿Cuánto cuesta el equipo?", "¿Qué precio tiene el equipo?"),
    ("¿Quién descubrió la penicilina?", "¿Por quién fue descubierta la penicilina?"),
    ("¿Cómo se calibra el medidor?", "¿Cómo calibro el medidor?"),
    ("¿Cada cuánto se cambia el filtro?", "¿Con qué frecuencia se cambia el filtro?"),
    ("¿Cuáles son los síntomas de la gripe?", "¿Qué síntomas tiene la gripe?"),
    ("¿Por qué se ponen rojas las hojas?", "¿Por qué las hojas se ponen rojas?"),
    ("O que é a fotossíntese?", "O que significa fotossíntese?"),
    ("O que é a fotossíntese?", "Explique a fotossíntese"),
    ("Onde ficam os óculos?", "Onde estão os óculos?"),
    ("Quando é a prova?", "Em que dia é a prova?"),
    ("Quanto custa o kit?", "Qual é o preço do kit?"),
    ("Quem descobriu a penicilina?", "Diga quem descobriu a penicilina"),
    ("Como se calibra o medidor?", "Como calibrar o medidor?"),
    ("Quais são os sintomas da gripe?", "Que sintomas tem a gripe?"),
];

const OTHER: [(&str, &str); 60] = [
    ("What is photosynthesis?", "What is chemosynthesis?"),
    ("What are the symptoms of flu?", "What are the causes of flu?"),
    ("What are the symptoms of flu?", "What are the symptoms of bird flu?"),
    ("How many bones are in the hand?", "How many bones are in the foot?"),
    ("How many bones are in the hand?", "Which bones are in the hand?"),
    ("Is the lab open on Sundays?", "Is the lab open on Saturdays?"),
    ("Is the lab open on Sundays?", "Is the lab closed on Sundays?"),
    ("When is the exam?", "When is the second exam?"),
    ("When is the exam?", "Where is the exam?"),
    ("How do I calibrate the pH meter?", "How do I clean the pH meter?"),
    ("How do I calibrate the pH meter?", "How often do I calibrate the pH meter?"),
    ("How do I turn the laser on?", "How do I turn the laser off?"),
    ("What dose is given to adults?", "What dose is given to children?"),
    ("What dose is given to adults?", "What dose is not given to adults?"),
    ("Who discovered penicillin?", "When was penicillin discovered?"),
    ("Who discovered penicillin?", "Who discovered insulin?"),
    ("What is 15% of 200?", "What is 20% of 150?"),
    ("What is 15% of 200?", "What is 15 of 200?"),
    ("What is chapter 3 about?", "What is chapter 4 about?"),
    ("What is chapter III about?", "What is chapter IV about?"),
    ("How far is it in km?", "How far is it in miles?"),
    ("What is the freezing point of water?", "What is the boiling point of water?"),
    ("What is the mean of the sample?", "What is the median of the sample?"),
    ("What does the left ventricle do?", "What does the right ventricle do?"),
    ("What does the left ventricle do?", "What does the left atrium do?"),
    ("Which drugs may be combined?", "Which drugs may not be combined?"),
    ("Which drugs may be combined?", "Which drugs must be combined?"),
    ("Why is the valve opened first?", "Why is the valve opened last?"),
    ("Does Ana supervise Luis?", "Does Luis supervise Ana?"),
    ("Is arsenic heavier than lead?", "Is lead heavier than arsenic?"),
    ("What happens if I press the green button?", "What happens if I press the red button?"),
    ("What happens before the alarm?", "What happens after the alarm?"),
    ("How is the sample heated?", "How is the sample cooled?"),
    ("Can it be used without water?", "Can it be used with water?"),
    ("Can it be used underwater?", "Can it be used with water?"),
    ("What is the integral of e^x?", "What is the integral of e^-x?"),
    ("What is sin(2x)?", "What is sin(x)/2?"),
    ("What is H2O?", "What is H2O2?"),
    ("What is the largest planet?", "What is the smallest planet?"),
    ("Should I call the nurse?", "Should I call the doctor?"),
    ("¿Qué es la fotosíntesis?", "¿Qué no es la fotosíntesis?"),
    ("¿Cuándo es el examen?", "¿Cuánto dura el examen?"),
    ("¿Cuándo es el examen de física?", "¿Cuándo es el examen de química?"),
    ("¿Cuáles son los síntomas de la gripe?", "¿Cuáles son las causas de la gripe?"),
    ("¿Quién descubrió la penicilina?", "¿Cuándo se descubrió la penicilina?"),
    ("¿Cómo se enciende el láser?", "¿Cómo se apaga el láser?"),
    ("¿Qué dosis se da a los adultos?", "¿Qué dosis se da a los niños?"),
    ("¿Cuántos mg se dan?", "¿Cuántos ml se dan?"),
    ("¿Qué es el pulmón derecho?", "¿Qué es el pulmón izquierdo?"),
    ("¿Se puede usar con agua?", "¿Se puede usar sin agua?"),
    ("¿Cuál es la temperatura máxima?", "¿Cuál es la temperatura mínima?"),
    ("¿De qué trata el capítulo 3?", "¿De qué trata el capítulo 13?"),
    ("O que é a fotossíntese?", "O que é a quimiossíntese?"),
    ("Quando é a prova?", "Onde é a prova?"),
    ("Quais são os sintomas da gripe?", "Quais não são os sintomas da gripe?"),
    ("Como se liga o laser?", "Como se desliga o laser?"),
    ("O que se faz antes da biópsia?", "O que se faz depois da biópsia?"),
    ("Quantos dias dura?", "Quantas horas dura?"),
    ("Qual é a menor dose?", "Qual é a maior dose?"),
    ("Quem supervisiona a Ana?", "Quem a Ana supervisiona?"),
];

#[expect(clippy::disallowed_methods, reason = "the model lies outside of the project, where its runner says")]
fn source() -> Option<EncoderSource> {
    let Some(folder) = std::env::var_os("DOCENT_TEST_MODEL").map(PathBuf::from) else {
        println!("by the guards alone: DOCENT_TEST_MODEL names no folder of a model");
        return None;
    };
    Some(EncoderSource {
        id: "all-MiniLM-L6-v2".to_owned(),
        folder,
        max_tokens: None,
        query_prefix: String::new(),
        passage_prefix: String::new(),
        pooling: None,
        normalize: true,
    })
}

#[test]
fn questions_that_were_written_apart_from_the_guards_are_not_mixed_up() {
    let mut analysers = Analysers::default();
    let mut guarded = |pairs: &[(&'static str, &'static str)]| -> Vec<(&'static str, &'static str)> {
        pairs.iter().copied().filter(|(one, other)| asks_the_same(one, other, &mut analysers)).collect()
    };
    let (same, other) = (guarded(&SAME), guarded(&OTHER));
    println!(
        "guards alone: {} of {} paraphrases, {} of {} near misses",
        same.len(),
        SAME.len(),
        other.len(),
        OTHER.len()
    );
    for pair in &same {
        println!("  same: {pair:?}");
    }
    let Some(source) = source() else {
        assert!(other.is_empty(), "{other:?}");
        return;
    };
    let embedder = open_embedder(source, NonZeroUsize::MIN, Arc::new(SystemClock)).unwrap();
    let cosine = |(one, other): &(&str, &str)| -> f32 {
        let vectors = embedder.embed(&[one, other], Role::Question, Urgency::Ask).unwrap();
        vectors[0].iter().zip(&vectors[1]).map(|(a, b)| a * b).sum()
    };
    let likenesses = |pairs: &[(&str, &str)]| pairs.iter().map(cosine).collect::<Vec<f32>>();
    let (all_same, all_other) = (likenesses(&SAME), likenesses(&OTHER));
    let (kept_same, kept_other) = (likenesses(&same), likenesses(&other));
    for least in [0.7, 0.75, 0.8, 0.85, 0.9, 0.95] {
        let above = |cosines: &[f32]| cosines.iter().filter(|cosine| **cosine >= least).count();
        println!(
            "from {least}: {} paraphrases and {} near misses by likeness alone, {} and {} with the guards",
            above(&all_same),
            above(&all_other),
            above(&kept_same),
            above(&kept_other)
        );
    }
    assert!(other.is_empty(), "{other:?}");
}

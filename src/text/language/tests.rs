//! Questions and texts as people write them, and counts over public question sets where those are at hand.

use std::collections::BTreeMap;
use std::path::PathBuf;

use unicode_normalization::UnicodeNormalization;

use super::*;
use crate::domain::Language::{self, *};

#[track_caller]
fn check_questions(language: Language, questions: &[&str]) {
    let found: Vec<_> = questions.iter().map(|question| (*question, detect_question_language(question, &[]))).collect();
    assert_eq!(found, questions.iter().map(|question| (*question, language)).collect::<Vec<_>>());
}

#[test]
fn questions_with_and_without_accents() {
    check_questions(
        Spanish,
        &[
            "¿Qué es la función derivada?",
            "que es la funcion derivada",
            "cuanto dura la quimioterapia",
            "como se llama el profesor",
            "quien descubrio la penicilina",
            "efectos secundarios de la radioterapia",
            "sintomas del cancer de pulmon",
            "para que sirve una centrifuga",
            "donde esta la ducha de emergencia",
            "es peligroso mezclar acidos",
            "define el limite",
            "que pasa si no uso guantes",
            "¿Y si el paciente fuma?",
            "regla de la cadena",
            "que significa metastasis",
            "cuales son los tipos de cancer",
        ],
    );
    check_questions(
        Portuguese,
        &[
            "O que é uma derivada?",
            "o que e uma derivada",
            "quanto tempo dura a quimioterapia",
            "como se chama o professor",
            "quem descobriu a penicilina",
            "efeitos colaterais da radioterapia",
            "sintomas do cancer de pulmao",
            "para que serve uma centrifuga",
            "onde fica o chuveiro de emergencia",
            "e perigoso misturar acidos",
            "qual a regra da cadeia",
            "que acontece se eu nao usar luvas",
            "posso comer no laboratorio",
            "quais sao os tipos de cancer",
            "em que ano nasceu Newton",
            "existe lei sobre a transferencia",
        ],
    );
    check_questions(
        English,
        &[
            "What is a derivative?",
            "how long does chemotherapy take",
            "who discovered penicillin",
            "side effects of radiotherapy",
            "symptoms of lung cancer",
            "where is the emergency shower",
            "can I eat in the lab",
            "the chain rule",
            "define limit",
        ],
    );
    check_questions(German, &["Was ist eine Ableitung?", "wie lange dauert die Chemotherapie", "wo ist die Notdusche"]);
    check_questions(
        French,
        &["Qu'est-ce qu'une dérivée ?", "combien de temps dure la chimiotherapie", "qui a découvert"],
    );
    check_questions(
        Italian,
        &["Che cos'è una derivata?", "quanto dura la chemioterapia", "chi ha scoperto la penicillina"],
    );
    check_questions(
        Catalan,
        &["Què és una derivada?", "quant dura la quimioteràpia", "qui va descobrir la penicil·lina"],
    );
    check_questions(Romanian, &["Ce este o derivată?", "cat dureaza chimioterapia", "cine a descoperit penicilina"]);
    check_questions(Dutch, &["Wat is een afgeleide?", "hoe lang duurt chemotherapie", "waarom is de hemel blauw"]);
    check_questions(Danish, &["Hvad er en afledt funktion?", "hvor længe varer kemoterapi"]);
    check_questions(Norwegian, &["Hva er en derivert?", "hvor lenge varer cellegift"]);
    check_questions(Swedish, &["Vad är en derivata?", "hur länge varar cellgifter"]);
    check_questions(Finnish, &["Mikä on derivaatta?", "kuinka kauan kemoterapia kestää"]);
    check_questions(Hungarian, &["Mi az a derivált?", "meddig tart a kemoterápia"]);
    check_questions(Turkish, &["Türev nedir?", "kemoterapi ne kadar sürer"]);
    check_questions(Polish, &["Co to jest pochodna?", "jak długo trwa chemioterapia"]);
    check_questions(Czech, &["Co je to derivace?", "jak dlouho trvá chemoterapie"]);
    check_questions(Vietnamese, &["Đạo hàm là gì?", "hóa trị kéo dài bao lâu"]);
    check_questions(Russian, &["Что такое производная?", "сколько длится химиотерапия"]);
    check_questions(Ukrainian, &["Що таке похідна?", "скільки триває хіміотерапія"]);
    check_questions(Greek, &["Τι είναι παράγωγος;"]);
    check_questions(Arabic, &["ما هي المشتقة؟"]);
    check_questions(Hebrew, &["מהי נגזרת?"]);
    check_questions(Hindi, &["अवकलज क्या है?"]);
    check_questions(Tamil, &["வகைக்கெழு என்றால் என்ன?"]);
    check_questions(Thai, &["อนุพันธ์คืออะไร"]);
    check_questions(Chinese, &["什么是导数？"]);
    check_questions(Japanese, &["導関数とは何ですか"]);
    check_questions(Korean, &["도함수란 무엇인가요?"]);
}

#[test]
fn the_library_settles_what_a_question_leaves_open() {
    let check = |question, library: &[Language], language| {
        assert_eq!(detect_question_language(question, library), language, "{question:?} {library:?}");
    };
    check("penicillium chrysogenum", &[], Other);
    check("", &[], Other);
    check("42", &[Portuguese, English], Portuguese);
    check("total", &[Portuguese, English], Portuguese);
    check("regras de seguranca", &[Spanish, Portuguese], Portuguese);
    check("導関数", &[], Chinese);
    check("導関数", &[Japanese], Japanese);
    check("how long does it take", &[Spanish], English);
    check("quanto dura a aula", &[Spanish, Portuguese], Portuguese);
}

#[test]
fn documents() {
    let check = |text: &str, language| assert_eq!(detect_language(text), language, "{:.60}", text);
    check("", Other);
    check("12; 34; 56\n78; 90", Other);
    check("Seguridad en el laboratorio\n\nUse guantes. No coma.", Spanish);
    check("| Fármaco | Dosis |\n|---|---|\n| Cisplatino | 75 mg |\nLas dosis se dan cada tres semanas.", Spanish);
    check("SEGURANÇA NO LABORATÓRIO\nNÃO COMA. USE LUVAS.", Portuguese);
    check("Segurança no laborato\u{301}rio: na\u{303}o coma, use luvas.", Portuguese);
    let mixed = format!(
        "{}{}",
        "This file is free for all to use and share. ".repeat(20),
        "La dosis se calcula con el peso del paciente. ".repeat(900)
    );
    check(&mixed, Spanish);
    check("Semua orang dilahirkan merdeka dan mempunyai martabat dan hak yang sama.", Other);
    check("Watu wote wamezaliwa huru, hadhi na haki zao ni sawa.", Other);
    check("Gizon-emakume guztiak aske jaiotzen dira, duintasun eta eskubide berberak dituztela.", Other);
    check("همه افراد بشر آزاد به دنیا می‌آیند و پرچم گران", Other);
    check("Ова је реченица на српском језику и њен писац је познат.", Other);
}

/// Floors for one question set: questions, questions without accents and marks, paragraphs, the same without accents.
struct Floors {
    file: &'static str,
    language: Language,
    least: [f64; 4],
}

const FLOORS: &[Floors] = &[
    Floors { file: "xquad.en", language: English, least: [0.998, 0.998, 1.0, 1.0] },
    Floors { file: "xquad.es", language: Spanish, least: [0.998, 0.993, 1.0, 1.0] },
    Floors { file: "xquad.de", language: German, least: [0.995, 0.995, 1.0, 1.0] },
    Floors { file: "xquad.ro", language: Romanian, least: [0.998, 0.995, 1.0, 1.0] },
    Floors { file: "faquad-dev", language: Portuguese, least: [0.98, 0.98, 1.0, 1.0] },
    Floors { file: "squad-es-dev", language: Spanish, least: [0.998, 0.993, 0.999, 0.999] },
];

#[test]
#[allow(clippy::disallowed_methods, reason = "tests have no settings")]
fn holds_over_public_question_sets() {
    let Some(data) = std::env::var_os("DOCENT_EVAL_DATA").map(PathBuf::from) else {
        println!("skipped: DOCENT_EVAL_DATA is not set");
        return;
    };
    let plain = |text: &String| text.nfd().filter(|c| !matches!(c, '\u{300}'..='\u{36f}' | '¿' | '¡' | '?')).collect();
    for Floors { file, language, least } in FLOORS {
        let (questions, paragraphs) = squad(&data.join(format!("qa/{file}.json")));
        let plain_questions = questions.iter().map(plain).collect();
        let plain_paragraphs = paragraphs.iter().map(plain).collect();
        let in_question: fn(&str) -> Language = |text| detect_question_language(text, &[]);
        let passes = [
            ("questions", questions, in_question),
            ("plain questions", plain_questions, in_question),
            ("paragraphs", paragraphs, detect_language),
            ("plain paragraphs", plain_paragraphs, detect_language),
        ];
        for ((what, texts, detect), least) in passes.into_iter().zip(least) {
            let mut found = BTreeMap::new();
            for text in &texts {
                let detected = detect(text);
                *found.entry(detected).or_insert(0) += 1;
            }
            let share = f64::from(found.get(language).copied().unwrap_or(0)) / texts.len() as f64;
            println!("{file}, {what}: {share:.4} {found:?}");
            assert!(share >= *least, "{file}, {what}: {share} below {least}");
        }
    }
}

fn squad(path: &std::path::Path) -> (Vec<String>, Vec<String>) {
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let string = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut questions = Vec::new();
    let mut paragraphs = Vec::new();
    for paragraph in json["data"].as_array().unwrap().iter().flat_map(|topic| topic["paragraphs"].as_array().unwrap()) {
        paragraphs.push(string(&paragraph["context"]));
        questions.extend(paragraph["qas"].as_array().unwrap().iter().map(|qa| string(&qa["question"])));
    }
    (questions, paragraphs)
}

//! Sentences as people would tell them apart, by language, and what holds for any text.

use proptest::prelude::*;

use super::scan::{LONGEST, LONGEST_THAI};
use super::*;
use crate::domain::Language;
use crate::domain::Language::*;

/// `expected` separates the sentences with `|`.
#[track_caller]
fn check(language: Language, expected: &str) {
    let text = expected.replace('|', "");
    check_apart(language, &text, &expected.split('|').map(str::trim).collect::<Vec<_>>());
}

#[track_caller]
fn check_apart(language: Language, text: &str, expected: &[&str]) {
    let found: Vec<&str> = sentences(text, language).into_iter().map(|range| &text[range]).collect();
    assert_eq!(found, expected);
}

#[test]
fn spanish() {
    let check = |expected| check(Spanish, expected);
    check("La Dra. Pérez llegó. |El Sr. Gómez y la Sra. Ruiz no.");
    check("¿Usted, Ud. mismo, lo hizo? |¡Sí! |Bien.");
    check("Si llueve, ¿qué hacemos? nada. |Y si no, ¡fiesta! dijo ella.");
    check("¿Quién? |¿Cuándo?");
    check("Los EE. UU. firmaron. |Vive en EE. UU. |La economía crece.");
    check("Hay frutas, p. ej. Manzanas reinetas, peras, etc. |También verduras, etc., y pan.");
    check("Véase la pág. 12 y el núm. 3 del art. 5. |Fin.");
    check("Pesa 3.5 kg y cuesta 1.000,50 euros. |El 1.º de mayo y la 2.ª vez.");
    check("Leyó a J. R. R. Tolkien y a G. García Márquez. |Después durmió.");
    check("La derivada respecto a x. |Entonces vale 2. |El punto P. |Entonces crece f(x).");
    check("Dijo: «Voy mañana.» |Luego calló. |“Es así.” |(Véase la fig. 2.) |Otra.");
    check("No sé... quizá mañana. |Bueno... |Vale… |Sí.");
    check("Nació en el s. XIX a. C. en Roma. |Murió en el 44 a. C. |En Roma lloraron.");
    check("Véase https://ejemplo.org/a.b?c=d. |El archivo notas.v2.txt está en docs/. |La versión 1.2.3. |Fin.");
    check("—¡Ay! —dijo Juan. |—¿Qué pasa? —preguntó Ana.");
    check("Son las 8 a. m. |El tren sale a las 9 p. m. de Madrid.");
    check("El ADN es largo.[12] |El ARN no.[3][4] |Fin.");
}

#[test]
fn portuguese() {
    let check = |expected| check(Portuguese, expected);
    check("O Exmo. Sr. Presidente chegou. |A Dra. Ana, não.");
    check("Veja a pág. 3, o art. 5.º e o n.º 7. |Custa R$ 1.234,56. |Fim.");
    check("O que é uma derivada? |É uma taxa de variação. |Nasceu em 1990. |Morreu em 2010.");
    check("Leva água, sal, etc. |A Profa. Lima explicou, p. ex. Newton e Leibniz.");
    check("“É assim.” |Disse o Prof. Souza. |Trabalha na Silva Ltda. em Lisboa.");
}

#[test]
fn english() {
    let check = |expected| check(English, expected);
    check("Mr. Smith met Dr. Jones. |They talked.");
    check("The U.S. Army left the U.S. |The war ended.");
    check("Use soap, e.g. Castile soap, i.e. the mild kind. |See Fig. 3 and No. 5. |The answer is no. |Then stop.");
    check("Cats vs. Dogs is a film. |It cost $3.5 million in Jan. 2020. |OK.");
    check("\"Go!\" he said. |\"Why?\" |She left.");
    check("In Brown v. Board (c. 1954, p. 3, etc. ) they won. |Then . . . it ended.");
    check("Take vitamin C. |It helps. |Plan B. |The end.");
    check("Smith et al. found it at Acme Inc. in 1990. |He works at Acme Inc. |The firm grew.");
    check("iPhone sales fell. |iPads rose. |mRNA is short. |pH is 7.");
    check("Really?! |Yes... |Well, no... not that. |Wait . . . what?");
    check("The file is main.rs. |Visit example.com. |Version 2.0 is out!");
    check("Call at 5 p.m. |The office is open. |She has a Ph.D. in physics.");
}

#[test]
fn other_latin_scripts() {
    check(German, "Am 3. Oktober war z. B. Herr Dr. Meier da, d. h. nicht weg. |Es waren 30. |Die gingen.");
    check(German, "Im 2. Weltkrieg usw. |Der Film endete 1945. |Das Jahr begann.");
    check(French, "M. Dupont et Mme. Curie, p. ex., sont là. |C'est tout. |« Oui ! » |Bien.");
    check(Italian, "Il Sig. Rossi e la Dott.ssa Bianchi. |Pane, vino, ecc. |Ecco.");
    check(Romanian, "Dl. Popescu, nr. 5, str. Lungă. |A plecat.");
    check(Dutch, "Dhr. Jansen kwam bijv. Maandag. |Hij ging.");
    check(Russian, "Он родился в 1990 г. в Москве. |Там жил А. С. Пушкин. |Да.");
}

#[test]
fn scripts_without_capitals_or_spaces() {
    check_apart(
        Chinese,
        "什么是导数？它是变化率。“很好！”他说。",
        &["什么是导数？", "它是变化率。", "“很好！”", "他说。"],
    );
    check_apart(
        Japanese,
        "「はい。」そうです。GPU 3.5は速い!本当?",
        &["「はい。」", "そうです。", "GPU 3.5は速い!", "本当?"],
    );
    check(Hindi, "यह एक वाक्य है। |यह दूसरा है।");
    check(Arabic, "ما هي المشتقة؟ |هي معدل التغير. |نعم!");
    check(Korean, "이것은 문장입니다. |저것도 문장입니다.");
    check(Thai, "ภาษาไทยไม่มีจุด แต่มีช่องว่าง");
    let long = "ภาษาไทยไม่มีจุด ".repeat(40);
    let found = sentences(&long, Thai);
    assert!(found.len() > 3 && found.iter().all(|range| range.len() <= LONGEST_THAI), "{found:?}");
    assert!(found.iter().all(|range| long[range.clone()].ends_with("จุด")));
}

#[test]
fn text_without_capitals() {
    check(Portuguese, "o aluno deve pedir. |atendidas as condições, p. ex. notas, segue. |fim.");
    check(Portuguese, "O aluno deve pedir. atendidas as condições.");
}

#[test]
fn a_space_is_missing() {
    check_apart(Spanish, "Las células crecen.Los fármacos actúan.", &["Las células crecen.", "Los fármacos actúan."]);
    check_apart(English, "»Halt!« sagte er.", &["»Halt!« sagte er."]);
    check(English, "See notes.Final.txt and system.Out(x) and www.Example.org today.");
}

#[test]
fn lines() {
    check_apart(English, "1. Wash hands.\n2. Wear gloves", &["1. Wash hands.", "2. Wear gloves"]);
    check_apart(English, "IV. Results\n\nThey hold.", &["IV. Results", "They hold."]);
    check_apart(
        Spanish,
        "La derivada de una función mide la rapidez con la que\ncambia su valor. La integral\nes su inversa.",
        &["La derivada de una función mide la rapidez con la que\ncambia su valor.", "La integral\nes su inversa."],
    );
    check_apart(
        Spanish,
        "Introducción\nLa quimioterapia usa fármacos para destruir las células\ncancerosas; se usa desde hace años en el Hospital\nGeneral",
        &[
            "Introducción",
            "La quimioterapia usa fármacos para destruir las células\ncancerosas; se usa desde hace años en el Hospital\nGeneral",
        ],
    );
    check_apart(Spanish, "Materiales:\n- guantes\n- gafas", &["Materiales:", "- guantes", "- gafas"]);
    check_apart(
        Spanish,
        "Lavarse las manos\r\nUsar guantes\r\nNo comer",
        &["Lavarse las manos", "Usar guantes", "No comer"],
    );
    check(Spanish, "Capítulo 3. La derivada. |Figura 2.1. Una curva. |Tema IV. Límites. |Tiene 3. |Son muchos.");
    check_apart(English, "a) first\nb) second", &["a) first", "b) second"]);
}

#[test]
fn a_stretch_without_end_is_cut_at_words() {
    let text = "palabra otra ".repeat(1000);
    let found = sentences(&text, Spanish);
    assert!(
        found
            .iter()
            .all(|range| range.len() <= LONGEST && range.len() > LONGEST / 2 - 20 || range.end + 1 == text.len())
    );
    assert!(
        found.iter().all(|range| text[range.clone()].ends_with("palabra") || text[range.clone()].ends_with("otra"))
    );
    assert_eq!(sentences(&"x".repeat(4000), Other).len(), 3);
}

#[test]
fn hostile_text_takes_no_longer_than_other_text() {
    for piece in [". ", "\n", "\n ", "((", ".(", "?\n(", "!", "[1", ".[1", "…", "a.\n", "1.\n", "¿", "。", "- ", "A. "]
    {
        let text = piece.repeat(2_000_000 / piece.len());
        sentences(&text, Spanish);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn covers_all_but_white_space(
        pieces in prop::collection::vec("[a-zñA-Z]{1,9}|[.?!…。]{1,3}|[0-9]{1,4}|\\n|\\n\\n| |  |[«»\"(¿¡\\[\\])—-]|Dr\\.|\\PC", 0..120),
        language in prop::sample::select(vec![Spanish, English, German, Thai, Chinese, Other]),
    ) {
        let text = pieces.concat();
        let found = sentences(&text, language);
        let mut end = 0;
        for range in &found {
            prop_assert!(range.start >= end && range.start < range.end);
            prop_assert!(text[end..range.start].trim().is_empty());
            prop_assert_eq!(text[range.clone()].trim(), &text[range.clone()]);
            end = range.end;
        }
        prop_assert!(text[end..].trim().is_empty());
    }
}

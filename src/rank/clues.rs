//! Signs that a sentence holds the kind of thing a question wants: figures, dates, names, reasons, definitions.

use crate::domain::Language;
use crate::rank::extract::Asked;
use crate::rank::question::{Wanted, find_phrase, plain};
use crate::text::fold;

/// From 0 (no sign of it) to 1.
pub(crate) fn clue(sentence: &str, asked: &Asked<'_>, language: Language) -> f32 {
    let question = asked.folded.as_str();
    match asked.wanted {
        Wanted::Number => {
            if new_words(sentence, question).any(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
                1.0
            } else if holds_any(sentence, numerals(language)) {
                0.7
            } else {
                0.0
            }
        }
        Wanted::Time => {
            if new_words(sentence, question).any(is_year) {
                1.0
            } else if holds_any(sentence, times(language)) {
                0.7
            } else if new_words(sentence, question).any(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
                0.4
            } else {
                0.0
            }
        }
        Wanted::Person | Wanted::Place => {
            let names = names(sentence, question);
            match names {
                0 => 0.0,
                1 => 0.7,
                _ => 1.0,
            }
        }
        Wanted::Reason => f32::from(u8::from(holds_any(sentence, reasons(language)))),
        Wanted::Meaning => defines(sentence, asked, language),
        Wanted::Manner | Wanted::Anything => 0.0,
    }
}

fn words(sentence: &str) -> impl Iterator<Item = &str> {
    sentence.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn new_words<'a>(sentence: &'a str, question: &'a str) -> impl Iterator<Item = &'a str> {
    words(sentence).filter(move |word| !question.contains(&folded(word)))
}

fn folded(word: &str) -> String {
    let mut folded = String::new();
    fold(word, &mut folded);
    folded
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit()) && matches!(word.as_bytes()[0], b'1' | b'2')
}

/// Words with a capital that do not begin the sentence and that the question does not name.
fn names(sentence: &str, question: &str) -> usize {
    words(sentence)
        .skip(1)
        .filter(|word| word.starts_with(char::is_uppercase) && word.chars().nth(1).is_some_and(char::is_alphabetic))
        .filter(|word| !question.contains(&folded(word)))
        .count()
}

/// `phrases` are folded and parted by `|`.
fn holds_any(sentence: &str, phrases: &str) -> bool {
    let sentence = plain(sentence);
    phrases.split('|').any(|phrase| find_phrase(&sentence, phrase).is_some())
}

/// A sentence that says what something is begins with it: `A derivative is the limit of …`, `Una biopsia consiste en …`
fn defines(sentence: &str, asked: &Asked<'_>, language: Language) -> f32 {
    let words = plain(sentence);
    let Some(at) = definitions(language).split('|').filter_map(|phrase| find_phrase(&words, phrase)).min() else {
        return 0.0;
    };
    let mut subject = words[..at].split_whitespace();
    let named = asked.probes.first().is_some_and(|probe| subject.clone().any(|word| word == folded(&probe.written)));
    if named && subject.by_ref().count() <= LONGEST_SUBJECT { 1.0 } else { 0.3 }
}

/// In words, with articles and qualifiers.
const LONGEST_SUBJECT: usize = 7;

fn numerals(language: Language) -> &'static str {
    match language {
        Language::Spanish => {
            "dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|veinte|treinta|cien|ciento|mil|\
                              millon|millones|mitad|tercio|cuarto|ningun|ninguno|doble|docena|par|unico|unica|varios"
        }
        Language::Portuguese => {
            "dois|duas|tres|quatro|cinco|seis|sete|oito|nove|dez|onze|doze|vinte|trinta|cem|cento|mil|\
                                 milhao|milhoes|metade|terco|quarto|nenhum|dobro|duzia|par|unico|unica|varios"
        }
        Language::German => {
            "zwei|drei|vier|funf|sechs|sieben|acht|neun|zehn|elf|zwolf|zwanzig|dreissig|hundert|tausend|\
                             million|millionen|milliarden|halfte|drittel|viertel|dutzend|keine|einzige"
        }
        Language::French => {
            "deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|vingt|trente|cent|mille|million|\
                             millions|moitie|tiers|quart|aucun|double|douzaine"
        }
        Language::Italian => {
            "due|tre|quattro|cinque|sei|sette|otto|nove|dieci|undici|dodici|venti|trenta|cento|mille|\
                              milioni|meta|terzo|quarto|nessuno|doppio|dozzina"
        }
        Language::Romanian => {
            "doi|doua|trei|patru|cinci|sase|sapte|opt|noua|zece|unsprezece|doisprezece|douazeci|treizeci|\
                               suta|sute|mii|milion|milioane|miliarde|jumatate|treime|sfert|niciun|dublu"
        }
        _ => {
            "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|hundreds|\
              thousand|thousands|million|millions|billion|half|third|quarter|none|twice|double|dozen|pair|several|single"
        }
    }
}

fn times(language: Language) -> &'static str {
    match language {
        Language::Spanish => {
            "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|\
                              siglo|siglos|decada|anos|ano|lunes|martes|miercoles|jueves|viernes|sabado|domingo|dias|horas|\
                              semanas|meses|despues|antes|primavera|verano|otono|invierno|ac|dc"
        }
        Language::Portuguese => {
            "janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro|\
                                 seculo|seculos|decada|anos|ano|segunda|terca|quarta|quinta|sexta|sabado|domingo|dias|horas|\
                                 semanas|meses|depois|antes|prazo|ate"
        }
        Language::German => {
            "januar|februar|marz|april|mai|juni|juli|august|september|oktober|november|dezember|\
                             jahrhundert|jahrhunderts|jahrzehnt|jahre|jahren|jahr|montag|dienstag|mittwoch|donnerstag|freitag|\
                             samstag|sonntag|tage|stunden|wochen|monate|nach|vor|fruhling|sommer|herbst|winter"
        }
        Language::French => {
            "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|siecle|\
                             decennie|ans|annee|annees|jours|heures|semaines|mois|apres|avant"
        }
        Language::Italian => {
            "gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre|\
                              secolo|decennio|anni|anno|giorni|ore|settimane|mesi|dopo|prima"
        }
        Language::Romanian => {
            "ianuarie|februarie|martie|aprilie|mai|iunie|iulie|august|septembrie|octombrie|noiembrie|\
                               decembrie|secol|secolul|secole|deceniu|ani|anul|anii|zile|ore|saptamani|luni|dupa|inainte"
        }
        _ => {
            "january|february|march|april|may|june|july|august|september|october|november|december|century|centuries|\
              decade|decades|years|year|monday|tuesday|wednesday|thursday|friday|saturday|sunday|days|hours|minutes|weeks|\
              months|after|before|spring|summer|autumn|fall|winter|bc|ad|bce|ce"
        }
    }
}

fn reasons(language: Language) -> &'static str {
    match language {
        Language::Spanish => {
            "porque|debido|ya que|puesto que|dado que|a causa de|por eso|por ello|para|por tanto|gracias a|\
                              causa|causado|causada|razon|motivo|con el fin de|a fin de|pues|como resultado|provoca"
        }
        Language::Portuguese => {
            "porque|devido|ja que|uma vez que|visto que|por causa|por isso|para|portanto|gracas a|causa|\
                                 causado|causada|razao|motivo|a fim de|com o objetivo|pois|como resultado|provoca"
        }
        Language::German => {
            "weil|da|denn|wegen|aufgrund|um|damit|deshalb|daher|grund|ursache|dadurch|verursacht|infolge"
        }
        Language::French => "parce que|car|en raison|a cause|puisque|afin|pour|grace a|raison|cause|donc|du fait",
        Language::Italian => "perche|poiche|a causa|dovuto|siccome|affinche|per|grazie a|ragione|motivo|quindi|causa",
        Language::Romanian => {
            "deoarece|pentru ca|din cauza|datorita|intrucat|fiindca|astfel incat|pentru a|motivul|motiv|cauza"
        }
        _ => {
            "because|since|due|so that|in order|as a result|therefore|thus|reason|reasons|caused|cause|causes|owing|\
              thanks to|for this|to avoid|to prevent|result|led to|why"
        }
    }
}

fn definitions(language: Language) -> &'static str {
    match language {
        Language::Spanish => {
            "es un|es una|es el|es la|son|se define|se llama|se denomina|se conoce|significa|consiste|fue un|\
                              fue una|se entiende|se refiere|designa|es decir"
        }
        Language::Portuguese => {
            "e um|e uma|e o|e a|sao|define se|chama se|denomina se|e conhecido|significa|consiste|foi um|\
                                 foi uma|entende se|refere se|designa|ou seja|e definida|e definido"
        }
        Language::German => {
            "ist ein|ist eine|ist der|ist die|ist das|sind|bezeichnet|nennt man|heisst|bedeutet|war ein|war eine"
        }
        Language::French => "est un|est une|est le|est la|sont|designe|signifie|s appelle|consiste|etait un|etait une",
        Language::Italian => "e un|e una|e il|e la|sono|si chiama|significa|consiste|era un|era una|si definisce",
        Language::Romanian => "este un|este o|este|sunt|inseamna|se numeste|reprezinta|consta|a fost un|a fost o",
        _ => {
            "is a|is an|is the|are|means|refers to|is called|are called|is defined|known as|was a|was an|was the|were|consists"
        }
    }
}

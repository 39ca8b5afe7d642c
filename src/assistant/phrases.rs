//! The few sentences docent says itself, in the asker's language.

use crate::domain::Language;

pub(crate) fn nothing_found(language: Language) -> &'static str {
    match language {
        Language::Spanish => "Nada en sus documentos responde a esta pregunta.",
        Language::Portuguese => "Nada nos seus documentos responde a esta pergunta.",
        Language::French => "Rien dans vos documents ne répond à cette question.",
        Language::Italian => "Niente nei suoi documenti risponde a questa domanda.",
        Language::Catalan => "Res en els vostres documents no respon a aquesta pregunta.",
        Language::Romanian => "Nimic din documentele dumneavoastră nu răspunde la această întrebare.",
        Language::German => "Nichts in Ihren Dokumenten beantwortet diese Frage.",
        Language::Dutch => "Niets in uw documenten beantwoordt deze vraag.",
        _ => "Nothing in your documents answers this question.",
    }
}

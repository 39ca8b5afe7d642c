//! After which short words does a full stop not end the sentence? Only data, by language.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::domain::Language;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Abbreviation {
    /// Something always follows: `Dr.`, `Sra.`, `p. ej.`
    Open,
    /// A number follows, or it is a plain word at the end of a sentence: `No. 5`, `art. 3`.
    BeforeNumber,
    /// May close a sentence, when a capital follows: `etc.`
    Closing,
    /// May close a sentence, when a small word with a capital follows: `Inc.`, `EE. UU.`
    Name,
}

type Table = (&'static str, &'static str, &'static str, &'static str);

/// Open, before a number, closing, name; in lower case. Every language takes part of the first.
const COMMON: Table = (
    "dr dra prof sr sra st mr mrs ms v vs cf eds ed ca",
    "fig figs nr núm num art tab cap vol pp p pág pag vers",
    "etc",
    "al inc ltd jr co corp bros s.a s.l ph.d u.s u.k u.n",
);

fn table(language: Language) -> Option<Table> {
    use Language::*;
    Some(match language {
        English => (
            "messrs mmes rev hon gen col maj capt cmdr lt sgt cpl pres gov sen rep mt ft eg ie viz approx dept est esp \
             incl resp min max adm supt",
            "no nos eq eqs sec sect ch chap para ref refs ex jan feb mar apr jun jul aug sep sept oct nov dec",
            "",
            "llc esq ave blvd rd a.m p.m b.c a.d d.c",
        ),
        Spanish => (
            "dª dña dn sto sta srs sras srta srtas drs dras gral cnel cap tte lic ing arq ej exc excmo excma ilmo ilma \
             mons fr pbro avda av ctra ntra ntro aprox vid máx mín tel ext dpto depto prov",
            "n nº no nro págs pags arts caps inc párr ap apdo ec ecs ss fol ene feb mar abr may jun jul ago sep sept \
             set oct nov dic",
            "",
            "ud uds vd vds uu ee.uu ee rr.hh hh cía s.a.u a.c d.c a.m p.m m.n",
        ),
        Portuguese => (
            "sto sta srs sras srta srtas drs dras exmo exma ilmo ilma eng arq gen cel cap ten sgt av ex pe fr \
             profa profª prof.ª aprox máx mín tel dep depto prov v.ex v.s",
            "n nº no págs pags arts caps inc par ss fl fls séc jan fev mar abr mai jun jul ago set out nov dez",
            "",
            "cia ltda v.exa eua s.a a.c d.c a.m p.m",
        ),
        French => (
            "mm mme mmes mlle mlles me mgr dr drs pr st ste ex env av bd cad c.-à-d",
            "n no nos art chap fig p pp t vol éq janv févr avr juil sept oct nov déc",
            "",
            "cie av j.-c",
        ),
        Italian => (
            "sig sigg sig.ra sig.na dott dott.ssa prof.ssa ing avv arch on es ecc.mo geom rag mons egr gent spett ved",
            "n nn pag pagg artt sez cap gen feb mar apr mag giu lug ago sett ott nov dic",
            "ecc",
            "s.p.a s.r.l a.c d.c",
        ),
        Romanian => {
            ("dl dna d-na d-l acad ing av ex str bd", "nr pag alin lit sec cap", "etc ș.a", "s.a s.r.l î.hr d.hr")
        }
        German => (
            "hr fr frl hrn dipl ing bzw ca ggf evtl inkl exkl bspw sog vgl st zzgl geb gest mind max str abs \
             allg betr einschl insb insbes m.e s.o s.u z.b d.h u.a o.ä",
            "nr s bd kap abb abs aufl ziff anm jan feb mär apr jun jul aug sept okt nov dez",
            "usw usf",
            "gmbh v.chr n.chr chr u.a",
        ),
        Dutch => (
            "dhr mevr mw drs ir ing mr bijv bv d.w.z o.a m.b.t i.v.m t.o.v z.g zgn ca incl excl max min resp",
            "nr blz hfst afb art jan feb mrt apr jun jul aug sept okt nov dec",
            "enz",
            "n.v b.v n.chr v.chr",
        ),
        Danish | Norwegian | Swedish => (
            "hr fr ca bl.a f.eks t.ex dvs d.v.s evt ev inkl ekskl exkl jf jfr kl pga p.g.a mfl",
            "nr s kap fig bd jan feb mar apr jun jul aug sep sept okt nov dec",
            "osv m.m m.v",
            "a/s",
        ),
        Polish | Czech => (
            "np tzn tj m.in mgr inż prof hab ks św ul al im woj gen płk mjr kpt red wg ok pt tzv např mj resp mudr ing \
             phdr doc sv cca",
            "nr s str r t art rys tab poz ust č obr kap",
            "itd itp atd apod aj",
            "sp a.s s.r.o",
        ),
        Hungarian => ("pl ill kb ún dr ifj id özv prof stb", "sz old", "stb", "kft bt rt zrt"),
        Finnish => ("esim ns mm tri prof n ks vrt", "nro s", "jne ym yms", "oy"),
        Turkish => ("örn dr prof doç sn bkz av yrd", "no s cilt", "vb vs", "a.ş ltd"),
        Russian | Ukrainian => (
            "г гг т.е т.к т.н им проф акад ул пр св ср см напр тов гр",
            "рис табл стр с гл п пп ст № н",
            "т.д т.п др",
            "н.э",
        ),
        _ => return None,
    })
}

type Entries = HashMap<&'static str, Abbreviation>;

/// One per language, [`Language::Other`] included; filled when first asked.
static ENTRIES: [OnceLock<Entries>; Language::KNOWN.len() + 1] = [const { OnceLock::new() }; Language::KNOWN.len() + 1];

/// The longest entry, in bytes.
const LONGEST: usize = 10;

/// What the word before a full stop (without that stop) is an abbreviation of, if of anything.
pub(super) fn abbreviation(word: &str, language: Language) -> Option<Abbreviation> {
    if word.len() > LONGEST {
        return None;
    }
    let entries = ENTRIES[language as usize].get_or_init(|| entries(language));
    if word.bytes().all(|b| b.is_ascii_lowercase() || b == b'.') {
        return entries.get(word).copied();
    }
    entries.get(word.to_lowercase().as_str()).copied()
}

/// Where a word stands in two lists, the safer reading wins: what a full stop splits cannot be put together again.
fn entries(language: Language) -> Entries {
    let mut entries = Entries::new();
    for (open, before_number, closing, name) in [table(language), Some(COMMON)].into_iter().flatten() {
        let lists = [
            (open, Abbreviation::Open),
            (name, Abbreviation::Name),
            (closing, Abbreviation::Closing),
            (before_number, Abbreviation::BeforeNumber),
        ];
        for (list, kind) in lists {
            for entry in list.split_whitespace() {
                entries.entry(entry).or_insert(kind);
            }
        }
    }
    entries
}

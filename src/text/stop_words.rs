//! Words that say nothing about what a text is about, by language, already without accents.

use crate::domain::Language;

/// `word` is folded: lower case, no accents.
pub(crate) fn is_stop_word(word: &str, language: Language) -> bool {
    // No list has a word longer than this; most words of a text are out at once.
    word.len() <= 24 && words(language).binary_search(&word).is_ok()
}

macro_rules! lists {
    ($($language:ident $list:ident $words:literal)*) => {
        $(static $list: std::sync::LazyLock<Vec<&'static str>> = std::sync::LazyLock::new(|| {
            let mut words: Vec<&str> = $words.split_ascii_whitespace().collect();
            words.sort_unstable();
            words
        });)*

        fn words(language: Language) -> &'static [&'static str] {
            match language {
                $(Language::$language => &$list,)*
                _ => &[],
            }
        }
    };
}

lists! {
English ENGLISH "a about above after again against all am an and any are as at be because been before being below
    between both but by can cannot could did do does doing don down during each few for from further had has have having
    he her here hers herself him himself his how i if in into is it its itself just ll me more most my myself no nor not
    now of off on once only or other our ours ourselves out over own re s same she should so some such t than that the
    their theirs them themselves then there these they this those through to too under until up upon us ve very was we
    were what when where which while who whom whose why will with would you your yours yourself yourselves also may
    might must shall d m o"
Spanish SPANISH "a al algo alguna algunas alguno algunos ante antes aquel aquella aquellas aquellos aqui asi aun aunque
    bajo bien cada como con contra cual cuales cualquier cuando cuanta cuantas cuanto cuantos cuya cuyas cuyo cuyos de
    debe deben del desde donde dos durante e el ella ellas ello ellos en entre era eran eras eres es esa esas ese eso
    esos esta estaba estaban estado estan estar estas este esto estos estoy fue fueron fui ha habia habian hace hacer
    haber habra hacia han has hasta hay he hizo hubo la las le les lo los mas me mi mis mientras mucha muchas mucho muchos muy nada ni no nos
    nosotros nuestra nuestras nuestro nuestros o os otra otras otro otros para pero poco podria podrian por porque pudo puede pueden pues que quien
    quienes se sea sean segun ser si sido siendo sin sino sobre solo son su suele suelen sus suya suyo tal tales tambien tampoco tan
    tanto te tener tenia tiene tienen toda todas todo todos tu tus u un una unas uno unos usted ustedes y ya yo"
Portuguese PORTUGUESE "a ao aos aquela aquelas aquele aqueles aquilo as assim ate cada com como contra cuja cujas cujo
    cujos costuma costumam da das de dela delas dele deles depois desde desta deste disso do dos durante e ela elas ele eles em enquanto
    entre era eram essa essas esse esses esta estao estas estava estavam este estes eu foi foram ha haver havia houve isso isto ja
    la lhe lhes mais mas me mesma mesmo meu meus minha minhas muita muitas muito muitos na nao nas nem no nos nossa
    nossas nosso nossos num numa o onde os ou outra outras outro outros para pela pelas pelo pelos poderia por porque pode podem
    qual quais qualquer quando quanta quantas quanto quantos que quem se seja sejam sem sendo ser seu seus si sido so
    sob sobre sua suas sao tal tambem tem tendo ter teu tinha toda todas todo todos tu tua um uma umas uns voce voces
    deve devem sera"
French FRENCH "a ai au aucun aussi autre autres aux avait avant avec ayant bien c ce cela ces cet cette ceux chaque
    comme comment d dans de des donc dont du elle elles en encore entre es est et etaient etait etant ete etre eu eux
    fait fut ici il ils j je l la le les leur leurs lors lui m ma mais me meme mes moi moins mon n ne ni nos notre nous
    on ont ou par parce pas pendant peu peut plus plusieurs pour pourquoi qu quand que quel quelle quelles quels qui quoi
    s sa sans se sera ses si sont sous sur t ta tandis te tes toi ton tous tout toute toutes tres tu un une vers vos
    votre vous y"
Italian ITALIAN "a ad agli ai al alla alle allo altra altre altri altro anche ancora avere aveva c che chi ci cio come
    con contro cosa cui d da dagli dai dal dalla dalle dallo degli dei del della delle dello di dopo dove due e ed era
    erano essere fra fu furono gli ha hanno i il in io l la le lei li lo loro lui ma mi mia mio molti molto ne negli nei
    nel nella nelle nello no noi non nostra nostro o ogni oppure per perche piu poi prima puo qual quale quali quando
    quanta quante quanti quanto quella quelle quelli quello questa queste questi questo qui quindi se sei senza si sia
    sono sopra sotto stata state stati stato su sua sue sugli sui sul sulla sulle sullo suo suoi ti tra tu tutta tutte
    tutti tutto un una uno vi voi"
Catalan CATALAN "a al als altra altre altres amb aquest aquesta aquestes aquests aixo aixi cada com contra cosa d da de
    del dels des despres el ella elles ells els en encara entre era eren es esta estan estat et fins foren fou ha han
    havia hi ho i jo l la les li lo ls m mes mentre meu molt n ni no nosaltres o on per perque pero pel pels pot qual
    quals quan quant quants que qui s sa se sense ser seu seus seva seves si sobre son sota tambe te tenen tot tota totes
    tots un una unes uns va van"
Romanian ROMANIAN "a acea aceasta aceea acei aceia acel acela acele acelea acest acesta aceste acestea acestei acestor
    acestui acestia acolo ai aici al ale alt alta alte altele altul am ar are as asa asupra asta astfel atat atunci au
    avea avut ca cand care carei caror carora cat cate cati catre ce cea cei cel cele celor chiar ci cine cineva cu cum
    cui dar daca dat dau de deci decat deja deoarece departe desi despre din dintre doar doi doua dupa e ea ei el ele
    era erau este eu fara fi fie fiind fiecare foarte fost i iar il in inainte intr intre intru isi it l la le li lor lui
    m ma mai mea mei mele mi mult multe multi n ne nici nimic niste noastra noastre nostri nostru nu o ori pana pe pentru
    peste poate pot prea prin printr printre s sa sai sale sau se si sub sunt spre t te toate tot toti totul tu un una
    unei unele unii unor unui unuia va vi voi vom vor vreo"
German GERMAN "aber alle allem allen aller alles als also am an ander andere anderen anderer anderes auch auf aus bei
    beim bin bis bist da dabei damit dann das dass dazu dein deine dem den denen denn der deren des dessen dich die dies
    diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines er es etwa etwas euch fur
    gegen gab gibt hab habe haben hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im
    in ins ist ja jede jedem jeden jeder jedes jene jenem jenen jener kann kein keine keinem keinen keiner konnen konnte
    konnten mal man manche mehr mein meine mich mir mit muss mussen nach nicht nichts noch nun nur ob oder ohne sehr sein
    seine seinem seinen seiner seines seit selbst sich sie sind so sobald soll sollen sollte sondern sowie um und uns
    unser unter viel viele vom von vor wahrend war waren warum was weil welche welchem welchen welcher welches wenn wer
    werde werden wessen wie wieder wird wo wofur wurde wurden zu zum zur zwar zwischen uber wodurch woher womit wem wen
    worden"
Dutch DUTCH "aan al alle als altijd andere ben bij daar dan dat de der deze die dit doch doen door dus een en er ge geen
    had heb hebben heeft hem het hier hij hoe hoeveel hun iets ik in is ja je kan kon kunnen maar me meer men met mij
    mijn moet na naar niet niets nog nu of om omdat onder ons ook op over reeds te tegen toch toen tot u uit uw van veel
    voor want waren was wat waar waarom wanneer welk welke werd werden wie wij wil worden wordt zal ze zelf zich zij zijn
    zo zonder zou"
Danish DANISH "af alle alt anden at blev blive bliver da de dem den denne der deres det dette dig din disse dog du efter
    eller en end er et for fra ham han hans har havde have hende hendes her hos hun hvad hvem hvilke hvilken hvis hvor
    hvordan hvornar i ikke ind jeg jer jo kan kunne man mange med meget men mig min mit mod ned noget nogle nu nar og
    ogsa om op os over pa sa sadan selv sig sin sine sit skal skulle som til ud under var vi vil ville vor ved vaere
    vaeret"
Norwegian NORWEGIAN "alle at av ble bli blir da de deg dem den denne der deres det dette din disse du eller en er et etter
    for fordi fra ha hadde han hans har henne her hun hva hvem hvilke hvilken hvis hvor hvordan i ikke ja jeg kan kunne
    man mange med meg men min mot na nar noe noen og ogsa om opp oss over pa sa seg selv sin sitt skal skulle som til ut
    var ved vi vil ville vaere vaert"
Swedish SWEDISH "alla allt att av blev bli blir da de dem den denna deras dess dessa det detta dig din du dar efter ej
    eller en er ett fran for ha hade han hans har henne hennes hon honom hur har i icke inom inte ja jag kan kunde man
    manga med mellan men mig min mot mycket ni nu nar nagon nagot nagra och om oss pa sedan sig sin sina sitt ska skulle
    som sa till under ut vad var vara varfor varit vem vi vid vilka vilken vilket at over"
Finnish FINNISH "ei eivat ennen etta he hanen han itse ja jo joka jos jossa jota jotka kaikki kanssa kuin kuinka kuka
    kun me mika milla milloin mina missa mita mitka mutta myos ne niiden niin nyt ole olen oli olisi olivat ollut
    on ovat se sen seka sen siina sita siita sina taman tama te tai vain vai voi"
Hungarian HUNGARIAN "a abban ahhoz ahogy ahol aki akik akkor alatt am ami amely amelyek az azok azon azt azzal be csak de
    e egy egyes egyik el ez ezek ezt fel hogy hogyan ha hany hat igy ill illetve is itt ki kik kozott le legy lehet
    lesz lett meg melyik mely mert mi miert mig mik mikor mint mit mivel most nem ne ok olyan on ott pedig s sem sok
    szerint tobb tovabb ugy utan vagy vagyis van vannak vele volt voltak"
Turkish TURKISH "acaba ama ancak bazi ben bir biri biz bu bunlar bunu bunun cok cunku da daha de defa degil diye en gibi
    hangi hem hep hepsi her hic icin ile ise kac kadar ki kim kimin mi mu nasil ne neden nerede nereye nicin o olan
    olarak oldu olup on onlar onu onun sey siz su tum ve veya ya yani"
Polish POLISH "a aby ale az bardzo bez bo by byc byl byla bylo byly ci co czy dla do gdy gdzie go i ich ile im inne ja jak
    jaka jaki jakie jako je jego jej jest jestem ktora ktore ktory ktorych ktorzy kiedy kto lub ma maja mi mnie moze na
    nad nie nich nim niz o od on ona one oni oraz po pod przed przez przy sa sie sobie ta tak takie tam te tego tej ten
    to tu ty tych tylko tym w we wiec wszystko z za ze"
Czech CZECH "a aby ale ani az bez byl byla byli bylo byt co coz do ho i ja jak jako je jeho jej jeji jejich jen jeste ji
    jiz jsem jsou k kde kdo kdy kdyz ke ktera ktere kteri ktery ku ma mezi mi mit mu muze na nad ne nebo nej nez o od on
    ona oni po pod podle pokud pri pro proc proto protoze s se si ta tak take tato te ten tento tim to tohoto tom toto tu
    u uz v ve vsak z za ze"
Russian RUSSIAN "а без более был была были было быть в вам вас весь во вот все всего всех вы где да для до его ее если
    есть еще же за здесь и из или им их к как какая какие какой когда кого которая которого которое которой которые
    который которых кто ли либо между меня мне может мы на над надо нас не него нее нет ни них но о об однако он она они
    оно от очень по под после при с сколько со так также такой там те тем то того тоже той только том тот ты у уже хотя
    чего чей чем что чтобы чье чья эта эти это этого этой этом этот я"
Greek GREEK "αλλα αν απο αυτα αυτεσ αυτη αυτο αυτοι αυτοσ για δε δεν εγω εδω ειναι ειχε εκει ενα ενασ εχει εχουν η ηταν θα
    και κατα κι με μεσα μετα μη μια μου να ο οι οπου οποια οποιο οποιοσ οπωσ οσο οταν οτι που ποια ποιο ποιοι ποιοσ ποσα
    ποσο ποτε πριν προσ πωσ σε στα στη στην στησ στισ στο στον στουσ στων τα την τησ τι τισ το τον του τουσ των ωσ"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words::fold;

    #[test]
    fn lists_are_folded_as_the_words_they_are_compared_with() {
        for &language in Language::KNOWN {
            for word in words(language) {
                let mut folded = String::new();
                fold(word, &mut folded);
                assert_eq!(&folded, word, "{language}");
                assert!(word.len() <= 24, "{word} is longer than `is_stop_word` looks");
            }
        }
        assert!(is_stop_word("the", Language::English));
        assert!(is_stop_word("cuando", Language::Spanish));
        assert!(is_stop_word("nao", Language::Portuguese));
        assert!(!is_stop_word("cancer", Language::Spanish));
        assert!(!is_stop_word("the", Language::Other));
    }
}

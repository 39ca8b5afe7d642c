//! By which words, endings and letters is a language of the Latin or Cyrillic alphabet known?
//! Only data: small words that every text and most questions hold, and spellings the neighbours do not share.

use crate::domain::Language;

pub(super) struct Marks {
    pub(super) language: Language,
    /// As written, with accents; they are also recognised without. The first are the most frequent.
    pub(super) words: &'static str,
    /// Without accents, two to five letters.
    pub(super) endings: &'static str,
    /// Pairs of letters anywhere in a word, without accents.
    pub(super) pairs: &'static str,
    pub(super) letters: &'static str,
}

pub(super) const MARKS: &[Marks] = &[
    Marks {
        language: Language::English,
        words: "the of and to in is a that for it was on are as with by at this from be an or what how \
            the of and to in is that it for was on are as with by be at this from or an which but not have had \
            has he his she her they their them were been its also we you your i my our us can could should would will \
            may might must do does did what which who whom whose when where why how many much long there here then \
            than if so because while about into over after before between during through under above out up down off \
            all any some each other more most less least only very such no nor same own these those first last name \
            called known used use make made people year years time day way new did didn don doesn isn wasn aren kind \
            type difference mean means happen happens happened explain describe define give tell me list show find need get \
            take work someone something anything often large high old best another within without according part \
            become became against both being since until around say said does t s a once per yet besides towards",
        endings: "ing ed tion tions ght ness ship able ful less ly ous ity ies ould ally wn ck gh sh th",
        pairs: "th wh sh gh ck ow ew",
        letters: "",
    },
    Marks {
        language: Language::Spanish,
        words: "de la que el en y a los se del las un por con no una es su para al lo como más qué \
            el la los las un una unos unas de del al a en y e o u que qué se es su sus por para con no lo le les \
            como cómo más mas pero fue era son ser está están estaba ha han había haber hay este esta esto estos estas \
            ese esa eso esos esas aquel aquella si sí sin sobre entre hasta desde cuando cuándo donde dónde quien quién \
            quiénes quienes cual cuál cuales cuáles cuanto cuánto cuánta cuanta cuantos cuántos cuantas cuántas porque \
            muy también ya todo todos toda todas otro otra otros otras mi me te yo él ella ellos ellas nos nosotros \
            usted ustedes tiene tienen tenía tener puede pueden podía poder hace hacen hizo hacer debe deben debo \
            siempre nunca antes después durante según contra cada mismo misma mejor mayor menor donde dos tres años año \
            tiempo día días vez veces nombre llama llamó llamaba llamado llaman ciudad país mundo vida hombre mujer \
            agua parte forma manera grupo tipo primer primera primero último segunda fueron eran sido siendo será sería \
            tuvo estado así aunque mientras además entonces luego aún solo sólo poco mucho mucha muchos muchas tan tanto \
            qué ante bajo tras cuyo cuya sucede ocurre ocurrió sirve significa diferencia ejemplo explica explícame \
            dime dame define hoy ayer algo alguien alguno algunos algunas nada nadie ningún ninguna he hemos soy somos \
            estoy estar dice dijo dicho tras cerca lejos quiere quiero necesito necesita use usar usa usan coma da dan semana semanas hora horas cuesta dura tarda lleva llevó",
        endings: "cion ciones dad dades miento iento aba aban ido idos ida idas ado ados ada adas ero eron aron ieron iendo ando mente ico ica encia ancia ismo able ible uye oso osa ez eza ia io ion iones illo illa uelo ura ado ria rio",
        pairs: "ue ie ll rr",
        letters: "ñ¿¡áíóú",
    },
    Marks {
        language: Language::Portuguese,
        words: "de a o que e do da em um para é com não uma os no se na por mais as dos como ao \
            o a os as um uma uns umas de do da dos das em no na nos nas ao à aos às e ou que quê se é foi era são \
            ser está estão estava seu sua seus suas por pelo pela pelos pelas para pra com não lhe lhes como mais mas \
            este esta isto estes estas esse essa isso esses essas aquele aquela aquilo sem sobre entre até desde quando \
            onde quem qual quais quanto quanta quantos quantas porque muito muita muitos muitas também já todo todos \
            toda todas outro outra outros outras meu minha eu ele ela eles elas nós você vocês tem têm tinha ter pode \
            podem podia poder faz fazem fez fazer deve devem devo sempre nunca antes depois durante segundo contra cada \
            mesmo mesma melhor maior menor dois duas três anos ano tempo dia dias vez vezes nome chama chamou chamava \
            chamado chamam cidade país mundo vida homem mulher água parte forma maneira grupo tipo primeiro primeira \
            último foram eram sido sendo será seria teve estado assim embora enquanto além então logo ainda só apenas \
            pouco tão tanto num numa nuns numas dum duma deste desta disto desse dessa disso daquele neste nesta nisto \
            nesse nessa nisso ante sob cujo cuja acontece ocorre ocorreu serve significa diferença exemplo explique \
            explica diga defina hoje ontem algo alguém algum alguns alguma algumas nada ninguém nenhum nenhuma há houve \
            havia sou somos estou estar diz disse dito perto longe quer quero preciso precisa use usar usa usam coma lei leis semana semanas hora horas custa dura demora leva \
            levou qualquer quaisquer através caso sim bem mal aqui lá ficou fica ficam veio vem vai vão deu dá quão",
        endings: "cao coes sao soes dade dades mento mentos ava avam ido idos ida idas ado ados ada adas eiro eira ram aram eram iram indo endo ando mente ico ica encia ancia anca ancas ismo avel ivel oso osa ou eu iu oes aes ais eis ois ura ria rio cia cio inho inha agem gens em",
        pairs: "lh nh ou ei ao oe ss",
        letters: "ãõâêôçàáéíóú",
    },
    Marks {
        language: Language::French,
        words: "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se il \
            le la les un une des de du au aux à en et ou où que qui quoi est sont était étaient être été a ont \
            avait avoir son sa ses leur leurs par pour avec ne pas plus mais ce cet cette ces se il elle ils elles on \
            nous vous je tu lui dans sur sous entre sans chez vers depuis pendant quand comment combien pourquoi quel \
            quelle quels quelles dont comme si aussi très tout tous toute toutes autre autres même mêmes peut peuvent \
            fait font faire doit doivent faut y d l qu n s c j m lors après avant contre chaque deux trois ans année \
            années temps jour jours fois nom appelle appelé ville pays monde vie homme femme eau partie forme premier \
            première dernier fut furent sera serait donc car ainsi alors encore peu beaucoup bien moins quelques \
            plusieurs lequel laquelle expliquez expliquer explique différence signifie exemple moi toi mon ma mes ton \
            votre notre vos nos cela ça là ici rien jamais toujours dit selon celui celle ceux",
        endings: "tion tions ment ments eur eurs euse eux aux ait aient ais ant ants ette ettes ee ees ez er ir ique iques aire aires isme ance ence oir ois elle elles que",
        pairs: "qu ou au eu oi ai eau gn",
        letters: "éèêëàâîïôùûçœ",
    },
    Marks {
        language: Language::Italian,
        words: "di e il la che in a per un del è una con si non da i le dei della al nel sono come \
            il lo la i gli le un uno una di del dello della dei degli delle dell a al allo alla ai agli alle all \
            da dal dallo dalla dai dalle dall in nel nello nella nei negli nelle nell con su sul sullo sulla sui sulle \
            sull per tra fra e ed o che chi cosa cos è sono era erano essere stato stata stati state ha hanno aveva \
            avere suo sua suoi sue loro non più ma se si come dove quando quanto quanta quanti quante quale quali qual \
            perché anche molto molti molta molte questo questa questi queste quello quella quelli quelle quel ogni \
            tutto tutti tutta tutte altro altra altri altre stesso stessa può possono fa fanno fare deve devono sempre \
            mai prima dopo durante secondo contro senza sopra sotto fino due tre anni anno tempo giorno giorni volta \
            volte nome chiama chiamato città paese mondo vita uomo donna acqua parte forma modo gruppo tipo primo \
            ultimo fu furono sarà così poi ancora solo poco quindi mentre io tu lui lei noi voi mi ti ci vi ne mio mia \
            qualche nessuno niente spiega spiegami differenza significa esempio viene vengono dura durano costa serve c l d dall negli oggi",
        endings: "zione zioni mento menti ta ita are ere ire ato ati ata ate uto uti ito iti ano ono ava avano eva evano ssi ico ici ica iche ismo enza anza tore trice ggio ale ali ione ioni etto etti ella elli mente oso osa ato ggi cchi",
        pairs: "zz cc gg tt zi ch gn sc",
        letters: "èàìòù",
    },
    Marks {
        language: Language::Catalan,
        words: "de la i el a que en els les un per una del es amb no dels al és com se més què va \
            el la els les un una uns unes de del dels al als a en i o que què qui es és són era eren ser estar està \
            seu seva seus seves per pel pels perquè amb no més però com quan on quin quina quins quines quant quanta \
            quants quantes aquest aquesta això aquests aquestes aquell aquella allò hi ha han havia haver hem molt \
            molta molts moltes també ja tot tots tota totes altre altra altres mateix mateixa jo ell ella ells elles \
            nosaltres vosaltres vostè em et ens us li té tenen tenia tenir pot poden fa fan fer va van vaig cal sense \
            sobre entre fins des durant segons contra cada després abans sempre mai dos dues tres anys any temps dia \
            dies vegada vegades nom diu anomena ciutat país món vida home dona aigua part forma manera grup tipus \
            primer primera últim fou foren serà així encara només poc doncs mentre meu meva d l s n qual quals \
            significa diferència exemple explica ho hi aquí allà nou ni si sí dels als als cap res algun alguna amb",
        endings: "cio cions tat tats ment ments itat ats ada ades ava aven ixer eix eixen ei isme anca encia ig aig oig ques gues ixo uny any",
        pairs: "ny ix tx ll ss",
        letters: "àèéíòóúïüç·",
    },
    Marks {
        language: Language::Romanian,
        words: "de și în a la cu pe din care o că un este ce nu mai se pentru au fost cât unde cum cine \
            și în la de pe cu din pentru este sunt era erau fi fost a al ai ale o un una unei unui unor că ce cine \
            care cum când unde cât câtă câți câte de-a dacă nu mai dar sau ori prin după până între fără sub peste \
            despre către asupra împotriva lui ei lor său sa săi sale acest această acești aceste acesta aceasta aceștia \
            acestei acestui acel acea acei acele cel cea cei cele se să îi îl le îți își și-a are au avea avut am ai \
            poate pot trebuie face fac făcut foarte mult multe mulți multă tot toate toți toată alt altă alte alți \
            fiecare numai doar încă deja apoi astfel deoarece pentru că ani anul an timp zi zile dată nume numele \
            numește numit numea oraș oraș țară lume viață om femeie apă parte tip primul prima doi două trei eu tu el \
            ea noi voi ei ele mă te ne vă îmi mea meu ta tău cărui cărei căror cărora ceva cineva nimic ca fel explică \
            înseamnă diferența exemplu cui ajuns devenit timpul cauza cadrul avut avea fiind chiar decât atunci acum",
        endings: "ul ului ilor elor ea iei ii le lui rii tie tii tiei iile uri urile esc este eaza ate are ere ire at it ut ată ata ati itate ism ție easca oare tor toare nd ind andu",
        pairs: "ii ea oa",
        letters: "ășțşţâî",
    },
    Marks {
        language: Language::German,
        words: "der die und in den von zu das mit des auf für ist im dem nicht ein eine als auch es was wie wer \
            der die das den dem des ein eine einen einem einer eines und oder in im ins an am auf aus bei beim mit \
            nach von vom vor zu zum zur über unter für durch gegen ohne um bis seit während ist sind war waren sein \
            seine seinen seiner seinem ihr ihre ihren ihrer ihrem wird werden wurde wurden worden hat haben hatte \
            hatten kann können konnte konnten muss müssen soll sollen darf dürfen nicht kein keine keinen auch noch \
            nur schon sehr mehr als wie was wer wen wem wessen wann wo woher wohin warum wieso weshalb wozu womit wofür \
            wodurch worin wovon welche welcher welches welchen welchem wieviel viel viele vielen dass daß wenn weil ob \
            aber denn sondern doch er sie es wir ich du man sich mich mir dich dir uns euch ihm ihn ihnen dieser diese \
            dieses diesen diesem jeder jede jedes jeden alle allen alles andere anderen zwischen neben hinter etwa \
            jahr jahre jahren zeit tag tage name namen heißt hieß hießen genannt nannte stadt land welt leben mensch \
            menschen frau mann wasser teil form art gruppe erste ersten erster letzten zwei drei so dann damit dabei \
            dazu davon daran darauf bedeutet unterschied erkläre beispiel gibt gab macht machen lange dauert häufig",
        endings: "ung ungen keit heit lich liche lichen isch ische ischen en er es em te ten tet schaft tat iert ierte ieren chen nis haft bar los ste sten ert tzt cht",
        pairs: "sch ch ei ie tz ck pf cz zw",
        letters: "äöüß",
    },
    Marks {
        language: Language::Dutch,
        words: "de het een en of in op aan van met voor door bij uit naar om over onder tot tegen zonder tussen tijdens \
            sinds is zijn was waren wordt worden werd werden geworden heeft hebben had hadden kan kunnen kon konden \
            moet moeten mag mogen zal zullen zou zouden niet geen ook nog maar wel al zeer heel meer dan als hoe wat \
            wie waar wanneer waarom welke welk hoeveel hoelang hoogste dat die dit deze er hij zij ze we wij ik je jij \
            jullie u men zich mij me jou ons onze hem haar hun hen zijn mijn jouw uw elk elke ieder iedere alle alles \
            andere ander jaar jaren tijd dag dagen keer naam heet heette genoemd stad land wereld leven mens mensen \
            vrouw water deel vorm soort groep eerste laatste twee drie zo toen daar hier daarom omdat want dus toch \
            betekent verschil voorbeeld uitleg leg geef doet doen gedaan maakt maken veel weinig lang na te waarin \
            waarvan waarmee waardoor wiens staat stond gaat ging krijgt iets iemand niets tegenwoordig behalve volgens",
        endings: "lijk lijke heid heden ing ingen tie ties isch ische en de den te ten eren eerd eerde aar aren oor oren sel baar schap ijk ijke uit aan aat eel",
        pairs: "ij oe ee aa oo uu ui sch ch",
        letters: "ë",
    },
    Marks {
        language: Language::Danish,
        words: "og i at det er en den til af på de med han for der ikke et som var hun fra om ved havde har blev bliver \
            kan kunne skal skulle vil ville må sig sin sit sine hans hendes deres jeg du vi man mig dig os jer dem \
            eller men når hvad hvem hvor hvornår hvordan hvorfor hvilken hvilket hvilke hvis mange meget mere mest også \
            kun alle andre anden andet efter før under over mellem mod uden gennem denne dette disse så da end nogle \
            noget nogen ingen intet år dag tid gang navn hedder kaldes by land verden liv menneske mennesker kvinde \
            mand vand del første sidste to tre være været gør lave laver betyder forskel eksempel forklar igen derfor \
            fordi allerede stadig både hver hvert længe her ud op ned ind",
        endings: "ede hed heder else elser ning ninger lig ligt lige isk iske erne ene et en er des",
        pairs: "hv æg øj gd dt",
        letters: "æøå",
    },
    Marks {
        language: Language::Norwegian,
        words: "og i at det er en den til av på de med han for der ikke et ei som var hun fra om ved hadde har ble blir \
            kan kunne skal skulle vil ville må seg sin sitt sine hans hennes deres jeg du vi man meg deg oss dere dem \
            eller men når hva hvem hvor hvordan hvorfor hvilken hvilket hvilke hvis mange mye mer mest også bare alle \
            andre annen annet etter før under over mellom mot uten gjennom denne dette disse så da enn noen noe ingen \
            ingenting år dag tid gang navn heter kalles by land verden liv menneske mennesker kvinne mann vann del \
            første siste to tre være vært gjør lage lager betyr forskjell forskjellen eksempel forklar igjen derfor \
            fordi allerede fortsatt både hver hvert lenge her ut opp ned inn ikkje eg ein kva korleis kvar kven frå",
        endings: "ede het heter else elser ning ninger lig lige isk iske ene et en er sjon sjoner skap dde",
        pairs: "hv kj gj sj øy",
        letters: "æøå",
    },
    Marks {
        language: Language::Swedish,
        words: "och i att det är en den till av på de med han för som inte ett var hon från om vid hade har blev blir \
            kan kunde ska skall skulle vill ville måste sig sin sitt sina hans hennes deras jag du vi man mig dig oss \
            er dem eller men när vad vem vilka vilken vilket var hur varför vilkas många mycket mer mest också bara \
            alla andra annan annat efter före under över mellan mot utan genom denna detta dessa så då än några något \
            någon ingen inget år dag tid gång namn heter kallas stad land värld liv människa människor kvinna vatten \
            del första sista två tre vara varit gör göra betyder skillnad skillnaden exempel förklara igen därför \
            eftersom redan fortfarande både varje länge här ut upp ner in där hos åt ju",
        endings: "ade het heter else ning ningar lig ligt liga isk iska arna orna erna ar or tion tioner skap",
        pairs: "ck sj kt",
        letters: "äöå",
    },
    Marks {
        language: Language::Finnish,
        words: "ja on ei se että oli hän joka ovat mutta kun kuin myös tai sekä niin jos vain hänen sen sitä siitä tämä \
            tämän tätä nämä ne niiden he heidän minä sinä me te mikä mitä missä mistä mihin milloin miksi miten kuka \
            ketkä kenen kuinka monta paljon millainen mitkä jonka jota jossa jotka joiden ollut olla olivat olisi voi \
            voivat voidaan pitää täytyy ole eivät vuonna vuoden vuotta vuosi aika aikaan ajan päivä nimi nimeltään \
            kaupunki maa maan ihminen osa ensimmäinen kaksi kolme kanssa jälkeen ennen aikana mukaan välillä ilman \
            kautta vastaan yli alle noin kaikki muut muita eri sama hyvin enemmän eniten nyt sitten siis koska kuten \
            selitä tarkoittaa ero esimerkki kuinka kauan vielä jo kestää",
        endings: "ssa sta lla lta lle ksi tta inen isen ista issa iin aan een oon uus yys us minen misen taan kin lainen",
        pairs: "aa ii uu yy kk tt ää ks",
        letters: "äö",
    },
    Marks {
        language: Language::Hungarian,
        words: "a az és hogy nem is egy volt van meg de ez ezt azt ami amely amelyek aki akik mint vagy csak már még ha \
            el ki be fel le össze után előtt között alatt által szerint során ellen nélkül felett mellett mi mit mik \
            ki kit kik hol honnan hová mikor miért hogyan hány mennyi melyik melyek milyen mekkora kinek minek meddig \
            voltak lett lesz lehet kell tud volna nincs vannak én te ő mi ti ők az ennek annak ezek azok ezen azon \
            minden más sok több legtöbb nagyon is így úgy akkor most majd mert tehát azonban pedig illetve valamint \
            év évben évek idő nap név nevű neve hívják város ország világ élet ember emberek nő víz rész első utolsó \
            két kettő három jelent különbség példa magyarázd tart",
        endings: "ban ben bol nak nek val vel hoz hez hoz tol rol rol ra re ot et at ok ek ak sag seg ott ett unk tak tek kat ket jat",
        pairs: "gy sz cs zs ny ly",
        letters: "őűáéíóöúü",
    },
    Marks {
        language: Language::Turkish,
        words: "ve bir bu da de ile için olarak olan ne nedir neden nasıl nerede nereye nereden kim kimdir kimin hangi \
            kaç kadar zaman çok daha en gibi ama ancak veya ya değil var yok mı mi mu mü mıdır midir o onun onlar biz \
            siz ben sen şu her hiç bazı tüm bütün diğer aynı sonra önce arasında göre karşı üzerinde içinde tarafından \
            oldu olduğu oldu olur olmuştur etti eden edilen etmek olmak yıl yılında yıllar gün adı ad şehir ülke dünya \
            hayat insan insanlar kadın adam su bölüm ilk son iki üç ise hem ki bile artık nelerdir fark farkı anlamı \
            örnek açıkla şey sürer nedeni",
        endings: "lar ler lari leri nin nun dir dur tir tur mak mek yor di ti da de dan den tan ten lik luk lik larin lerin inda inde ndan nden si misti mis",
        pairs: "yo",
        letters: "ğışçöü",
    },
    Marks {
        language: Language::Polish,
        words: "i w z na do nie się jest to że o jak po co ale od za był była było były są być przez dla przy ze czy a \
            oraz lub albo który która które którego której którym których tego tej tym te ta ten ci tych jego jej ich \
            go mu im ją on ona ono oni one ja ty my wy mnie mi ci nas kto kogo komu kim gdzie kiedy dlaczego czemu ile \
            ilu jaki jaka jakie jakiego jakich jaką czym czego skąd dokąd już tylko także również jeszcze bardzo \
            więcej może mogą można ma mają miał miała musi wszystkie każdy inny inne inny między przed pod nad bez \
            według podczas rok roku lat lata czas dzień dni raz imię nazwa nazywa nazywał miasto kraj świat życie \
            człowiek ludzie kobieta woda część pierwszy pierwsza dwa trzy znaczy różnica przykład wyjaśnij gdy więc \
            jednak ponieważ trwa został została zostały długo",
        endings: "ego emu ych ich ach ami owi ow ie ej cie sc nia nie owy owa owe ski ska skie czny czna czne wac owac ala alo yly",
        pairs: "sz cz rz dz zy wi zw ow",
        letters: "ąęłńśźżćó",
    },
    Marks {
        language: Language::Czech,
        words: "a v na se je že s z do o i k po za ve od pro ale jako by byl byla bylo byly jsou být při nebo ze si to \
            ten ta ty tento tato toto tyto jeho její jejich který která které kterého kteří kterou jež co kdo koho \
            komu kde kdy kam odkud proč jak jaký jaká jaké jakého jakou kolik čím čeho čemu už jen také ještě velmi \
            více nejvíce může mohou lze má mají měl měla musí není nejsou všechny každý jiný jiné mezi před pod nad \
            bez podle během proti rok roku let čas doba den dny krát jméno název jmenuje jmenoval město země svět život \
            člověk lidé žena voda část první poslední dva tři znamená rozdíl příklad vysvětli když tedy však protože \
            on ona ono oni já my vy mě mi nás trvá dlouho nej",
        endings: "ho mu ych ymi ami ach ovi nost nosti ani eni ovat uje uji sky ska ske cky cka cke ny na ne ou ich",
        pairs: "ou ch st",
        letters: "ěščřžýůťďňáíé",
    },
    Marks {
        language: Language::Vietnamese,
        words: "và là của có được trong cho các một không những với đã người này để khi ở từ như về đến ra tại vào nhiều \
            cũng thì còn bị do trên năm theo sau hay hoặc nếu gì nào ai đâu sao thế bao nhiêu khi mấy tại vì bằng cách \
            nước tên gọi thành phố thế giới cuộc sống con nhất đầu hai ba giữa trước nghĩa khác ví dụ giải thích lâu",
        endings: "uong uoc ieu ien ong anh inh",
        pairs: "ng nh ph uo uy",
        letters: "ơưđảạấầẩẫậắằẳẵặẻẽẹếềểễệỉịỏọốồổỗộớờởỡợủụứừửữựỳỷỹỵăâêôãõ",
    },
    Marks {
        language: Language::Russian,
        words: "и в не на что он она оно они с как это по но из за то все так его её ее их к у от же о для был была было \
            были быть есть или при бы до мы вы я ты мне меня нас вас только ещё еще уже также где когда куда откуда \
            почему зачем кто кого кому чем чего чему какой какая какое какие каких какого каком сколько который \
            которая которое которые которых чтобы если между после перед под над без через во время год году лет \
            может можно нет этот эта эти этого этой том тем другой очень более два три называется значит разница",
        endings: "ть ого его ему ыми ами ях ии ий ая ое ые ся",
        pairs: "",
        letters: "ыэёъ",
    },
    Marks {
        language: Language::Ukrainian,
        words: "і в у не на що він вона воно вони з як це по але із за то все так його її їх до від же о для був була \
            було були бути є або при би ми ви я ти мені мене нас вас тільки ще вже також де коли куди звідки чому \
            навіщо хто кого кому чим чого який яка яке які яких якого якому скільки щоб якщо між після перед під над \
            без через та й час рік році років може можна немає цей ця ці цього цієї тим інший дуже більше два три \
            називається означає різниця",
        endings: "ти ого ому ими ами ях ії ій ся ння",
        pairs: "",
        letters: "іїєґ",
    },
];

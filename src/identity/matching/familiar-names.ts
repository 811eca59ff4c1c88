/** Names that are used for each other, folded: the full forms, then the familiar ones. Some belong to several. */
const groups = `
abigail abby gail
albert alberto al bert bertie
alexander alexandre alessandro alex sandro sascha xander alec lex
alexandra alessandra alex sandra sasha
alfred alfredo fred freddie alf
alison alice ali
amanda mandy
andreas andrew andre andrea andy drew andi anders
angela angelika angelica angie geli
anna anne ann annie anni nan nancy anja anita annika hanna
anthony anton antonio antoine tony toni
antonia antoinette toni
arthur art artie arturo
augustus august augustin gus
barbara babette barb babs barbie babsi
beatrice beatrix bea trixie
benedict benedikt ben beni bene
benjamin ben benny beni benji
bernard bernhard bernardo bernie bern berni
brigitte brigitta birgit gitte gitta
calvin cal
cameron cam
catherine katherine katharina kathryn caterina katarina kate katie kathy cathy kathi kitty kati katja karin kat
charles carlo carlos karl carl charlie chuck chas
charlotte lotte lotti charlie lottie carlotta
christian cristiano chris christel
christina christine kristina cristina chris chrissie tina christa kirsten
christopher christoph christophe cristoforo chris kit topher stoffel
clara klara claire
daniel daniele dan danny dani
daniela danielle dani
david davide dave davey davy
deborah debora debra deb debbie
dennis denis denny
dominic dominik domenico dom nick
donald don donnie
dorothea dorothy doris dora dot dottie thea
edmund edmond ed eddie ned
edward eduard edoardo eduardo ed eddie ted ned teddy edi
eleanor eleonore eleonora ellen nora nell ella ellie
elizabeth elisabeth elisabetta elizabetha liz beth lizzie betty betsy eliza lisa lisbeth elsbeth sissi lisi elsa libby elise bettina
emanuel emmanuel emanuele manuel mani
emily emilia emilie em emmy emmi
eugene eugen eugenio gene
evelyn evelyne eve evi
frances franziska francesca francoise fran fanny franzi franca
francis franz francesco francois franciscus frank fran franco
frederick friedrich federico frederic fred freddy fritz frederik fredi
gabriel gabriele gabe
gabriela gabriele gabrielle gaby gabi
gerald gerhard gerard gerry jerry gerd gert
gertrud gertrude trudi trudy gerda
gregory gregor greg
hannah johanna hanna jo hanni
harold harald harry hal
helen helena helene elena ellen nell lena leni
henry heinrich henri enrico harry hank heinz heiri hal heiner
hildegard hilda hilde
ignaz ignatius ignazio
isabella isabel isabelle isabell bella izzy isa bell
jacob jakob giacomo jack jake kobi
jacqueline jackie
james jim jimmy jamie jaime
jeffrey geoffrey jeff geoff
jennifer jenny jen jenni
jeremy jeremiah jerry jez
jessica jess jessie
joachim joaquin achim jochen jo
johannes john johann hans jean giovanni juan jack johnny hansi jan johan hannes jon
jonathan jon jonny nathan
joseph josef giuseppe jose joe joey sepp beppe jupp pepe sepi
josephine josefine josefa josie jo josy
joshua josh
judith judy judi
julia julie giulia jule
katrin kathrin catrina trina
kenneth ken kenny
kimberly kim
konrad conrad corrado koni
laurence lawrence lorenz lorenzo larry laurie lars laurent enzo
leonard leonhard leonardo leo len lenny
leopold leo poldi
louis ludwig luigi luis lou lutz
louise luise luisa lou lulu
lucas lukas luca luke luc luki
magdalena madeleine lena leni magda maddie
manfred manni fredi mani
manuela manu ela
marcus markus marco marc mark marcel
margaret margarethe margarete margherita marguerite maggie meg peggy greta gretel marge margot rita grit gretchen gritli daisy
maria mary marie mia molly polly mimi mitzi miriam mariella
martha marta
martin martino marty tino
martina tina
matthew matthias mathias matteo mathieu matt matty thias mats
maximilian maxim massimo max maxi
melanie mel
michael michele michel miguel mike mick mickey micha michi mischa
michaela michela ela micha michi
michelle shelly
monica monika monique moni
natalie natalia nathalie nat
nathaniel nathan nate nat
nicholas nikolaus nicola nicolas niklaus nick nicky klaus niklas nico niko claus
nicole nicola nicky
oliver olivier ollie oli
pamela pam
patricia patrizia pat patty trish tricia patsy
patrick patrizio pat paddy
paul paolo pablo paule
paula paola pauline
peter pietro pierre pedro pete pit petra
philip philipp filippo philippe phil pip fips
priscilla cilla
raphael rafael raffaele raf rafi
raymond raimund ray
rebecca rebekka becky becca
regina regula gina reggie regi
reginald reinhold reg reggie
renate renata reni
richard riccardo ricardo dick rick ricky rich richie
robert roberto rob bob bobby robbie bert robi
roger rodger rudiger
roland rolando rolf roli
ronald ron ronnie
rosemary rosemarie rosmarie rose rosie romy
rudolf rudolph rodolfo rudi ruedi rolf
russell russ
samuel sam sammy sami
samantha sam sammy
sarah sara sally sadie
sebastian sebastiano bastian basti seb
sigmund siegmund siegfried sigi
silvia sylvia silvie sylvie
simon simone simeon
sophia sofia sophie sofie
stanley stan
stephen steven stefan stephan stefano etienne steve steffen
stephanie stefanie stefania steffi steph
susan susanne susanna suzanne sue susi susie suzy sanna
sven swen
terence terrence terry
theodor theodore theo ted teddy
theresa teresa therese resi terry tess tessa
thomas tommaso tom tommy thomi
timothy timotheus tim timmy timo
ulrich ueli uli ulli
ursula uschi ursi ulla
valentin valentine valentino val
vera veronika veronica verena vroni vreni ronnie
victor viktor vittorio vic
victoria viktoria vittoria vicky tori
vincent vincenz vincenzo vince vinny enzo
virginia ginny gina
walter walther gualtiero walt wally wali
wilhelm william guglielmo guillaume bill billy will willy liam willi helmut wim
wilhelmina wilma mina willa
wolfgang wolf wolfi
yvonne ivonne
zachary zacharias zach zack
`;

const groupsOf = new Map<string, number[]>();
for (const [group, names] of groups.trim().split('\n').entries()) {
  for (const name of names.split(' ')) groupsOf.set(name, [...(groupsOf.get(name) ?? []), group]);
}

const none: readonly number[] = [];

/** The groups of names that a name belongs to. Two names with a group in common may be one person's. */
export function familiarGroups(name: string): readonly number[] {
  return groupsOf.get(name) ?? none;
}

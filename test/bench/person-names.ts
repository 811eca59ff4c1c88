// Common names in the order of how frequent they are, roughly, and parts from which rare ones are put together: people
// of a city with several languages, nobody in particular.

const words = (text: string) => text.trim().split(/\s+/);

export const givenNames = words(`
  Maria Peter Anna Daniel Thomas Sandra Martin Andrea Michael Claudia Markus Nicole Christian Monika Stefan Ursula Hans
  Barbara Andreas Karin David Elisabeth Marco Laura Luca Sarah Simon Ruth Patrick Julia Marc Daniela Beat Silvia Urs
  Christine Bruno Verena Jan Brigitte Roland Manuela Lukas Anita Philipp Eva Roger Esther Pascal Franziska Werner Lea
  Reto Jacqueline Walter Nina Jonas Elena Paul Corinne Kurt Katharina Fabian Jasmin Robert Isabelle René Susanne Dominik
  Priska Alexander Helena Heinz Sabrina Adrian Tanja Tim Melanie Erich Rita Rolf Margrit Nicolas Heidi Sebastian Céline
  Noah Mia Matthias Rosmarie Max Lara Samuel Vanessa Alain Marianne Josef Emma Florian Doris Benjamin Regula Antonio
  Sofia Giuseppe Nadia Joel Vera Ivan Alessia Dario Regina Oliver Chiara Kevin Irene Raphael Lina Johann Ivana Ernst
  Marina Karl Jana Yannick Selina Franz Edith Leon Rahel Gabriel Carmen Jürg Valentina Anton Livia Tobias Fatima Felix
  Mila Mohamed Olivia Ali Yvonne Mehmet Petra Mario Simone Christoph Elif Dragan Sonja Milan Angela Elias Natalie Nico
  Agnes Liam Sophie Robin Charlotte Alfred Theresia Gregor Amélie Mathieu Clara Julien Ella Louis Zoe Antoine Fiona
  Giovanni Alina Francesco Lorena Miguel Ana João Beatriz Carlos Ines William Emily James Grace Jack Hannah Oskar Noemi
  Emil Alma Ferdinand Ottilia Severin Leonie Basil Ramona Kaspar Dunja Linus Tamara Aaron Milena Damian Aurora Hugo
  Malea Valentin Ronja Timo Elin Laurin Jael Gian Flurina Curdin Ladina Fadri Seraina Yusuf Aylin Arben Albana Besnik
  Vjosa Goran Jelena Zoran Snezana Nikola Tijana Dmitri Olga Sergei Irina Wei Mei Hiroshi Yuki Tuan Linh Arjun Priya`);

/** What people write instead, in one record and not in the next. */
export const nicknames = new Map(
  words(`
    Daniel:Dani Thomas:Tom Sandra:Sandy Michael:Michi Christian:Chris Stefan:Stephan Elisabeth:Lisa Andreas:Andi
    Markus:Mark Martin:Tinu Nicole:Nici Barbara:Babs Katharina:Kathrin Alexander:Alex Sebastian:Sebi Matthias:Mathias
    Benjamin:Beni Samuel:Sam Gabriel:Gabi Raphael:Raffi Josef:Sepp Johann:Hans Franziska:Franzi Jacqueline:Jacky
    Susanne:Susi Manuela:Manu Philipp:Phil Robert:Röbi Patrick:Pädi Dominik:Domi Melanie:Meli Vanessa:Nessa
    Christoph:Chris Christine:Christa Margrit:Margrith Giuseppe:Beppe Francesco:Franco Antonio:Toni Anton:Toni
    William:Bill James:Jim Theresia:Resi Valentin:Vali Mohamed:Mohammed Nicolas:Nico Florian:Flo Fabian:Fabi
    Charlotte:Lotti Ferdinand:Ferdi Tobias:Tobi Julia:Juli Isabelle:Isa Walter:Walti Werner:Werni Heinz:Heiri`).map(
    (pair) => pair.split(':') as [string, string],
  ),
);

const commonFamilyNames = words(`
  Müller Meier Schmid Keller Weber Huber Schneider Meyer Steiner Fischer Gerber Brunner Baumann Frei Zimmermann Moser
  Widmer Wyss Graf Roth Suter Baumgartner Bachmann Kunz Berger Bucher Hofer Sutter Maurer Kaufmann Marti Lüthi Christen
  Koch Egli Hess Koller Studer Arnold Bühler Ammann Zürcher Blaser Wenger Bieri Peter Hug Wüthrich Lehmann Pfister
  Schwarz Jost Bär Stalder Fuchs Hofmann Imhof Tanner Lang Schärer Kohler Stucki Burri Ott Bernasconi Favre Rochat
  Ferrari Rossi Bianchi Martin Dubois Monnier Girard Perret Silva Santos Ferreira Pereira Krasniqi Gashi Berisha
  Jovanovic Petrovic Nikolic Yilmaz Kaya Demir Nguyen Tran Singh Kumar Wang Garcia Rodriguez Smith Jones Schäfer Wolf
  Bauer Richter Klein Neumann Braun Hartmann Krüger Vogel Friedrich Günther Kaiser Winkler Lorenz Albrecht`);

const nameStems = words(`
  Acker Aeschli Alten Amstutz Bach Balten Baum Berg Birch Blatt Brand Breiten Brugg Buchen Burg Dahin Dorn Eber Eggen
  Eichen Engel Erlen Fahr Falken Felden Finken Forst Freuden Gerst Glatt Gold Grab Gross Grün Haber Hagen Halden Hasel
  Heiden Herren Hirsch Hochstr Holz Horn Hunger Imbod Käser Kehr Kessel Kirch Klingen Knecht Kramer Kreuz Kupfer Land
  Langen Laub Linden Loch Luchs Mann Mettler Mittel Moos Mühle Nacht Neuen Nieder Nuss Ober Ochsen Pfeffer Rain Reben
  Reich Rhein Ried Rosen Rot Sand Sauer Schatt Scheid Schön Schwand Seil Silber Sonder Spiel Stadel Stein Stock Streu
  Tal Tannen Thal Trauben Unter Vogt Wald Wasser Weiden Wein Wider Wiesen Winter Wohl Zahn Ziegel Zopf Zuber Zum`);

const nameEndings = words(`
  er mann li i hauser bacher berger bühler inger ler dorfer hofer reuter stein feld egger eker schmied maier matter
  brunner wiler rieder acher`);

/** The common ones first; the more rare ones, some thousands, in an order that mixes their parts. */
export const familyNames = [...commonFamilyNames, ...combine(nameStems, nameEndings)];

const streetStems = words(`
  Bahnhof Haupt Dorf Kirch Schul Garten Linden Birken Wiesen Wald See Bach Mühle Rosen Berg Feld Oberdorf Unterdorf
  Sonnen Tal Park Quellen Buchen Eichen Ahorn Tannen Post Markt Ring Industrie Höhen Weid Rain Zelg Hofacker Allmend
  Steinacker Grossacker Rebberg Brunnen Säge Ziegel Kapellen Kloster Schloss Burg Turm Stadt Neu Alt Rathaus Spital
  Blumen Tulpen Nelken Lerchen Amsel Finken Drossel Schwalben`);

const streetEndings = words('strasse weg gasse platz rain halde matte allee');

export const streetNames = combine(streetStems, streetEndings);

const towns = words(`
  Zürich Genf Basel Lausanne Bern Winterthur Luzern St.Gallen Lugano Biel Thun Bellinzona Köniz Freiburg Schaffhausen
  Chur Uster Sitten Neuenburg Zug Yverdon Dübendorf Kriens Dietikon Rapperswil Wetzikon Frauenfeld Baar Aarau Olten`);

const villageStems = words(`
  Ober Nieder Unter Alt Neu Wald Berg Egg Hinter Vorder Wald Lang Kirch Matt Diet Etten Fehr Gross Klein Hitt Ip Küs
  Lau Mett Nott Oet Pfäff Rick Seeb Tägs Uet Volk Wängi Zoll Bütt Dottik Ennet Frick Gelter Hell`);

const villageEndings = words('wil ikon dorf bach berg hausen ingen au feld kirch');

/** Cities first, by size. */
export const cities = [...towns, ...combine(villageStems, villageEndings)];

/** Most people are with few providers. The rest are under names reserved for examples. */
export const mailDomains = words(`
  gmail.com bluewin.ch hotmail.com gmx.ch outlook.com yahoo.com icloud.com sunrise.ch gmx.net proton.me mail.example
  post.example familie.example buero.example firma.example uni.example`);

function combine(stems: readonly string[], endings: readonly string[]): string[] {
  const total = stems.length * endings.length;
  // Steps of a stride that shares no factor with the total visit every combination once, well mixed.
  const stride = nextCoprime(Math.floor(total * 0.618), total);
  const names = Array.from({ length: total }, (_, index) => {
    const at = (index * stride) % total;
    return stems[at % stems.length]! + endings[Math.floor(at / stems.length)]!;
  });
  return [...new Set(names)];
}

function nextCoprime(from: number, total: number): number {
  let candidate = Math.max(1, from);
  while (greatestCommonDivisor(candidate, total) !== 1) candidate += 1;
  return candidate;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

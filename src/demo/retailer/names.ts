// Common first names, last names and streets, combined at random: nobody in particular.

export const firstNames = [
  'Aline', 'Andrea', 'Anna', 'Beat', 'Carla', 'Clara', 'Daniel', 'David', 'Elena', 'Elias', 'Emma', 'Eva', 'Fabian',
  'Felix', 'Finn', 'Flavia', 'Hanna', 'Hugo', 'Ines', 'Ivo', 'Jan', 'Jana', 'Jonas', 'Julia', 'Karin', 'Lara', 'Lea',
  'Lena', 'Leon', 'Lina', 'Livia', 'Louis', 'Luca', 'Lukas', 'Maja', 'Marc', 'Maria', 'Martin', 'Mia', 'Mila', 'Nadia',
  'Nico', 'Nina', 'Noah', 'Nora', 'Olivia', 'Oskar', 'Paul', 'Petra', 'Philipp', 'Reto', 'Rita', 'Robin', 'Sandra',
  'Sarah', 'Selina', 'Silvan', 'Simon', 'Sofia', 'Stefan', 'Sven', 'Thomas', 'Tim', 'Ursula', 'Vera', 'Yann',
] as const;

export const lastNames = [
  'Albrecht', 'Amsler', 'Bachmann', 'Baumann', 'Berger', 'Bieri', 'Blaser', 'Bosshard', 'Brunner', 'Bucher', 'Christen',
  'Dietrich', 'Egger', 'Fankhauser', 'Fischer', 'Frei', 'Fuchs', 'Gerber', 'Graf', 'Hartmann', 'Heiniger', 'Hofer',
  'Huber', 'Hunziker', 'Imhof', 'Jost', 'Kaiser', 'Kaufmann', 'Keller', 'Kern', 'Koch', 'Kunz', 'Lang', 'Lehmann',
  'Leuenberger', 'Lorenz', 'Marti', 'Maurer', 'Meier', 'Meyer', 'Moser', 'Näf', 'Odermatt', 'Peter', 'Pfister', 'Richter',
  'Ritter', 'Roth', 'Rüegg', 'Schmid', 'Schneider', 'Schwarz', 'Seiler', 'Sommer', 'Stauffer', 'Steiner', 'Stucki',
  'Suter', 'Tanner', 'Vogel', 'Wagner', 'Weber', 'Wenger', 'Widmer', 'Winkler', 'Wyss', 'Zaugg', 'Zimmermann',
] as const;

export const streets = [
  'Ahornweg', 'Bachstrasse', 'Bahnhofstrasse', 'Birkenweg', 'Buchenweg', 'Dorfstrasse', 'Eichenweg', 'Feldstrasse',
  'Gartenstrasse', 'Hauptstrasse', 'Höhenweg', 'Kirchgasse', 'Lindenweg', 'Mühleweg', 'Oberdorf', 'Parkstrasse',
  'Quellenweg', 'Rosenweg', 'Schulstrasse', 'Seestrasse', 'Sonnenweg', 'Talstrasse', 'Waldweg', 'Wiesenweg',
] as const;

export interface Town {
  readonly postcode: string;
  readonly city: string;
}

export const towns: Readonly<Record<'CH' | 'DE', readonly Town[]>> = {
  CH: [
    { postcode: '8001', city: 'Zürich' }, { postcode: '8400', city: 'Winterthur' }, { postcode: '3011', city: 'Bern' },
    { postcode: '4051', city: 'Basel' }, { postcode: '6003', city: 'Luzern' }, { postcode: '9000', city: 'St. Gallen' },
    { postcode: '5000', city: 'Aarau' }, { postcode: '2502', city: 'Biel/Bienne' }, { postcode: '3600', city: 'Thun' },
    { postcode: '7000', city: 'Chur' }, { postcode: '4500', city: 'Solothurn' }, { postcode: '6300', city: 'Zug' },
  ],
  DE: [
    { postcode: '78462', city: 'Konstanz' }, { postcode: '79098', city: 'Freiburg' }, { postcode: '80331', city: 'München' },
    { postcode: '70173', city: 'Stuttgart' }, { postcode: '10115', city: 'Berlin' }, { postcode: '20095', city: 'Hamburg' },
    { postcode: '60311', city: 'Frankfurt' }, { postcode: '50667', city: 'Köln' },
  ],
};

/** The shops with tills. */
export const stores = ['Bern', 'Zürich', 'Basel', 'Luzern', 'Konstanz'] as const;

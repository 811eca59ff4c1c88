import { badInput } from '../kernel/errors.ts';
import type { Json, JsonObject } from '../kernel/json.ts';
import type { PlaceCondition } from './condition.ts';
import type { CustomerFacts } from './facts.ts';
import { foldCase } from './fold-case.ts';
import type { Finding, LeafKind } from './leaf-kind.ts';
import { checkNames } from './name.ts';
import { traitOf } from './trait-leaf.ts';

/** The golden trait that each list is about. */
export const placeTraits = {
  countries: 'country',
  regions: 'region',
  cities: 'city',
  postalCodes: 'postalCode',
} as const;
export const placeLists = Object.keys(placeTraits) as (keyof typeof placeTraits)[];

/** Of the Earth, on average (IUGG): kilometres. */
export const earthRadius = 6371.0088;

/** Where the customer lives. */
export const placeLeaf: LeafKind<'place'> = {
  name: 'place',
  check: (given, field) => {
    const lists = placeLists.flatMap((name) => {
      const list = given[name];
      return list == null ? [] : [[name, checkNames(list, `${field}.${name}`)]];
    });
    const near = given.near == null ? {} : { near: checkNear(given.near, `${field}.near`) };
    const place: PlaceCondition = { ...Object.fromEntries(lists), ...near };
    if (Object.keys(place).length > 0) return place;
    throw badInput(`Give at least one of ${[...placeLists, 'near'].join(', ')}.`, field);
  },
  needs: (leaf) => ({ traits: new Set(traitsOf(leaf)) }),
  cost: (leaf) => traitsOf(leaf).length,
  judge,
};

type Near = NonNullable<PlaceCondition['near']>;

function checkNear({ latitude, longitude, kilometres }: Near, field: string): Near {
  checkRange(latitude, { from: -90, to: 90 }, `${field}.latitude`);
  checkRange(longitude, { from: -180, to: 180 }, `${field}.longitude`);
  checkRange(kilometres, { from: 0.001, to: 20_100 }, `${field}.kilometres`);
  return { latitude, longitude, kilometres };
}

function checkRange(number: number, { from, to }: { from: number; to: number }, field: string): void {
  if (typeof number === 'number' && number >= from && number <= to) return;
  throw badInput(`Expected a number from ${from} to ${to}, got ${JSON.stringify(number) ?? 'nothing'}.`, field);
}

function traitsOf(leaf: PlaceCondition): string[] {
  const named = placeLists.filter((name) => leaf[name]).map((name) => placeTraits[name]);
  return leaf.near ? [...named, 'location'] : named;
}

function judge(leaf: PlaceCondition, { traits }: CustomerFacts): Finding {
  const found: JsonObject = {};
  for (const trait of traitsOf(leaf)) found[trait] = traitOf(traits, trait) ?? null;
  const named = placeLists.every((name) => isListed(found[placeTraits[name]], leaf[name], name === 'postalCodes'));
  if (!leaf.near) return { verdict: named, found };
  const distance = distanceTo(found.location, leaf.near);
  const kilometres = distance === undefined ? null : Math.round(distance * 1000) / 1000;
  const isNear = distance !== undefined && distance <= leaf.near.kilometres;
  return { verdict: named && isNear, found: { ...found, kilometres } };
}

function isListed(value: Json | undefined, list: readonly string[] | undefined, byBeginning: boolean): boolean {
  if (!list) return true;
  if (typeof value !== 'string') return false;
  const folded = foldCase(value);
  return list.map(foldCase).some((entry) => (byBeginning ? folded.startsWith(entry) : folded === entry));
}

/** By the haversine formula, in kilometres. `undefined` where the trait is no place on Earth. */
function distanceTo(location: Json | undefined, to: Near): number | undefined {
  if (typeof location !== 'object' || location === null || Array.isArray(location)) return undefined;
  const { latitude, longitude } = location;
  if (typeof latitude !== 'number' || Math.abs(latitude) > 90) return undefined;
  if (typeof longitude !== 'number' || Math.abs(longitude) > 180) return undefined;
  const [from, there] = [radians(latitude), radians(to.latitude)];
  const square =
    haversine(there - from) + Math.cos(from) * Math.cos(there) * haversine(radians(to.longitude) - radians(longitude));
  return 2 * earthRadius * Math.asin(Math.sqrt(Math.min(1, square)));
}

function haversine(angle: number): number {
  return Math.sin(angle / 2) ** 2;
}

/** Of nine decimal places, a tenth of a millimetre. */
function radians(degrees: number): number {
  return (Math.round(degrees * 1e9) / 1e9) * (Math.PI / 180);
}

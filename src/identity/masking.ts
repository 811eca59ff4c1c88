import { hasScope } from '../access/scopes.ts';
import type { Context, PersonalTraits } from '../kernel/context.ts';
import type { Json, JsonObject } from '../kernel/json.ts';

/** What stands for a value that the caller may not see. No length, no first letters: a mask must not help to guess. */
export const mask = '•••';

/** A whole value that is an address, however odd its characters. */
const wholeEmail = /^([^\s@])[^\s@]*@([^\s@])[^\s@]*(\.[^\s@.]{2,})$/u;

/** An address within text, such as a URL: without the characters that separate it there. */
const emailWithin =
  /([\p{L}\p{N}._%+'-])[\p{L}\p{N}._%+'-]*(?:@|%40)([\p{L}\p{N}])[\p{L}\p{N}-]*(?:\.[\p{L}\p{N}-]+)*(\.\p{L}{2,})/giu;

const maskedEmail = `$1${mask}@$2${mask}$3`;

/**
 * `jo.doe@example.com` → `j•••@e•••.com`: people recognise their own, nobody can write to it. Any other text becomes
 * {@link mask}.
 */
export function maskText(text: string): string {
  return wholeEmail.test(text) ? text.replace(wholeEmail, maskedEmail) : mask;
}

/** Words that name a person's data when they are the end of a key: `customerEmail`, `billing_address`, `IP`. */
const personalKeys = new RegExp(
  `^(${[
    'e?mail',
    'phone',
    'mobile',
    'msisdn',
    'tel',
    'fax',
    'whatsapp',
    'name',
    'forename',
    'surname',
    'salutation',
    'initials',
    'nickname',
    'recipient',
    'address',
    'street',
    'housenumber',
    'postcode',
    'postalcode',
    'zip',
    'zipcode',
    'city',
    'town',
    'birthday',
    'birthdate',
    'dateofbirth',
    'dob',
    'birthyear',
    'age',
    'gender',
    'sex',
    'ip',
    'ipv4',
    'ipv6',
    'useragent',
    'fingerprint',
    'cookie',
    'deviceid',
    'anonymousid',
    'advertisingid',
    'idfa',
    'gaid',
    'userid',
    'customerid',
    'loyaltycard',
    'cardnumber',
    'pan',
    'iban',
    'bic',
    'accountnumber',
    'passport',
    'ssn',
    'taxid',
    'latitude',
    'longitude',
    'lat',
    'lon',
    'lng',
    'geo',
    'coordinates',
    'signature',
    'password',
    'token',
    'avatar',
    'photo',
    'message',
    'comment',
    'note',
    'notes',
    'text',
    'body',
    'subject',
    'transcript',
  ].join('|')})s?(number|no|address|value|hash|raw|line\\d?|\\d)?$`,
);

/** Words so clear that they count inside a longer one, such as `customeremailhome`. */
const clearlyPersonal = /email|phone|address|birthda|firstname|lastname|password|iban/;

/** Names of things, not of people. */
const namesThing =
  /(product|item|event|campaign|page|screen|brand|category|store|shop|plan|file|list|segment|coupon)name$/;

/**
 * True where a key of free-form JSON is likely to hold personal data. Compared without case and punctuation. Words
 * such as `message` are in because a service desk's free text is the most personal thing there is.
 */
export function isPersonalKey(key: string): boolean {
  const words = key
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  const whole = words.join('');
  if (namesThing.test(whole)) return false;
  return clearlyPersonal.test(whole) || [1, 2, 3].some((length) => personalKeys.test(words.slice(-length).join('')));
}

/** What one caller sees of personal data. Types ask it for every value they show, so that none slips past. */
export class Sight {
  /** The caller has `pii:read`. */
  readonly full: boolean;
  readonly #personalTraits: PersonalTraits;

  constructor(full: boolean, personalTraits: PersonalTraits) {
    this.full = full;
    this.#personalTraits = personalTraits;
  }

  /** Every identifier is personal, a device's too: it is what singles somebody out. */
  identifier(value: string): string {
    return this.full ? value : maskText(value);
  }

  /** Personal data by the catalogue of traits, whether this caller may see it or not. */
  isPersonalTrait(name: string): boolean {
    return this.#personalTraits.has(name);
  }

  hidesTrait(name: string): boolean {
    return !this.full && this.isPersonalTrait(name);
  }

  trait(name: string, value: Json): Json {
    return this.hidesTrait(name) ? maskWhole(value) : value;
  }

  traits(traits: JsonObject | null): JsonObject | null {
    if (this.full || traits === null) return traits;
    return mapMembers(traits, (value, name) => this.trait(name, value));
  }

  /** Properties and context: free-form, so personal data is known by its key, and e-mail addresses by their looks. */
  freeForm(json: JsonObject | null): JsonObject | null {
    return this.full || json === null ? json : maskMembers(json);
  }
}

export function sightOf(ctx: Pick<Context, 'viewer' | 'personalTraits'>): Sight {
  return new Sight(hasScope(ctx, 'pii:read'), ctx.personalTraits);
}

function maskMembers(json: JsonObject): JsonObject {
  return mapMembers(json, (value, key) => (isPersonalKey(key) ? maskWhole(value) : maskInside(value)));
}

function maskInside(value: Json): Json {
  if (typeof value === 'string') return value.replace(emailWithin, maskedEmail);
  if (Array.isArray(value)) return value.map(maskInside);
  return isObject(value) ? maskMembers(value) : value;
}

/** Masks every leaf. Null stays: that there is no value is no secret worth a lie. */
function maskWhole(value: Json): Json {
  if (value === null) return null;
  if (typeof value === 'string') return maskText(value);
  if (Array.isArray(value)) return value.map(maskWhole);
  return isObject(value) ? mapMembers(value, maskWhole) : mask;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapMembers(json: JsonObject, each: (value: Json, key: string) => Json): JsonObject {
  // fromEntries, unlike assignment, takes a member named __proto__ for what it is.
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, each(value, key)]));
}

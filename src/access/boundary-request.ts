import type { Boundary, BoundaryConsent, FieldLimits } from '../kernel/boundary.ts';
import { badInput } from '../kernel/errors.ts';
import type { Scope } from './scopes.ts';

/** Far more than anybody looks after by hand. */
const mostEntries = 100;
const longestText = 200;

const typePattern = /^(?:[a-z][a-z0-9_]*\.)*(?:[a-z][a-z0-9_]*|\*)$/;
const coordinatePattern = /^[A-Za-z]\w*\.(?:[A-Za-z]\w*|\*)$/;

/** In one spelling: each entry once, nothing that says nothing. `null` when nothing is limited. */
export function checkBoundary(given: Boundary | null): Boundary | null {
  if (given === null) return null;
  const boundary: Boundary = {
    ...optional('segments', checkTexts(given.segments, 'segments', isAnything)),
    ...optional('consents', checkConsents(given.consents)),
    ...optional('touchpointTypes', checkTexts(given.touchpointTypes, 'touchpointTypes', isTypePattern)),
    ...optional('sources', checkTexts(given.sources, 'sources', isAnything)),
    ...optional('stores', checkTexts(given.stores, 'stores', isAnything)),
    ...optional('fields', checkFields(given.fields)),
  };
  return Object.keys(boundary).length === 0 ? null : boundary;
}

/** A key that was given away as limited stays so: what limits it can be changed, and never be taken away. */
export function checkBoundaryChange(known: Boundary | null, next: Boundary | null): void {
  const lost = limitNames(known).filter((name) => !limitNames(next).includes(name));
  if (lost.length === 0) return;
  throw badInput(
    `Expected a boundary that still limits ${lost.join(', ')}: for a key without that limit make another key.`,
    'input.boundary',
  );
}

/** Pages of the web hold their keys for everybody to read: such a key must be worth nothing to a reader. */
export function checkTogether(
  writeOnly: boolean,
  scopes: readonly Scope[],
  { boundary, allowedOrigins }: { boundary: Boundary | null; allowedOrigins: readonly string[] },
): boolean {
  if (writeOnly && (scopes.length !== 1 || scopes[0] !== 'ingest')) {
    throw badInput(`A write-only key has the scope ingest and no other; got ${scopes.join(', ')}.`, 'input.scopes');
  }
  if (boundary && scopes.includes('admin')) {
    throw badInput(
      'The scope admin includes everything, keys without a boundary too: leave one of both out.',
      'input.boundary',
    );
  }
  if (writeOnly && (boundary?.segments || boundary?.consents || boundary?.fields)) {
    throw badInput(
      'The boundary of a write-only key can limit touchpoint types, sources and stores; it reads nothing.',
      'input.boundary',
    );
  }
  if (!writeOnly && allowedOrigins.length > 0 && scopes.includes('admin')) {
    throw badInput('A key with the scope admin does not belong in a web page.', 'input.allowedOrigins');
  }
  return writeOnly;
}

/** As browsers send them: scheme, host and port that is not the usual one, in small letters. */
export function checkOrigins(given: readonly string[]): string[] {
  checkCount(given, 'allowedOrigins');
  return unique(given.map((text, index) => checkOrigin(text, `input.allowedOrigins[${index}]`)));
}

function checkOrigin(text: string, field: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url && /^https?:$/.test(url.protocol) && (text === url.origin || text === `${url.origin}/`);
  if (isOrigin) return url.origin;
  throw badInput(
    `Expected the origin of web pages, such as https://shop.example, got ${JSON.stringify(text.slice(0, 80))}.`,
    field,
  );
}

function checkConsents(given: readonly BoundaryConsent[] | null | undefined): readonly BoundaryConsent[] | undefined {
  if (!given) return undefined;
  checkSome(given, 'consents');
  const consents = given.map(({ purpose, channel }, index) => {
    const field = `consents[${index}]`;
    checkText(purpose, `${field}.purpose`, isAnything);
    if (channel === undefined || channel === null) return { purpose };
    // As consents spell it: one that is spelled otherwise would let in nobody.
    return { purpose, channel: checkText(channel, `${field}.channel`, isAnything).toUpperCase() };
  });
  const byText = new Map(consents.map((consent) => [JSON.stringify(consent), consent]));
  return [...byText.values()];
}

function checkFields(given: FieldLimits | null | undefined): FieldLimits | undefined {
  const fields = {
    ...optional('allow', checkTexts(given?.allow, 'allowedFields', isCoordinate)),
    ...optional('deny', checkTexts(given?.deny, 'deniedFields', isCoordinate)),
  };
  return Object.keys(fields).length === 0 ? undefined : fields;
}

function checkTexts(
  given: readonly string[] | null | undefined,
  field: string,
  expected: Expected,
): readonly string[] | undefined {
  if (!given) return undefined;
  checkSome(given, field);
  return unique(given.map((text, index) => checkText(text, `${field}[${index}]`, expected)));
}

interface Expected {
  readonly what: string;
  readonly pattern: RegExp;
}

const isAnything: Expected = { what: `a text of 1 to ${longestText} characters`, pattern: /^\P{Cc}+$/u };
const isTypePattern: Expected = { what: 'a type such as order.completed, or order.*', pattern: typePattern };
const isCoordinate: Expected = {
  what: 'a field such as Customer.identifiers, or Customer.*',
  pattern: coordinatePattern,
};

function checkText(text: string, field: string, { what, pattern }: Expected): string {
  if (text.length <= longestText && pattern.test(text)) return text;
  throw badInput(`Expected ${what}, got ${JSON.stringify(text.slice(0, 80))}.`, `input.boundary.${field}`);
}

/** An empty list would say that nothing may be seen, and read as if nothing were limited. */
function checkSome(given: readonly unknown[], field: string): void {
  if (given.length === 0)
    throw badInput('Expected at least one, or to leave it out: then it is not limited.', `input.boundary.${field}`);
  checkCount(given, `boundary.${field}`);
}

function checkCount(given: readonly unknown[], field: string): void {
  if (given.length > mostEntries)
    throw badInput(`Expected at most ${mostEntries}, got ${given.length}.`, `input.${field}`);
}

function limitNames(boundary: Boundary | null): string[] {
  const { fields, ...others } = boundary ?? {};
  return [...Object.keys(others), ...Object.keys(fields ?? {}).map((name) => `fields.${name}`)];
}

function optional<K extends string, V>(name: K, value: V | undefined): { [name in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [name in K]?: V });
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

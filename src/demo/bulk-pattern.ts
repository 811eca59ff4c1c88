import type { IdentityRules } from '../identity/rules.ts';
import { canonicalJson } from '../kernel/json.ts';
import type { AcceptedTouchpoint, TouchpointDraft } from '../touchpoints/touchpoint.ts';
import { validateTouchpoint } from '../touchpoints/validate.ts';
import { basketDetail, fillBasket, takeBack } from './retailer/basket.ts';
import { day, hour, minute } from './retailer/calendar.ts';
import { catalogue, pickTaste } from './retailer/catalogue.ts';
import { type Claim, claims } from './retailer/identity.ts';
import { firstNames, lastNames, stores, towns } from './retailer/names.ts';
import { Random } from './retailer/random.ts';

/**
 * Stands for the number of a person in every text of a pattern. No letters and nothing that a normaliser would drop:
 * it has to come through validation as it is.
 */
export const numberMark = '{#}';
/** Stands for `occurredAt` in the canonical body. */
export const timeMark = '{@}';

/** How many different lives there are; person n leads life n modulo this. */
export const patternCount = 64;

/** One touchpoint of a life, with marks in it. */
export interface PatternDraft {
  readonly draft: Omit<TouchpointDraft, 'occurredAt'>;
  /** Milliseconds after the start of the life. */
  readonly after: number;
}

/** The touchpoint of person `n`, whose life starts at `start`. */
export function draftOf({ draft, after }: PatternDraft, n: number, start: number): TouchpointDraft {
  const text = JSON.stringify(draft).replaceAll(numberMark, String(n));
  return { ...(JSON.parse(text) as typeof draft), occurredAt: new Date(start + after).toISOString() };
}

/** What validation makes of a pattern: the same for every person, but for the marks. */
export interface AcceptedPattern {
  readonly life: number;
  readonly after: number;
  readonly touchpoint: AcceptedTouchpoint;
  /** What the fingerprint is made of. */
  readonly body: string;
}

export function acceptPatterns(settings: { rules: IdentityRules; defaultRegion: string }): AcceptedPattern[] {
  return Array.from({ length: patternCount }, (_, life) =>
    makeLife(life).map((pattern) => accept(life, pattern, settings)),
  ).flat();
}

function accept(
  life: number,
  { draft, after }: PatternDraft,
  settings: { rules: IdentityRules; defaultRegion: string },
): AcceptedPattern {
  const anyTime = '2000-01-01T00:00:00.000Z';
  const verdict = validateTouchpoint({ ...draft, occurredAt: anyTime }, new Date(anyTime), {
    ...settings,
    idSecret: '',
  });
  if (!verdict.ok) throw new Error(`Life ${life} of the bulk patterns: ${verdict.message}`);
  return { life, after, touchpoint: verdict.touchpoint, body: canonicalJson({ ...draft, occurredAt: timeMark }) };
}

/**
 * About ten touchpoints of somebody who browses anonymously, opens an account and buys: always one customer, as every
 * record shares an identifier with another.
 */
export function makeLife(life: number): PatternDraft[] {
  return new LifeWriter(life).write();
}

class LifeWriter {
  readonly #random: Random;
  readonly #shopper;
  readonly #holdsCard: boolean;
  readonly #email: string;
  readonly #name;
  readonly #written: PatternDraft[] = [];
  #after = 0;

  constructor(life: number) {
    this.#random = new Random('bulk', life);
    this.#name = { firstName: this.#random.pick(firstNames), lastName: this.#random.pick(lastNames) };
    this.#email = `${this.#name.firstName.toLowerCase()}.${numberMark}@mail.example`;
    this.#shopper = { taste: pickTaste(this.#random), currency: this.#random.pick(['CHF', 'CHF', 'EUR'] as const) };
    this.#holdsCard = this.#random.chance(0.5);
  }

  write(): PatternDraft[] {
    this.#look(this.#cookie(), 3);
    this.#signUp();
    const orders = 1 + Math.min(3, Math.floor(this.#random.exponential(1.2)));
    for (let order = 0; order < orders; order++) this.#buy();
    if (this.#random.chance(0.2)) this.#complain();
    if (this.#random.chance(0.1))
      this.#tell('pos', 'order.completed', basketDetail(fillBasket(this.#shopper, this.#random)));
    this.#after += this.#random.int(1, 20) * day;
    this.#look(this.#login(), Math.max(1, 10 - this.#written.length));
    return this.#written;
  }

  #tell(source: string, type: string, detail: Partial<TouchpointDraft>): void {
    const messageId = `bulk-${numberMark}-${this.#written.length}`;
    this.#written.push({ after: this.#after, draft: { messageId, source, type, ...detail } });
    this.#after += this.#random.int(minute / 6, 4 * minute);
  }

  #cookie(): Claim[] {
    return claims(['anonymousId', `bulk-b-${numberMark}`]);
  }

  #login(): Claim[] {
    return [...this.#cookie(), ...claims(['userId', `bulk-u-${numberMark}`])];
  }

  #card(): Claim[] {
    return this.#holdsCard ? claims(['loyaltyCard', `2990-${numberMark}`]) : [];
  }

  #look(identifiers: Claim[], times: number): void {
    this.#tell('web', 'session.started', {
      identifiers,
      context: { device: this.#random.pick(['desktop', 'mobile']) },
    });
    for (let time = 1; time < times; time++) {
      const { sku, name, category } = this.#random.pick(catalogue);
      this.#tell('web', 'product.viewed', { identifiers, properties: { sku, name, category } });
    }
  }

  #signUp(): void {
    const home = this.#random.pick(towns.CH);
    this.#tell('web', 'identify', {
      identifiers: [...this.#login(), ...claims(['email', this.#email]), ...this.#card()],
      traits: {
        ...this.#name,
        email: this.#email,
        city: home.city,
        postalCode: home.postcode,
        country: 'CH',
        language: 'de',
      },
    });
  }

  #buy(): void {
    const basket = fillBasket(this.#shopper, this.#random);
    const orderId = `B${numberMark}-${this.#written.length}`;
    if (this.#holdsCard && this.#random.chance(0.5)) {
      const [card] = this.#card();
      this.#tell('pos', 'order.completed', {
        key: card?.value,
        identifiers: this.#card(),
        properties: { orderId, store: this.#random.pick(stores) },
        ...basketDetail(basket),
      });
    } else {
      this.#tell('web', 'order.completed', {
        identifiers: this.#login(),
        properties: { orderId },
        ...basketDetail(basket),
      });
      if (this.#random.chance(0.12)) this.#bringBack(orderId, basket);
    }
    this.#after += this.#random.int(5, 80) * day + this.#random.int(0, 12 * hour);
  }

  #bringBack(orderId: string, basket: ReturnType<typeof fillBasket>): void {
    this.#after += this.#random.int(3, 15) * day;
    this.#tell('web', 'order.returned', {
      identifiers: this.#login(),
      properties: { orderId },
      ...basketDetail(takeBack(basket, this.#random)),
    });
  }

  #complain(): void {
    this.#tell('service', 'case.opened', {
      identifiers: claims(['email', this.#email]),
      traits: this.#name,
      properties: { caseId: `BC-${numberMark}`, topic: 'late delivery', complaint: true },
    });
  }
}

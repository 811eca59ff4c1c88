import type { Context, Platform, Viewer } from '../../kernel/context.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { badInput } from '../../kernel/errors.ts';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { Loaders } from '../../kernel/loaders.ts';
import { type Consent, consentFor, everyChannel } from '../consents/consent.ts';
import { ConsentDesk, type Saying } from '../consents/consent-desk.service.ts';
import { findOfferedPurposes } from '../consents/consent-purposes.queries.ts';
import type { ConsentsMoved } from '../consents/consents.events.ts';
import { findConsents, findStatementsOf } from '../consents/consents.queries.ts';
import { foldPreferences } from '../preferences/preference.ts';
import { faultOf } from '../preferences/preference-definition.ts';
import { findDefinitions } from '../preferences/preference-definitions.queries.ts';
import { type PreferenceSaying, statePreferences } from '../preferences/preference-desk.service.ts';
import type { LinkRow } from '../preferences/preference-links.queries.ts';
import type { PreferenceLinks } from '../preferences/preference-links.service.ts';
import { findPreferencesOf } from '../preferences/preferences.queries.ts';
import { findOwnerOfRecord } from '../spoken-for.queries.ts';
import { type SpokenFor, speakFor } from '../spoken-for.service.ts';
import { type Choice, offerPurposes, type PreferenceCenter, statusToState } from './preference-center.ts';

/** What a customer has chosen. What is left out stays as it is. */
export interface Chosen {
  readonly consents: readonly {
    readonly purpose: string;
    readonly channel: string | null;
    readonly granted: boolean;
  }[];
  readonly preferences: readonly { readonly name: string; readonly value: Json }[];
}

/** RFC 8058: leave what came by e-mail, with one click. */
export interface OneClick {
  /** Null: all that comes by these channels. */
  readonly purpose: string | null;
  readonly channels: readonly string[];
}

/** The customer to whom a link leads, with what they see. */
interface Opened {
  readonly customer: SpokenFor;
  readonly center: PreferenceCenter;
}

const source = 'preference center';

/**
 * The customer, by their link: it opens this one person's choices, and nothing else. No API key and no scope stands behind it,
 * which is why nothing here asks for one.
 */
const customersHand: Viewer = {
  keyId: '00000000-0000-0000-0000-000000000000',
  name: source,
  scopes: new Set(),
};

export interface PreferenceCenterParts {
  readonly links: PreferenceLinks;
  readonly reactions: readonly ConsentsMoved[];
}

/** Where customers see and change what they allow and prefer. Every method answers `undefined` for a link that opens nothing. */
export class PreferenceCenterService {
  readonly #platform: Platform;
  readonly #links: PreferenceLinks;
  readonly #desk: ConsentDesk;

  constructor(platform: Platform, { links, reactions }: PreferenceCenterParts) {
    this.#platform = platform;
    this.#links = links;
    this.#desk = new ConsentDesk(reactions);
  }

  async open(token: string): Promise<PreferenceCenter | undefined> {
    const { pool } = this.#platform;
    const link = await this.#links.openLink(this.#platform, token);
    const customerId = link && (await findOwnerOfRecord(pool, link.customerId));
    return customerId === undefined ? undefined : this.#show(pool, link!, customerId);
  }

  /** All of it or nothing. Throws `BAD_USER_INPUT` for what is not offered. */
  async update(token: string, chosen: Chosen, requestId: string): Promise<PreferenceCenter | undefined> {
    return this.#change(token, requestId, async (tx, ctx, { customer, center }) => {
      const sayings = chosen.consents.flatMap((choice, index) => {
        const field = `consents[${index}]`;
        const status = statusToState(findChoice(center, choice, field), choice.granted);
        const { purpose, channel } = choice;
        return status ? [this.#saying({ purpose, channel: channel ?? everyChannel, status })] : [];
      });
      await this.#state(tx, ctx, { customer, sayings });
      await this.#prefer(tx, ctx, { customer, center, preferences: chosen.preferences });
    });
  }

  /** Whatever of it is not refused already. Also where the purpose is not offered: it came with a message. */
  async unsubscribe(token: string, click: OneClick, requestId: string): Promise<PreferenceCenter | undefined> {
    return this.#change(token, requestId, async (tx, ctx, { customer }) => {
      const consents = await findConsents(tx, [customer.customerId]);
      const left = leftBy(click, consents);
      const sayings = left.map((about) => this.#saying({ ...about, status: 'WITHDRAWN' }));
      await this.#state(tx, ctx, { customer, sayings });
    });
  }

  async #change(
    token: string,
    requestId: string,
    work: (tx: Tx, ctx: Context, opened: Opened) => Promise<void>,
  ): Promise<PreferenceCenter | undefined> {
    const link = await this.#links.openLink(this.#platform, token);
    if (!link) return undefined;
    const ctx: Context = { ...this.#platform, viewer: customersHand, requestId, loaders: new Loaders() };
    return speakFor(ctx, link.customerId, async (tx, customer) => {
      await work(tx, ctx, { customer, center: await this.#show(tx, link, customer.customerId) });
      return this.#show(tx, link, customer.customerId);
    });
  }

  async #show(db: Database, { expiresAt }: LinkRow, customerId: string): Promise<PreferenceCenter> {
    const [purposes, consents, definitions, said] = await Promise.all([
      findOfferedPurposes(db),
      findConsents(db, [customerId]),
      findDefinitions(db),
      findPreferencesOf(db, [customerId]),
    ]);
    const declared = new Map(foldPreferences(said.filter((one) => one.declared)).map((one) => [one.name, one.value]));
    return {
      expiresAt,
      purposes: offerPurposes(purposes, consents, this.#platform.clock.now()),
      preferences: definitions.map(({ name, label, description, kind, options }) => {
        return { name, label, description, kind, options, value: declared.get(name) ?? null };
      }),
    };
  }

  #saying({ purpose, channel, status }: Pick<Saying, 'purpose' | 'channel' | 'status'>): Saying {
    return {
      ...{ id: this.#platform.ids.uuid(), purpose, channel, status, legalBasis: 'CONSENT' },
      ...{ origin: 'PREFERENCE_CENTER', source, evidence: null, reason: null },
      ...{ statedAt: null, expiresAt: null, fingerprint: null },
    };
  }

  async #state(
    tx: Tx,
    ctx: Context,
    { customer, sayings }: { customer: SpokenFor; sayings: readonly Saying[] },
  ): Promise<void> {
    if (sayings.length === 0) return;
    const known = await findStatementsOf(tx, [customer.customerId]);
    await this.#desk.state(tx, ctx, { customer, sayings, known });
  }

  async #prefer(
    tx: Tx,
    ctx: Context,
    { customer, center, preferences }: Opened & Pick<Chosen, 'preferences'>,
  ): Promise<void> {
    const sayings = preferences.flatMap(({ name, value }, index): PreferenceSaying[] => {
      const field = `preferences[${index}]`;
      const offered = center.preferences.find((one) => one.name === name);
      if (!offered) throw badInput('There is no such preference.', `${field}.name`);
      const fault = faultOf(offered, value);
      if (fault !== undefined) throw badInput(`Expected ${fault}.`, `${field}.value`);
      if (canonicalJson(offered.value) === canonicalJson(value)) return [];
      const id = this.#platform.ids.uuid();
      return [{ id, name, value, declared: true, origin: 'PREFERENCE_CENTER', source, fingerprint: null }];
    });
    if (sayings.length === 0) return;
    const known = await findPreferencesOf(tx, [customer.customerId]);
    await statePreferences(tx, ctx, { customer, sayings, known });
  }
}

/** What is not refused already. */
function leftBy({ purpose, channels }: OneClick, consents: readonly Consent[]) {
  const purposes = purpose === null ? new Set(consents.map((one) => one.purpose)) : new Set([purpose]);
  const all = [...purposes].flatMap((name) => channels.map((channel) => ({ purpose: name, channel })));
  return all.filter((about) => {
    const status = consentFor(consents, about.purpose, about.channel)?.status;
    return status !== 'DENIED' && status !== 'WITHDRAWN';
  });
}

function findChoice(
  { purposes }: PreferenceCenter,
  { purpose, channel }: Chosen['consents'][number],
  field: string,
): Choice {
  const offered = purposes.find(({ name }) => name === purpose);
  if (!offered) throw badInput('There is no such purpose.', `${field}.purpose`);
  const choice = offered.choices.find((one) => one.channel === (channel ?? everyChannel));
  if (!choice) throw badInput('The purpose is not offered over this channel.', `${field}.channel`);
  return choice;
}

import { z } from 'zod';
import { badInput } from '../kernel/errors.ts';
import type { Json } from '../kernel/json.ts';
import type { Chosen, OneClick } from '../privacy/preference-center/preference-center.service.ts';
import type { OfferedPreference, PreferenceCenter } from '../privacy/preference-center/preference-center.ts';
import { channels } from '../touchpoints/touchpoint.ts';
import { readChoiceName } from './preference-center.page.ts';

const mostAtOnce = 200;

const body = z.strictObject({
  consents: z
    .array(z.strictObject({ purpose: z.string(), channel: z.string().nullish(), granted: z.boolean() }))
    .max(mostAtOnce)
    .default([]),
  preferences: z
    .array(z.strictObject({ name: z.string(), value: z.json() }))
    .max(mostAtOnce)
    .default([]),
});

/** Choices as JSON. Throws `BAD_USER_INPUT`. */
export function readChoices(given: unknown): Chosen {
  const read = body.safeParse(given);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw badInput(`${issue?.message ?? 'Not valid'}.`, issue?.path.join('.') || undefined);
  }
  const { consents, preferences } = read.data;
  return {
    consents: consents.map(({ purpose, channel, granted }) => ({ purpose, channel: channel ?? null, granted })),
    preferences: preferences as { name: string; value: Json }[],
  };
}

/** Choices as the form sends them. What was not on the page is left as it is. */
export function readForm(form: URLSearchParams, { preferences }: PreferenceCenter): Chosen {
  const granted = new Set(form.getAll('granted'));
  const shown = form.getAll('shown').slice(0, mostAtOnce);
  return {
    consents: shown.map((name) => ({ ...readChoiceName(name), granted: granted.has(name) })),
    preferences: preferences
      .filter(({ name }) => form.has(`preference ${name}`))
      .map((preference) => ({ name: preference.name, value: answerIn(preference, form) })),
  };
}

function answerIn({ name, kind }: OfferedPreference, form: URLSearchParams): Json {
  const given = form.getAll(`preference ${name}`).filter((value) => value !== '');
  if (kind === 'SOME_OF') return given.length > 0 ? given : null;
  const value = given[0] ?? null;
  return kind === 'YES_NO' && value !== null ? value === 'Yes' : value;
}

/** What e-mail programs send for somebody who wants no more: RFC 8058. */
export function isOneClick(form: URLSearchParams): boolean {
  return form.get('List-Unsubscribe') === 'One-Click';
}

/** Purpose and channel of the message stand in the address; without them, all that comes by e-mail. */
export function readOneClick(query: Readonly<Record<string, unknown>>): OneClick {
  const { purpose, channel } = query;
  const known = channels.find((name) => name === channel);
  if (channel !== undefined && known === undefined) throw badInput(`Expected ${channels.join(', ')}.`, 'channel');
  return {
    purpose: typeof purpose === 'string' ? purpose : null,
    channels: known === undefined ? ['EMAIL', 'NEWSLETTER'] : [known],
  };
}

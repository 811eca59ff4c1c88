import { hash } from 'node:crypto';
import { everyChannel } from '../privacy/consents/consent.ts';
import type {
  Choice,
  OfferedPreference,
  OfferedPurpose,
  PreferenceCenter,
} from '../privacy/preference-center/preference-center.ts';

const style = `
  body { font: 1.125rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 0 auto; padding: 1.5rem; color: #1a1a1a; background: #fff; }
  fieldset { border: 1px solid #767676; border-radius: .375rem; margin: 0 0 1.5rem; padding: .75rem 1rem; }
  legend { font-weight: 600; padding: 0 .25rem; }
  label { display: block; padding: .25rem 0; }
  input[type=checkbox], input[type=radio] { width: 1.25rem; height: 1.25rem; vertical-align: -.2rem; margin-right: .5rem; }
  input[type=text], select { font: inherit; padding: .25rem .5rem; width: 100%; box-sizing: border-box; }
  button { font: inherit; font-weight: 600; padding: .5rem 1.5rem; color: #fff; background: #0b57a4; border: 2px solid #0b57a4; border-radius: .375rem; }
  :focus-visible { outline: 3px solid #b35900; outline-offset: 2px; }
  [role=status] { border-left: .375rem solid #1a7f37; padding: .5rem 1rem; background: #eefbf1; }
  small { display: block; color: #555; }
  @media (prefers-color-scheme: dark) {
    body { color: #f0f0f0; background: #16181c; } small { color: #b8b8b8; }
    [role=status] { background: #12301b; } button { background: #7cb8ff; border-color: #7cb8ff; color: #000; }
    input[type=text], select { color: inherit; background: #24272d; border: 1px solid #9a9a9a; }
  }
`;

/** Nothing but the one style, and the form to this server: no script, no picture, in nobody's frame. */
export const pagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', style, 'base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** The preference centre as a form that works without script, by keyboard and with a screen reader. */
export function centerPage(center: PreferenceCenter, saved: boolean): string {
  const { purposes, preferences } = center;
  const nothing = purposes.length + preferences.length === 0 ? '<p>There is nothing to choose at the moment.</p>' : '';
  return page(
    'Your preferences',
    `${saved ? '<p role="status">Your choices have been saved.</p>' : ''}${nothing}
    <form method="post">
      ${purposes.map(purposeFields).join('\n')}
      ${preferences.map(preferenceFields).join('\n')}
      ${nothing === '' ? '<button type="submit">Save</button>' : ''}
    </form>`,
  );
}

/** The same for wrong, old and revoked links: who tries some learns nothing. */
export function closedPage(): string {
  return page('This link is not valid', '<p>It may be too old. Please use the link in a newer message.</p>');
}

export function busyPage(): string {
  return page('Too many requests', '<p>Please try again in a minute.</p>');
}

export function faultPage(message: string): string {
  return page('This could not be saved', `<p>${htmlText(message)}</p><p>Please go back and try again.</p>`);
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="robots" content="noindex">
  <title>${title}</title>
  <style>${style}</style>
</head>
<body>
  <main>
    <h1>${title}</h1>
    ${content}
  </main>
</body>
</html>
`;
}

function purposeFields({ label, description, choices }: OfferedPurpose): string {
  return fieldset(label, description, choices.map(choiceField).join('\n'));
}

/** `shown` says which boxes were there: one that is not sent was left empty. */
function choiceField(choice: Choice): string {
  const name = htmlText(choiceName(choice));
  const checked = choice.status === 'GRANTED' ? ' checked' : '';
  const waits = choice.status === 'PENDING' ? '<small>Waits for your confirmation.</small>' : '';
  return `<label><input type="checkbox" name="granted" value="${name}"${checked}>${htmlText(channelLabel(choice))}</label>${waits}
    <input type="hidden" name="shown" value="${name}">`;
}

/** What a box is called in the form: no channel has a blank in its name. */
export function choiceName({ purpose, channel }: Pick<Choice, 'purpose' | 'channel'>): string {
  return `${channel} ${purpose}`;
}

export function readChoiceName(name: string): { purpose: string; channel: string | null } {
  const blank = name.indexOf(' ');
  const channel = name.slice(0, blank);
  return { purpose: name.slice(blank + 1), channel: channel === everyChannel ? null : channel };
}

const channelLabels: Readonly<Record<string, string>> = {
  [everyChannel]: 'Yes, I agree',
  WEB: 'On the website',
  APP: 'In the app',
  POS: 'In shops',
  EMAIL: 'By e-mail',
  NEWSLETTER: 'By newsletter',
  SMS: 'By text message',
  PUSH: 'By push notification',
  PHONE: 'By telephone',
  CHAT: 'By chat',
  SOCIAL: 'On social media',
  LETTER: 'By post',
  MAGAZINE: 'By magazine',
  VISIT: 'In person',
};

function channelLabel({ channel }: Choice): string {
  return channelLabels[channel] ?? `${channel.charAt(0)}${channel.slice(1).toLowerCase()}`;
}

function preferenceFields(preference: OfferedPreference): string {
  const { name, label, description, kind, options, value } = preference;
  const field = htmlText(`preference ${name}`);
  if (kind === 'TEXT') {
    const text = typeof value === 'string' ? htmlText(value) : '';
    const input = `<input type="text" name="${field}" value="${text}" maxlength="500" aria-label="${htmlText(label)}">`;
    return fieldset(label, description, input);
  }
  if (kind === 'SOME_OF') {
    const chosen = new Set(Array.isArray(value) ? value : []);
    const shown = `<input type="hidden" name="${field}" value="">`;
    const boxes = options.map((option) => box('checkbox', { field, option, checked: chosen.has(option) }));
    return fieldset(label, description, shown + boxes.join('\n'));
  }
  const answers = kind === 'YES_NO' ? ['Yes', 'No'] : options;
  const given = kind === 'YES_NO' ? yesNo(value) : value;
  const boxes = answers.map((option) => box('radio', { field, option, checked: option === given }));
  const none = `<label><input type="radio" name="${field}" value=""${value === null ? ' checked' : ''}>No preference</label>`;
  return fieldset(label, description, [...boxes, none].join('\n'));
}

function yesNo(value: unknown): string | null {
  if (typeof value !== 'boolean') return null;
  return value ? 'Yes' : 'No';
}

function box(
  type: 'checkbox' | 'radio',
  { field, option, checked }: { field: string; option: string; checked: boolean },
): string {
  const mark = checked ? ' checked' : '';
  return `<label><input type="${type}" name="${field}" value="${htmlText(option)}"${mark}>${htmlText(option)}</label>`;
}

function fieldset(legend: string, description: string, content: string): string {
  const told = description === '' ? '' : `<p>${htmlText(description)}</p>`;
  return `<fieldset><legend>${htmlText(legend)}</legend>${told}
    ${content}</fieldset>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function htmlText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}

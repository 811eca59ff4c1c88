import { existsSync, globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildSchema, type GraphQLObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { scopeDescriptions } from '../../src/access/scopes.ts';
import { normaliseIdentifier } from '../../src/identity/normalise.ts';
import { defaultRules, isBlocked } from '../../src/identity/rules.ts';
import { describeConfig, readConfig } from '../../src/kernel/config.ts';
import { documentLimits, maximumTokens } from '../../src/server/document-limits.ts';
import { startRundum } from '../support/processes.ts';
import { listPages, namesIn, proseOf, readPage, readTable } from './markdown.ts';

const sources = globSync('src/**/*.ts').map((file) => readPage(file));
const inSources = (pattern: RegExp) =>
  new Set(sources.flatMap((text) => [...text.matchAll(pattern)].map((match) => match[1]!)));
const code = (text: string) => `\`${text}\``;

describe('every link leads somewhere', () => {
  test.each(listPages())('%s', (page) => {
    const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
    expect(links.filter((link) => !/^https?:/.test(link) && !isThere(page, link))).toEqual([]);
  });
});

function isThere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  return existsSync(target) && (anchor === undefined || headingsOf(target).includes(anchor));
}

/** As GitHub makes anchors of headings. */
function headingsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map((match) =>
    match[1]!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('operations', () => {
  test('name every setting with its default and what it is for, and no other', () => {
    const settings = describeConfig(readConfig({}, {}), {}).map(({ variable, value, description }) => [
      code(variable),
      value === '(not set)' ? '' : code(value),
      description,
    ]);
    expect(readTable('docs/operations.md', 'variable |')).toEqual(settings);
  });

  test('name every metric, and no other', () => {
    const named = readTable('docs/operations.md', 'metric |').flatMap(([metrics = '']) => namesIn(metrics));
    expect(new Set(named)).toEqual(inSources(/'(rundum_(?!live_|test_)[a-z_]+)'/g));
  });
});

describe('access', () => {
  const rows = readTable('docs/access.md', 'scope |');

  test('lists every scope with what it allows', () => {
    expect(rows.map(([scope, , allows]) => [scope, allows])).toEqual(
      Object.entries(scopeDescriptions).map(([scope, allows]) => [code(scope), allows]),
    );
  });

  test('says of each whether anything asks for it', () => {
    const asked = inSources(/(?:requireScope|hasScope)\(\w+, '([a-z:]+)'\)/g);
    expect(new Set(rows.filter(([, used]) => used === 'yes').map(([scope = '']) => namesIn(scope)[0]))).toEqual(asked);
  });
});

describe('identity', () => {
  test('lists the rules that are shipped', () => {
    const rules = [...defaultRules.kinds.values(), { kind: '', ...defaultRules.custom }];
    const rows = rules
      .sort((a, b) => a.priority - b.priority)
      .map(({ kind, priority, strength, valuesPerCustomer, valuesWindowDays, recordsPerValue, namesPerson }) => [
        kind === '' ? 'any other kind' : code(kind),
        String(priority),
        code(strength),
        String(valuesPerCustomer),
        valuesWindowDays === null ? 'ever' : `${valuesWindowDays} days`,
        String(recordsPerValue),
        namesPerson ? 'yes' : 'no',
      ]);
    expect(readTable('docs/identity.md', 'kind | priority')).toEqual(rows);
  });

  test.each(readTable('docs/identity.md', 'kind | given').map((row) => row.map((cell) => cell.slice(1, -1))))(
    'says how a %s is compared: %s as %s',
    (kind, given, compared) => {
      expect(normaliseIdentifier(kind!, given!, { defaultRegion: 'CH' })).toMatchObject({ ok: true, value: compared });
    },
  );

  test('names blocked values that are blocked', () => {
    const [, section = ''] = proseOf('docs/identity.md').split('## Blocked values');
    const values = namesIn((section.split('\n## ')[0] ?? '').replace(/^(?!- ).*$/gm, ''));
    expect(values.length).toBeGreaterThan(20);
    expect(values.filter((value) => !isBlocked(defaultRules, value))).toEqual([]);
  });
});

describe('codes', () => {
  test('of rejected events are all listed, and no other', () => {
    const schema = buildSchema(readPage('schema/schema.graphql'));
    const { description } = (schema.getType('IngestResult') as GraphQLObjectType).getFields().code!;
    const known = namesIn(description ?? '').filter((name) => name !== 'MESSAGE_ID_CONFLICT');
    const named = readTable('docs/ingest.md', '`code` of `REJECTED` |').flatMap(([codes = '']) => namesIn(codes));
    expect(named.sort()).toEqual(known.sort());
  });

  test('of errors are all listed', () => {
    const [, union = ''] = readPage('src/kernel/errors.ts').split('export type ErrorCode =');
    const codes = [...(union.split(';')[0] ?? '').matchAll(/'([A-Z_]+)'/g)].map((match) => match[1]!);
    const named = readTable('docs/customer-view.md', 'code |').flatMap(([names = '']) => namesIn(names));
    expect(codes.length).toBeGreaterThan(5);
    expect(codes.filter((name) => !named.includes(name))).toEqual([]);
  });

  test('limits of a document are those in force', () => {
    const [, limits = ''] = /Limits of a document: ([\s\S]*?)\./.exec(readPage('docs/customer-view.md')) ?? [];
    const numbers = [...limits.matchAll(/\d[\d,]*/g)].map(([number]) => Number(number.replaceAll(',', '')));
    const { depth, selections, rootFields, aliases, directives } = documentLimits;
    expect(numbers.slice(1)).toEqual([maximumTokens, depth, selections, rootFields, aliases, directives]);
  });
});

describe('commands', () => {
  async function commandsOf(...args: string[]): Promise<string[]> {
    const help = startRundum([...args, '--help']);
    expect(await help.ended).toBe(0);
    const [, list = ''] = help.output().split('Commands:\n');
    const names = [...list.matchAll(/^ {2}(\w+)/gm)].map((match) => match[1]!);
    return names.filter((name) => name !== 'help').sort();
  }

  test('in the changelog are those of the command line', async () => {
    const [, listed = ''] = /`rundum (\w+(?: \| \w+)+)`/.exec(readPage('CHANGELOG.md')) ?? [];
    expect(listed.split(' | ').sort()).toEqual(await commandsOf());
  });

  test('anywhere in the documentation exist', async () => {
    const text = listPages().map(readPage).join('\n');
    const used = [...text.matchAll(/npm run rundum -- (\w+)/g)].map((match) => match[1]!);
    const usedKeys = [...text.matchAll(/npm run rundum -- keys (\w+)/g)].map((match) => match[1]!);
    const [commands, keyCommands] = await Promise.all([commandsOf(), commandsOf('keys')]);
    expect(new Set(used).difference(new Set(commands))).toEqual(new Set());
    expect(new Set(usedKeys)).toEqual(new Set(keyCommands));
  });

  test('of npm exist', () => {
    const { scripts } = JSON.parse(readPage('package.json')) as { scripts: Record<string, string> };
    const text = listPages().map(readPage).join('\n');
    const used = [...text.matchAll(/npm (?:run ([\w:]+)|(start|test)\b)/g)].map((match) => match[1] ?? match[2]!);
    expect(used.length).toBeGreaterThan(5);
    expect(used.filter((name) => !(name in scripts))).toEqual([]);
  });
});

import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { inferSchema } from '../../src/identity/matching/infer-schema.ts';
import type { FieldKind, MatchSchema } from '../../src/identity/matching/match-model.ts';
import { findPublicSets, type LabelledFile, measureAccuracy } from './matching-accuracy.ts';
import { measureSpeed } from './matching-speed.ts';
import { type Figures, report } from './report.ts';

/**
 * How right, and how fast, probabilistic matching is.
 *
 * - `npm run bench -- matching`: everything
 * - `--only accuracy`, `--only speed`, `--sizes 10000,100000`: a part of it
 * - `--file people.csv --truth-column entity [--truth-pattern '^rec-(\d+)'] [--ignore id,…] [--schema a=givenName,…]`: the
 *   accuracy on a file of your own. Columns are taken for what their names say; `--schema` says otherwise for some.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      sizes: { type: 'string', default: '10000,100000,1000000' },
      seed: { type: 'string', default: '1' },
      file: { type: 'string' },
      'truth-column': { type: 'string' },
      'truth-pattern': { type: 'string' },
      ignore: { type: 'string', default: '' },
      schema: { type: 'string', default: '' },
    },
  });
  if (values.file !== undefined) {
    await reportAccuracy('matching-file', [ownFile({ ...values, file: values.file })]);
    return;
  }
  if (values.only !== 'speed') await reportAccuracy('matching-accuracy', await findPublicSets());
  if (values.only !== 'accuracy') {
    await report('matching-speed', await measureSpeed(values.sizes.split(',').map(Number), values.seed));
  }
}

async function reportAccuracy(name: string, sets: readonly LabelledFile[]): Promise<void> {
  if (sets.length === 0) return;
  const figures = await measureAccuracy(sets);
  await report(name, figures.map(withoutPublished), {});
  for (const { set, published } of figures) if (published) console.log(`${set}, published F1: ${published}`);
}

/** The table has no room for it; it is printed below. */
function withoutPublished({ published: _, ...figures }: Figures): Figures {
  return figures;
}

interface OwnFile {
  readonly file: string;
  readonly 'truth-column'?: string;
  readonly 'truth-pattern'?: string;
  readonly ignore: string;
  readonly schema: string;
}

function ownFile(given: OwnFile): LabelledFile {
  const column = given['truth-column'];
  if (!column) throw new Error('Say with --truth-column which column tells who is who.');
  const pattern = given['truth-pattern'] === undefined ? undefined : new RegExp(given['truth-pattern']);
  const kinds = Object.fromEntries(words(given.schema).map((pair) => pair.split('='))) as Record<string, FieldKind>;
  return {
    name: basename(given.file),
    file: given.file,
    truth: { column, ...(pattern && { pattern }) },
    ignore: words(given.ignore),
    schemaOf: (columns): MatchSchema =>
      inferSchema(columns).map(({ name, kind }) => ({ name, kind: kinds[name] ?? kind })),
  };
}

function words(text: string): string[] {
  return text.split(',').filter((word) => word !== '');
}

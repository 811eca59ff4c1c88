import { IANAZone } from 'luxon';
import { z } from 'zod';
import { badInput } from '../kernel/errors.ts';
import { parseDecimal } from './import-decimal.ts';
import { columnsIn } from './import-template.ts';
import { channels, directions } from './touchpoint.ts';

/** Text with columns in braces: `invoice-{InvoiceNo}`. */
const template = z
  .string()
  .min(1)
  .max(500)
  .refine(isWellFormed, 'braces must enclose a column name, such as {InvoiceNo}');

const pattern = z.string().max(500).refine(isPattern, 'is not a regular expression');

const bound = z.number().refine((it) => parseDecimal(String(it)) !== undefined, 'is too large or too fine a number');

/** Holds when every test that it names holds. */
const condition = z
  .strictObject({
    column: z.string().min(1).optional(),
    /** The exact sum of quantity × price over the lines, before `negate`. */
    sum: z.literal('lines').optional(),
    matches: pattern.optional(),
    empty: z.boolean().optional(),
    below: bound.optional(),
    equals: bound.optional(),
    above: bound.optional(),
  })
  .refine((it) => (it.column === undefined) !== (it.sum === undefined), 'needs either a column or "sum": "lines"')
  .refine(
    (it) => [it.matches, it.empty, it.below, it.equals, it.above].some((test) => test !== undefined),
    'needs a test: matches, empty, below, equals or above',
  )
  .refine(
    (it) => it.sum === undefined || (it.matches ?? it.empty) === undefined,
    'a sum has below, equals and above only',
  );

const conditions = z.union([condition.transform((it) => [it]), z.array(condition).min(1)], {
  error: 'expected a condition, such as { "column": "InvoiceNo", "matches": "^C" }, or a list of them',
});

const oneOf = (names: readonly string[]) =>
  template.refine(
    (it) => columnsIn(it).length > 0 || names.includes(it),
    `expected one of ${names.join(', ')}, or a column`,
  );

const csv = z.strictObject({
  type: z.literal('csv'),
  delimiter: z.string().length(1).default(','),
  /** Column names of a file without a header line. */
  columns: z.array(z.string().min(1)).min(1).optional(),
  /** Cells that mean "nothing", such as NULL. */
  nulls: z.array(z.string()).default([]),
  encoding: z
    .string()
    .default('utf-8')
    .refine(isEncoding, 'is not an encoding known here, such as utf-8 or windows-1252'),
});

const ndjson = z.strictObject({ type: z.literal('ndjson') });

const value = z
  .strictObject({ amount: template.optional(), sum: z.literal('lines').optional(), currency: template })
  .refine((it) => (it.amount === undefined) !== (it.sum === undefined), 'needs either an amount or "sum": "lines"');

const field = z.union([template, z.strictObject({ value: template, as: z.enum(['text', 'number', 'boolean']) })], {
  error: 'expected a template, such as "{Country}", or { "value": …, "as": "number" }',
});

/** Names with a template each, or one template that names a column holding a JSON object. */
const fields = z.union([template, z.record(z.string().min(1), field)], {
  error: 'expected names with a template each, such as { "country": "{Country}" }, or a column that holds an object',
});

const mappingSchema = z
  .strictObject({
    $schema: z.string().optional(),
    about: z.string().optional(),
    format: z
      .discriminatedUnion('type', [csv, ndjson])
      .default({ type: 'csv', delimiter: ',', nulls: [], encoding: 'utf-8' }),
    decimal: z.enum(['.', ',']).default('.'),
    skip: z.array(z.strictObject({ when: conditions, reason: z.string().min(1) })).default([]),
    group: z
      .strictObject({
        by: template,
        window: z.int().min(1).max(100_000).default(1_000),
        maxRows: z.int().min(1).max(100_000).default(5_000),
      })
      .optional(),
    source: template,
    messageId: template,
    key: template.optional(),
    identifiers: z.array(z.strictObject({ kind: z.string().min(1), value: template })).default([]),
    type: z.union(
      [
        template.transform((type) => [{ type, when: undefined, negate: false }]),
        z
          .array(z.strictObject({ type: template, when: conditions.optional(), negate: z.boolean().default(false) }))
          .min(1),
      ],
      { error: 'expected a template, or a list of { "type": …, "when": … }' },
    ),
    channel: oneOf(channels).optional(),
    direction: oneOf(directions).optional(),
    occurredAt: z.strictObject({
      value: template,
      format: z.string().min(1).default('iso'),
      zone: z
        .string()
        .default('UTC')
        .refine((zone) => IANAZone.isValidZone(zone), 'is not a time zone, such as Europe/Zurich'),
    }),
    value: value.optional(),
    lines: z
      .strictObject({
        each: z.string().min(1).optional(),
        sku: template,
        name: template.optional(),
        category: template.optional(),
        quantity: template,
        price: template,
      })
      .optional(),
    traits: fields.optional(),
    properties: fields.optional(),
    campaign: template.optional(),
  })
  .superRefine((mapping, context) => {
    const sums = [mapping.value, ...mapping.type.flatMap((it) => it.when ?? [])].some((it) => it?.sum);
    if (sums && !mapping.lines)
      context.addIssue({ code: 'custom', path: ['lines'], message: 'is needed for "sum": "lines"' });
    if (mapping.skip.some((rule) => rule.when.some((it) => it.sum))) {
      context.addIssue({ code: 'custom', path: ['skip'], message: 'looks at single rows: it can have no "sum"' });
    }
  });

export type ImportMapping = z.infer<typeof mappingSchema>;
export type ImportCondition = z.infer<typeof condition>;
export type ImportFields = z.infer<typeof fields>;
export type CsvFormat = z.infer<typeof csv>;
export type TypeRule = ImportMapping['type'][number];

/** Checks a mapping. Throws `BAD_USER_INPUT` that names each place and what was expected there. */
export function parseMapping(json: unknown): ImportMapping {
  const result = mappingSchema.safeParse(json);
  if (result.success) return result.data;
  const issues = result.error.issues.flatMap(unfold);
  const problems = issues.map(({ path, message }) => `${pathText(path)}: ${message}`);
  throw badInput(`The mapping can't be used:\n  ${problems.join('\n  ')}`, pathText(issues[0]?.path ?? []));
}

/** Every column that a mapping names, with the place that names it. Elements of `lines.each` are not columns. */
export function columnsNamed(mapping: ImportMapping): { column: string; path: string }[] {
  const { format: _, about: __, lines, ...rest } = mapping;
  const found = walk(lines?.each === undefined ? { ...rest, lines } : rest, []);
  return lines?.each === undefined ? found : [...found, { column: lines.each, path: 'lines.each' }];
}

function walk(node: unknown, path: readonly PropertyKey[]): { column: string; path: string }[] {
  if (typeof node === 'string') {
    return namedIn(node, path.at(-1))
      .filter((column) => !column.startsWith('$'))
      .map((column) => ({ column, path: pathText(path) }));
  }
  if (node === null || typeof node !== 'object') return [];
  return Object.entries(node).flatMap(([name, child]) =>
    walk(child, [...path, Array.isArray(node) ? Number(name) : name]),
  );
}

/** Regular expressions and reasons may hold braces that mean no column. */
function namedIn(text: string, member: PropertyKey | undefined): string[] {
  if (member === 'column') return [text];
  return member === 'matches' || member === 'reason' ? [] : columnsIn(text);
}

/** Where a place may hold different things, the problem is with the one that was meant: the one that fits furthest. */
function unfold(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] {
  if (issue.code !== 'invalid_union') return [issue];
  const depth = (issues: readonly z.core.$ZodIssue[]) =>
    Math.max(...issues.map(({ path, code }) => path.length + (code === 'invalid_type' ? 0 : 1)));
  const [meant] = [...issue.errors].sort((a, b) => depth(b) - depth(a));
  if (!meant || depth(meant) === 0) return [issue];
  return meant.flatMap(unfold).map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
}

function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'mapping';
  return path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

function isWellFormed(text: string): boolean {
  return !/[{}]/.test(text.replace(/\{[^{}]+\}/g, ''));
}

function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text, 'u'));
  } catch {
    return false;
  }
}

function isEncoding(label: string): boolean {
  try {
    return Boolean(new TextDecoder(label));
  } catch {
    return false;
  }
}

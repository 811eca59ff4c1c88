import { badInput } from '../kernel/errors.ts';
import type { EntityExport } from '../kpis/exports/entity-export.service.ts';
import type { WriteOptions } from '../kpis/exports/export-table.ts';

export interface DownloadRequest extends WriteOptions {
  readonly format: string | undefined;
}

/** How a metric query is to be written, from the address. */
export function readMetricDownload(query: unknown): DownloadRequest {
  const { rest, ...asked } = split(query);
  const [unknown] = rest.keys();
  if (unknown === undefined) return asked;
  throw badInput(
    `Expected format, formulas and decimals, got ${JSON.stringify(unknown.slice(0, 80))}.`,
    unknown.slice(0, 80),
  );
}

/** Which rows of a list, and how they are to be written. */
export function readDownload(query: unknown): DownloadRequest & Omit<EntityExport, 'list'> {
  const { rest, ...asked } = split(query);
  const [from, to, columns] = ['from', 'to', 'columns'].map((name) => single(name, rest.get(name)));
  const filters = [...rest].filter(([name]) => name !== 'from' && name !== 'to' && name !== 'columns');
  return {
    ...asked,
    from,
    to,
    columns: columns?.split(',').map((name) => name.trim()),
    filters: Object.fromEntries(filters),
  };
}

function split(query: unknown): DownloadRequest & { readonly rest: ReadonlyMap<string, readonly string[]> } {
  const given = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(query as Record<string, string | string[]>))
    given.set(name, [value].flat());
  const rest = new Map([...given].filter(([name]) => !['format', 'formulas', 'decimals'].includes(name)));
  return {
    rest,
    format: single('format', given.get('format')),
    formulas: choice('formulas', given.get('formulas'), ['SAFE', 'RAW']),
    decimals: choice('decimals', given.get('decimals'), ['NUMBER', 'EXACT']),
  };
}

function single(name: string, values: readonly string[] | undefined): string | undefined {
  if (values === undefined || values.length === 1) return values?.[0];
  throw badInput(`Expected ${name} once.`, name);
}

/** The first is the default. */
function choice<T extends string>(name: string, values: readonly string[] | undefined, known: readonly [T, ...T[]]): T {
  const given = single(name, values);
  if (given === undefined) return known[0];
  const chosen = known.find((one) => one === given.toUpperCase());
  if (chosen) return chosen;
  throw badInput(`Expected ${known.join(' or ').toLowerCase()}, got ${JSON.stringify(given.slice(0, 80))}.`, name);
}

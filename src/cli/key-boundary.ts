import { type Command, InvalidArgumentError } from 'commander';
import type { ApiKeyRow } from '../access/api-keys.table.ts';
import type { KeyBoundaryInput } from '../access/boundary.input.ts';
import type { Boundary } from '../kernel/boundary.ts';

/** What a key is to be kept to, as options say it. */
export interface BoundaryOptions {
  readonly segments?: string[];
  readonly consents?: ConsentOption[];
  readonly types?: string[];
  readonly sources?: string[];
  readonly stores?: string[];
  readonly allowFields?: string[];
  readonly denyFields?: string[];
}

interface ConsentOption {
  readonly purpose: string;
  readonly channel?: string;
}

export function addBoundaryOptions(command: Command): Command {
  return command
    .option('--segments <ids>', 'only customers in one of these segments: seg_…,seg_…', readList)
    .option('--consents <consents>', 'only customers who gave all of these: marketing:email,analytics', readConsents)
    .option('--types <types>', 'only touchpoints of these types: order.*,page.viewed', readList)
    .option('--sources <sources>', 'only touchpoints and records of these sources', readList)
    .option('--stores <stores>', 'only touchpoints of these stores', readList)
    .option('--allow-fields <fields>', 'only these fields of the schema: Query.customer,Customer.id', readList)
    .option('--deny-fields <fields>', 'never these fields: Customer.identifiers', readList);
}

/** `undefined` where no option limits anything. */
export async function boundaryFrom(options: BoundaryOptions): Promise<Boundary | null | undefined> {
  const { segments, consents, types, sources, stores, allowFields, denyFields } = options;
  const given: KeyBoundaryInput = {
    segments,
    consents,
    touchpointTypes: types,
    sources,
    stores,
    allowedFields: allowFields,
    deniedFields: denyFields,
  };
  if (Object.values(given).every((value) => value === undefined)) return undefined;
  // The schema first: decorators need what it loads.
  const { createSchema } = await import('../server/schema.ts');
  const { readBoundary } = await import('../access/boundary.input.ts');
  return readBoundary(given, createSchema(new Map()));
}

/** What options name instead of what is there; the rest stays. */
export function joined(known: Boundary, named: Boundary): Boundary {
  const given = <T extends object>(part: T) =>
    Object.fromEntries(Object.entries(part).filter(([, value]) => value)) as T;
  return { ...known, ...given(named), fields: { ...known.fields, ...given(named.fields ?? {}) } };
}

/** Words for the list of keys. */
export function describeBoundary({ boundary, writeOnly, allowedOrigins }: ApiKeyRow): string[] {
  return [
    ...(writeOnly ? ['sends only'] : []),
    ...(boundary ? [`kept to ${Object.keys(boundary).sort().join(', ')}`] : []),
    ...(allowedOrigins.length > 0 ? [`in pages of ${allowedOrigins.join(',')}`] : []),
  ];
}

function readList(text: string): string[] {
  return text.split(',').map((one) => one.trim());
}

function readConsents(text: string): ConsentOption[] {
  return readList(text).map((one) => {
    const [purpose, channel, ...rest] = one.split(':');
    if (!purpose || rest.length > 0)
      throw new InvalidArgumentError('Give purposes, with a channel or without: marketing:email.');
    return channel ? { purpose, channel } : { purpose };
  });
}

import { hasScope, requireScope } from '../../access/scopes.ts';
import { type Sight, sightOf } from '../../identity/masking.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput, DomainError } from '../../kernel/errors.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { Calendar } from '../../loyalty/earning/calendar.ts';
import { canCut, insideOf } from './entity-boundary.queries.ts';
import { type EntitySelection, streamEntities, type TextRow } from './entity-export.queries.ts';
import type { EntityColumn, EntityList } from './entity-list.ts';
import { entityLists } from './entity-lists.ts';
import type { ExportTable } from './export-table.ts';
import { publicIdWriter } from './public-ids.ts';

export interface EntityExport {
  /** Name of the list, such as `purchases`. */
  readonly list: string;
  /** RFC 3339 instants, or dates in the organisation's zone. Half-open. */
  readonly from?: string | null;
  readonly to?: string | null;
  /** Names, in the order wanted. Left out: all that are not personal. */
  readonly columns?: readonly string[] | null;
  /** Column → values, any of which its rows have. */
  readonly filters?: Readonly<Record<string, readonly string[]>>;
}

/** Lists that this caller may download, with their columns. */
export function listExports(ctx: Context): EntityList[] {
  return entityLists.filter((list) => list.scopes.every((scope) => hasScope(ctx, scope)) && canCut(ctx, list));
}

/** Downloads of lists. */
export class EntityExports {
  readonly #calendar: Calendar;

  constructor({ timeZone }: { readonly timeZone: string }) {
    this.#calendar = new Calendar(timeZone);
  }

  /** Nothing is read before its pages are. */
  open(ctx: Context, input: EntityExport, signal?: AbortSignal): ExportTable {
    const list = getList(input.list);
    for (const scope of list.scopes) requireScope(ctx, scope);
    const columns = chooseColumns(list, input.columns);
    const period = checkPeriod(list, input, this.#calendar);
    const filters = checkFilters(list, input.filters ?? {});
    const selection = { list, columns, ...period, filters, inside: insideOf(ctx, list) };
    return {
      name: list.name,
      columns: columns.map(({ name, type, description }) => ({ name, type, unit: null, description })),
      asOf: ctx.clock.now(),
      queryHash: null,
      pages: readPages(ctx, selection, signal),
    };
  }
}

async function* readPages(ctx: Context, selection: EntitySelection, signal: AbortSignal | undefined) {
  const sight = sightOf(ctx);
  const shown = selection.columns.map((column) => showAs(column, sight));
  const show = (row: TextRow) => {
    const cells = row as (string | null)[];
    for (const [index, asShown] of changes) {
      const cell = cells[index];
      if (cell != null) cells[index] = asShown(cell);
    }
    return cells;
  };
  const changes = [...shown.entries()].flatMap(([index, asShown]) => (asShown ? [[index, asShown] as const] : []));
  for await (const page of streamEntities(ctx.pool, selection, signal)) yield page.map(show);
}

type Shown = (text: string) => string;

/** From what PostgreSQL writes to what leaves; undefined: as it is. */
function showAs({ type, prefix, personal }: EntityColumn, sight: Sight): Shown | undefined {
  if (type === 'TIME') return rfc3339;
  if (type === 'ID' && prefix) return rememberLast(publicIdWriter(prefix));
  if (personal === 'TRAITS') return (text) => JSON.stringify(sight.traits(JSON.parse(text) as JsonObject));
  if (personal === 'FREE_FORM') return (text) => JSON.stringify(sight.freeForm(JSON.parse(text) as JsonObject));
  return undefined;
}

/** `2026-10-01 10:00:00.5+00` → `2026-10-01T10:00:00.500Z`. */
function rfc3339(text: string): string {
  const seconds = text.slice(11, -3);
  const fraction = seconds.length === 8 ? '.000' : seconds.slice(8).padEnd(4, '0');
  return `${text.slice(0, 10)}T${seconds.slice(0, 8)}${fraction}Z`;
}

/** The same programme, segment or customer comes many times in a row. */
function rememberLast(show: Shown): Shown {
  let last: string | undefined;
  let shown = '';
  return (text) => {
    if (text !== last) {
      shown = show(text);
      last = text;
    }
    return shown;
  };
}

function getList(name: string): EntityList {
  const list = entityLists.find((one) => one.name === name);
  if (list) return list;
  const known = entityLists.map((one) => one.name).join(', ');
  throw new DomainError('NOT_FOUND', `There is no list ${JSON.stringify(name.slice(0, 80))}. There are ${known}.`);
}

function chooseColumns(list: EntityList, names: readonly string[] | null | undefined): readonly EntityColumn[] {
  if (names == null) return list.columns.filter(({ personal }) => !personal);
  if (names.length === 0 || new Set(names).size < names.length) {
    throw badInput('Expected names of columns, each once.', 'columns');
  }
  return names.map((name) => {
    const column = list.columns.find((one) => one.name === name);
    if (column) return column;
    const known = list.columns.map((one) => one.name).join(', ');
    throw badInput(`${list.name} has no column ${JSON.stringify(name.slice(0, 80))}: it has ${known}.`, 'columns');
  });
}

function checkPeriod(
  list: EntityList,
  given: Pick<EntityExport, 'from' | 'to'>,
  calendar: Calendar,
): Pick<EntitySelection, 'from' | 'to'> {
  const from = given.from == null ? null : readInstant(given.from, 'from', calendar);
  const to = given.to == null ? null : readInstant(given.to, 'to', calendar);
  if ((from || to) && list.time === null) throw badInput(`${list.name} has no time.`, from ? 'from' : 'to');
  if (from && to && from >= to) throw badInput('Expected `from` before `to`.', 'to');
  return { from, to };
}

const written = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

function readInstant(text: string, field: string, calendar: Calendar): Date {
  const instant = new Date(text);
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  // JavaScript takes 30 February for 2 March.
  if (written.test(text) && !Number.isNaN(instant.getTime()) && text.startsWith(day.toISOString().slice(0, 10))) {
    return text.length === 10 ? calendar.startOf(text) : instant;
  }
  throw badInput(
    `Expected a date such as 2026-03-01 or an RFC 3339 instant, got ${JSON.stringify(text.slice(0, 80))}.`,
    field,
  );
}

function checkFilters(
  list: EntityList,
  filters: Readonly<Record<string, readonly string[]>>,
): EntitySelection['filters'] {
  return Object.entries(filters).map(([name, values]) => {
    const column = list.columns.find((one) => one.name === name && one.filter);
    if (!column) {
      const known = list.columns.filter((one) => one.filter).map((one) => one.name);
      throw badInput(
        `${list.name} can be filtered by ${known.join(', ')}, not by ${JSON.stringify(name.slice(0, 80))}.`,
        name,
      );
    }
    const { prefix } = column;
    return { column: name, values: prefix ? values.map((id) => fromPublicId(prefix, id, name)) : values };
  });
}

import { canonicalJson } from '../kernel/json.ts';
import { column } from '../kernel/sql-array.ts';
import { traitsBit, typeBit } from '../touchpoints/type-bits.ts';
import type { Condition, Leaf, LeafName, Leaves } from './condition.ts';
import { leafName } from './language.ts';
import type { Moment } from './moment.ts';
import {
  type CompileLeaf,
  type LeafSql,
  never,
  type RowNeed,
  type SqlScope,
  type SqlValue,
} from './sql-scope.queries.ts';
import { type ConditionStatement, StatementParameters } from './statement-parameters.queries.ts';

export type Compilers = ReadonlyMap<string, CompileLeaf>;

/**
 * Evaluates several conditions for a few customers: `$1` holds their ids. Answers a row for each of them with `id`,
 * `verdicts` (`{t,f,…}`) and `nexts` (`{NULL,1764335520000,…}`: milliseconds since 1970; null: only an event can change
 * the verdict), both as text in the order of the conditions. What the conditions have in common is computed once.
 */
export function compileForEach(conditions: readonly Condition[], compilers: Compilers): ConditionStatement {
  const parameters = new StatementParameters();
  const scope = new ConditionScope(parameters, compilers, 'EACH');
  const nodes = conditions.map((condition) => scope.node(condition));
  const text = `
    select id, array[${nodes.map(({ name }) => `${name}v`).join(', ')}]::boolean[]::text as verdicts,
           array[${nodes.map(({ name }) => milliseconds(`${name}n`)).join(', ')}]::bigint[]::text as nexts
    from (${scope.select('unnest($1::uuid[]) as touched (id) join customers c on c.id = touched.id')}) as judged`;
  return parameters.finish(text, 1);
}

/**
 * Evaluates one condition for all customers with an id behind `$1` and up to `$2`, reading all their touchpoints in one
 * go. Answers `id`, `verdict` and `next` (milliseconds, or null) of those for whom it holds or will change with time.
 */
export function compileForAll(condition: Condition, compilers: Compilers): ConditionStatement {
  const parameters = new StatementParameters();
  const scope = new ConditionScope(parameters, compilers, 'ALL');
  const { name } = scope.node(condition);
  const needed = ['c.id > $1::uuid and c.id <= $2::uuid', ...scope.settling(condition)].join(' and ');
  const text = `
    select id, ${name}v as verdict, ${milliseconds(`${name}n`)} as next
    from (${scope.select('customers c', needed)}) as judged
    where ${name}v or isfinite(${name}n)`;
  return parameters.finish(text, 2);
}

function milliseconds(instant: string): string {
  return `case when isfinite(${instant}) then ceil(extract(epoch from ${instant}) * 1000)::bigint end`;
}

/** A condition of the tree, as the columns `<name>v` and `<name>n` of everything above `height`. */
interface Node {
  readonly name: string;
  readonly height: number;
}

interface Composite extends LeafSql {
  readonly name: string;
}

/** A question whether there is such a touchpoint. */
interface Occurrence {
  readonly which: string;
  readonly need: RowNeed;
  readonly unless: string;
}

/** `EACH`: touchpoints are looked up customer by customer. `ALL`: they are read once and grouped. */
type Mode = 'EACH' | 'ALL';

class ConditionScope implements SqlScope {
  readonly now: string;
  readonly zone: string;
  readonly #parameters: StatementParameters;
  readonly #compilers: Compilers;
  readonly #mode: Mode;
  readonly #nodes = new Map<string, Node>();
  readonly #leaves: Composite[] = [];
  /** By height, from 1. A level only sees columns of the levels below it: each expression is written, and run, once. */
  readonly #levels: Composite[][] = [];
  readonly #aggregates = new Map<string, string>();
  readonly #rows: RowNeed[] = [];
  readonly #occurrences: Occurrence[] = [];
  readonly #joins: string[] = [];
  #named = 0;

  constructor(parameters: StatementParameters, compilers: Compilers, mode: Mode) {
    this.#parameters = parameters;
    this.#compilers = compilers;
    this.#mode = mode;
    this.now = parameters.perRun('now', 'timestamptz', ({ now }) => now);
    this.zone = parameters.perRun('zone', 'text', ({ timeZone }) => timeZone);
  }

  value(value: SqlValue, type: string): string {
    return this.#parameters.constant(value, type);
  }

  moment(name: string, type: string, read: (moment: Moment) => SqlValue): string {
    return this.#parameters.perRun(name, type, read);
  }

  aggregate(sql: string, empty: string): string {
    const known = this.#aggregates.get(sql);
    const name = known ?? `a${this.#aggregates.size + 1}`;
    this.#aggregates.set(sql, name);
    return `coalesce(e.${name}, ${empty})`;
  }

  rows(need: RowNeed): void {
    this.#rows.push(need);
  }

  occurs(which: string, need: RowNeed, unless = 'false'): string {
    const known = this.#occurrences.findIndex((one) => one.which === which && one.unless === unless);
    const place = known < 0 ? this.#occurrences.push({ which, need, unless }) - 1 : known;
    return `o${place + 1}.occurs`;
  }

  lookUp(query: string): string {
    const alias = `g${this.#joins.length + 1}`;
    this.#joins.push(` cross join lateral (${query}) as ${alias}`);
    return alias;
  }

  members(of: 'HOUSEHOLD' | 'ACCOUNT', condition: Condition): { holds: string; fails: string; next: string } {
    const inner = new ConditionScope(this.#parameters, this.#compilers, 'EACH');
    const { name } = inner.node(condition);
    const alias = `g${this.#joins.length + 1}`;
    this.#joins.push(`
      left join lateral (
        select count(*) filter (where ${name}v) as holds, count(*) filter (where not ${name}v) as fails,
               coalesce(least(min(${name}n), (${edges(of, this.now)})), ${never}) as next
        from (${membersOf(of, this.now)}) as member
        cross join lateral (${inner.select('customers c', 'c.id = member.id')}) as judged
      ) as ${alias} on true`);
    return { holds: `${alias}.holds`, fails: `${alias}.fails`, next: `${alias}.next` };
  }

  node(condition: Condition): Node {
    const key = canonicalJson(condition);
    const known = this.#nodes.get(key);
    if (known) return known;
    const node =
      'all' in condition || 'any' in condition || 'not' in condition
        ? this.#composite(condition)
        : this.#leaf(condition);
    this.#nodes.set(key, node);
    return node;
  }

  /** What has to hold, and won't by time alone: whoever fails one of these needs no further look. */
  settling(condition: Condition): string[] {
    if ('all' in condition) return [...new Set(condition.all.flatMap((part) => this.settling(part)))];
    if ('any' in condition || 'not' in condition) return [];
    const { name } = this.node(condition);
    return this.#leaves
      .filter((leaf) => leaf.name === name && leaf.next === never)
      .map(({ verdict }) => `(${verdict})`);
  }

  /** Customers of `source` (which names their rows `c`) with the columns of every node. */
  select(source: string, where = 'true'): string {
    const columns = this.#leaves.map(({ name, verdict, next }) => `, ${verdict} as ${name}v, ${next} as ${name}n`);
    const occurrences = this.#occurring();
    const joins = `${this.#touchpoints()}${occurrences}${this.#joins.join('')}`;
    const base = `select c.id${columns.join('')} from ${source}${joins} where ${where}`;
    // `offset 0` keeps the planner from writing each expression out wherever it is used.
    return this.#levels.reduce((below, level) => {
      const added = level.map(({ name, verdict, next }) => `, ${verdict} as ${name}v, ${next} as ${name}n`);
      return `select below.*${added.join('')} from (${below} offset 0) as below`;
    }, base);
  }

  #leaf(leaf: Leaf): Node {
    const kind = leafName(leaf);
    const compile = this.#compilers.get(kind);
    if (!compile) throw new Error(`No module has registered conditions of the kind ${kind}.`);
    const name = this.#newName();
    const sql = compile((leaf as Record<LeafName, Leaves[LeafName]>)[kind], this);
    this.#leaves.push({ name, ...sql });
    return { name, height: 0 };
  }

  #composite(condition: Exclude<Condition, Leaf>): Node {
    const parts = ('all' in condition ? condition.all : 'any' in condition ? condition.any : [condition.not]).map(
      (part) => this.node(part),
    );
    const height = Math.max(...parts.map((part) => part.height)) + 1;
    const name = this.#newName();
    const names = [...new Set(parts.map((part) => part.name))];
    const sql = 'all' in condition ? allOf(names) : 'any' in condition ? anyOf(names) : noneOf(names[0]!);
    this.#levels[height - 1] ??= [];
    this.#levels[height - 1]!.push({ name, ...sql });
    return { name, height };
  }

  #newName(): string {
    this.#named += 1;
    return `x${this.#named}`;
  }

  /**
   * Among the touchpoints that are read anyway, else by a look for the first one. `offset 0` keeps it a single look, and the
   * bounds of `which` from an index on times, which holds those of everybody.
   */
  #occurring(): string {
    const occurrences = this.#occurrences.map(({ which, need, unless }) => {
      if (this.#mode === 'EACH' && !this.#reads(need)) {
        const { ofTouchpoints, ofRecords } = this.#restriction([need]);
        return `case when ${unless} then false else exists (
          select from (select t.* ${ofCustomer} where r.customer_id = c.id${ofRecords}${ofTouchpoints} offset 0) as t
          where ${which}) end`;
      }
      this.rows(need);
      return `not ${unless} and ${this.aggregate(`bool_or(${which})`, 'false')}`;
    });
    return occurrences
      .map((sql, place) => ` cross join lateral (select ${sql} as occurs offset 0) as o${place + 1}`)
      .join('');
  }

  #reads({ types }: RowNeed): boolean {
    return this.#rows.some(
      (need) =>
        !need.after && !need.settingTrait && (!need.types || types?.every((type) => need.types!.includes(type))),
    );
  }

  #touchpoints(): string {
    if (this.#aggregates.size === 0) return '';
    const columns = [...this.#aggregates].map(([sql, name]) => `${sql} as ${name}`).join(', ');
    const { ofTouchpoints, ofRecords } = this.#restriction(this.#rows);
    if (this.#mode === 'ALL') {
      return `
      left join (
        select r.customer_id, ${columns}
        from touchpoints t join records r on r.id = t.record_id
        where r.customer_id > $1::uuid and r.customer_id <= $2::uuid${ofTouchpoints}
        group by r.customer_id
      ) as e on e.customer_id = c.id`;
    }
    return `
      cross join lateral (
        select ${columns} ${ofCustomer}
        where r.customer_id = c.id${ofRecords}${ofTouchpoints}
      ) as e`;
  }

  /** The touchpoints that some leaf has to see, and the records that may have such. */
  #restriction(rows: readonly RowNeed[]): { ofTouchpoints: string; ofRecords: string } {
    const kinds = this.#kindsOf(rows);
    const starts = rows.map(({ after }) => after && this.moment(`${after.name} after`, 'timestamptz', after.read));
    const bounded = starts.length > 0 && starts.every((start) => start !== undefined);
    const start = `least(${[...new Set(starts)].join(', ')})`;
    return {
      ofTouchpoints: `${kinds ? ` and ${kinds.matches}` : ''}${bounded ? ` and t.occurred_at > ${start}` : ''}`,
      ofRecords: `${kinds ? ` and (r.types_seen & ${kinds.bits}) <> 0` : ''}${bounded ? ` and r.last_at > ${start}` : ''}`,
    };
  }

  /** Nothing where some leaf looks at touchpoints of every kind. */
  #kindsOf(rows: readonly RowNeed[]): { matches: string; bits: string } | undefined {
    const types = new Set<string>();
    const settings = new Set<string>();
    for (const { types: given, settingTrait } of rows) {
      if (given === undefined && settingTrait === undefined) return undefined;
      for (const type of given ?? []) types.add(type);
      if (settingTrait !== undefined) settings.add(settingTrait);
    }
    const list = column([...types].sort(), (type) => type);
    const kinds = [
      ...(types.size > 0 ? [`t.type = any(${this.value(list, 'text[]')})`] : []),
      ...[...settings].sort().map((trait) => `t.traits ? ${this.value(trait, 'text')}`),
    ];
    const bits = [...types].reduce((sum, type) => sum | typeBit(type), settings.size > 0 ? traitsBit : 0n);
    return { matches: `(${kinds.join(' or ')})`, bits: this.value(bits.toString(), 'bigint') };
  }
}

/** A record's own period keeps the months out in which it has no touchpoints. */
const ofCustomer = `
  from records r
  join touchpoints t on t.record_id = r.id and t.occurred_at >= r.first_at and t.occurred_at <= r.last_at`;

/**
 * When a tree can change by time alone. A conjunction that fails goes on failing for as long as any of its failing parts
 * does: what the others do meanwhile does not matter. The same the other way round for a disjunction that holds.
 */
function allOf(names: readonly string[]): LeafSql {
  const verdict = `(${names.map((name) => `${name}v`).join(' and ')})`;
  const failing = names.map((name) => `case when not ${name}v then ${name}n end`).join(', ');
  return { verdict, next: `case when ${verdict} then ${soonest(names)} else greatest(${failing}) end` };
}

function anyOf(names: readonly string[]): LeafSql {
  const verdict = `(${names.map((name) => `${name}v`).join(' or ')})`;
  const holding = names.map((name) => `case when ${name}v then ${name}n end`).join(', ');
  return { verdict, next: `case when ${verdict} then greatest(${holding}) else ${soonest(names)} end` };
}

function noneOf(name: string): LeafSql {
  return { verdict: `(not ${name}v)`, next: `${name}n` };
}

function soonest(names: readonly string[]): string {
  return `least(${names.map((name) => `${name}n`).join(', ')})`;
}

const groupTables = {
  HOUSEHOLD: { table: 'household_members', group: 'household_id' },
  ACCOUNT: { table: 'account_members', group: 'account_id' },
} as const;

/** Everybody who is with `c` in a household or account now, `c` included. */
function membersOf(of: 'HOUSEHOLD' | 'ACCOUNT', now: string): string {
  const { table, group } = groupTables[of];
  const holds = (alias: string) =>
    `(${alias}.valid_from is null or ${alias}.valid_from <= ${now}) and (${alias}.valid_to is null or ${alias}.valid_to > ${now})`;
  return `
    select distinct other.customer_id as id
    from records own
    join ${table} mine on mine.record_id = own.id and ${holds('mine')}
    join ${table} theirs on theirs.${group} = mine.${group} and ${holds('theirs')}
    join records other on other.id = theirs.record_id
    where own.customer_id = c.id and other.customer_id is not null`;
}

/** When a membership around `c` begins or ends next, while `c` is there. */
function edges(of: 'HOUSEHOLD' | 'ACCOUNT', now: string): string {
  const { table, group } = groupTables[of];
  return `
    select min(edge.at)
    from records own
    join ${table} mine on mine.record_id = own.id
    join ${table} theirs on theirs.${group} = mine.${group}
    cross join lateral (values (mine.valid_from), (mine.valid_to), (theirs.valid_from), (theirs.valid_to)) as edge (at)
    where own.customer_id = c.id and edge.at > ${now}
      and (mine.valid_from is null or edge.at >= mine.valid_from) and (mine.valid_to is null or edge.at <= mine.valid_to)`;
}

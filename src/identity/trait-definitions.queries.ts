import type { Database, Tx } from '../kernel/database.ts';
import type { JsonObject } from '../kernel/json.ts';
import { column } from '../kernel/sql-array.ts';
import type { TraitDefinition, TraitMeaning, TraitStatus } from './trait-definition.ts';
import type { TraitType } from './trait-value.ts';

const definitionColumns = (db: Database) => db`
  d.name, d.type, d.unit, d.personal, d.description, d.status,
  jsonb_build_object('strategy', d.strategy) || d.parameters as survivorship, d.version,
  d.first_seen_at as "firstSeenAt", d.updated_at as "updatedAt", d.updated_by as "updatedBy"`;

/** What a version keeps of a definition. */
const keptDefinition = (db: Database) => db`
  jsonb_build_object('type', type, 'unit', unit, 'personal', personal, 'description', description, 'status', status,
                     'strategy', strategy, 'parameters', parameters)`;

/** Enters traits that nobody knew: personal, until somebody has looked at them. Sorted by name, the order of locks. */
export async function introduceTraits(
  db: Database,
  traits: readonly { readonly name: string; readonly type: TraitType }[],
  now: Date,
): Promise<void> {
  await db`
    with introduced as (
      insert into trait_definitions (name, type, personal, status, strategy, parameters, version, first_seen_at,
                                     updated_at)
      select name, type, true, 'UNREVIEWED', 'MOST_RECENT', '{}', 1, ${now}, ${now}
      from unnest(
        ${column(traits, (trait) => trait.name)}::text[],
        ${column(traits, (trait) => trait.type)}::text[]
      ) as new (name, type)
      on conflict (name) do nothing
      returning *
    )
    insert into trait_definition_versions (name, version, definition, reason, at)
    select name, version, ${keptDefinition(db)}, 'Came with an event.', updated_at from introduced`;
}

/** Enters the definitions that come with a release. One that a steward has looked at stays as it is. */
export async function shipTraits(
  db: Database,
  traits: readonly (readonly [string, TraitMeaning])[],
  now: Date,
): Promise<void> {
  await db`
    with shipped as (
      insert into trait_definitions as known (name, type, unit, personal, description, status, strategy, parameters,
                                              version, first_seen_at, updated_at)
      select name, type, unit, personal, description, 'REVIEWED', 'MOST_RECENT', '{}', 1, ${now}, ${now}
      from unnest(
        ${column(traits, ([name]) => name)}::text[],
        ${column(traits, ([, meaning]) => meaning.type)}::text[],
        ${column(traits, ([, meaning]) => meaning.unit)}::text[],
        ${column(traits, ([, meaning]) => meaning.personal)}::boolean[],
        ${column(traits, ([, meaning]) => meaning.description)}::text[]
      ) as new (name, type, unit, personal, description)
      on conflict (name) do update
      set type = excluded.type, unit = excluded.unit, personal = excluded.personal,
          description = excluded.description, status = 'REVIEWED', version = known.version + 1,
          updated_at = excluded.updated_at
      where known.status = 'UNREVIEWED'
      returning *
    )
    insert into trait_definition_versions (name, version, definition, reason, at)
    select name, version, ${keptDefinition(db)}, 'Comes with Rundum.', updated_at from shipped`;
}

export async function listOpenTraits(db: Database): Promise<string[]> {
  const rows = await db<{ name: string }[]>`select name from trait_definitions where not personal`;
  return rows.map((row) => row.name);
}

/** By name, with one too many to tell whether there is more. */
export async function listDefinitions(
  db: Database,
  { status, after, size }: { status: TraitStatus | null; after: string | null; size: number },
): Promise<TraitDefinition[]> {
  return db`
    select ${definitionColumns(db)}
    from trait_definitions d
    where (${status}::text is null or d.status = ${status}) and d.name > ${after ?? ''}
    order by d.name
    limit ${size + 1}`;
}

/** Locked until the end of the transaction. */
export async function lockDefinition(tx: Tx, name: string): Promise<TraitDefinition | undefined> {
  const [row] = await tx<TraitDefinition[]>`
    select ${definitionColumns(tx)} from trait_definitions d where d.name = ${name} for no key update`;
  return row;
}

export async function findDefinition(db: Database, name: string): Promise<TraitDefinition | undefined> {
  const [row] = await db<TraitDefinition[]>`
    select ${definitionColumns(db)} from trait_definitions d where d.name = ${name}`;
  return row;
}

/** Stores a definition that follows the version in front of it; false where another one came first. */
export async function saveDefinition(tx: Tx, definition: TraitDefinition, reason: string): Promise<boolean> {
  const { name, type, unit, personal, description, status, survivorship, version, firstSeenAt, updatedAt, updatedBy } =
    definition;
  const { strategy, ...parameters } = survivorship;
  const { count } = await tx`
    with saved as (
      insert into trait_definitions as known (name, type, unit, personal, description, status, strategy, parameters,
                                              version, first_seen_at, updated_at, updated_by)
      values (${name}, ${type}, ${unit}, ${personal}, ${description}, ${status}, ${strategy},
              ${tx.json(parameters as JsonObject)}, ${version}, ${firstSeenAt}, ${updatedAt}, ${updatedBy})
      on conflict (name) do update
      set type = excluded.type, unit = excluded.unit, personal = excluded.personal,
          description = excluded.description, status = excluded.status, strategy = excluded.strategy,
          parameters = excluded.parameters, version = excluded.version, updated_at = excluded.updated_at,
          updated_by = excluded.updated_by
      where known.version = excluded.version - 1
      returning *
    )
    insert into trait_definition_versions (name, version, definition, actor, reason, at)
    select name, version, ${keptDefinition(tx)}, updated_by, ${reason}, updated_at from saved`;
  return count > 0;
}

/** One version of a definition, as it was. */
export interface TraitDefinitionVersionView extends TraitMeaning {
  readonly name: string;
  readonly version: number;
  readonly status: TraitStatus;
  readonly actor: string | null;
  readonly reason: string;
  readonly at: Date;
}

/** The latest first. */
export async function findVersions(db: Database, names: readonly string[]): Promise<TraitDefinitionVersionView[]> {
  return db`
    select v.name, v.version, v.actor, v.reason, v.at, d.type, d.unit, d.personal, d.description, d.status,
           jsonb_build_object('strategy', d.strategy) || d.parameters as survivorship
    from trait_definition_versions v
    cross join jsonb_to_record(v.definition) as d (type text, unit text, personal boolean, description text,
                                                   status text, strategy text, parameters jsonb)
    where v.name = any(${names as string[]}::text[])
    order by v.name, v.version desc`;
}

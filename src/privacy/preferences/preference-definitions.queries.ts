import type { Database, Tx } from '../../kernel/database.ts';
import { column } from '../../kernel/sql-array.ts';
import type { PreferenceKind } from './preference-definition.ts';

/** A row of `preference_definitions`. */
export interface DefinitionRow {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly kind: PreferenceKind;
  readonly options: readonly string[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export async function upsertDefinition(
  tx: Tx,
  { name, label, description, kind, options }: Omit<DefinitionRow, 'createdAt' | 'updatedAt'>,
  now: Date,
): Promise<void> {
  const given = column(options, (option) => option);
  await tx`
    insert into preference_definitions (name, label, description, kind, options, created_at, updated_at)
    values (${name}, ${label}, ${description}, ${kind}, ${given}::text[], ${now}, ${now})
    on conflict (name) do update
    set label = excluded.label, description = excluded.description, kind = excluded.kind, options = excluded.options,
        updated_at = excluded.updated_at`;
}

export async function findDefinitions(db: Database): Promise<DefinitionRow[]> {
  return db`
    select name, label, description, kind, options, created_at as "createdAt", updated_at as "updatedAt"
    from preference_definitions order by name collate "C"`;
}

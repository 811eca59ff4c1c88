import type { ModelRow } from '../../identity/matching/match-models.queries.ts';
import type { Tx } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';
import type { Erasure, PersonalTable } from '../personal-data.ts';
import { holdsNothing, isDeleted, ofRecords } from './erased-ids.queries.ts';
import { withoutTraces } from './model-traces.ts';

/** What the matcher keeps of records. Blocks are found by what is kept of their records. */
export const matchingTables: readonly PersonalTable[] = [
  {
    table: 'match_blocks',
    holds: 'PSEUDONYMS',
    why: 'Records by hashes of what they have in common with others.',
    effect: 'DELETED',
    afterwards: 'Deleted.',
    late: true,
    async erase(tx, { subject }) {
      const { count } = await tx`
        delete from match_blocks b
        using (
          select record_id, unnest(keys) as key from match_records where record_id = any(${idList(subject.recordIds)}::uuid[])
        ) as own
        where b.key = own.key and b.record_id = own.record_id`;
      return count;
    },
  },
  isDeleted({
    table: 'match_records',
    holds: 'PSEUDONYMS',
    why: 'Fingerprints of the values that are compared.',
    ...ofRecords,
  }),
  {
    table: 'match_candidates',
    holds: 'PSEUDONYMS',
    why: 'Pairs of records that may be one person.',
    effect: 'DELETED',
    afterwards: 'Deleted.',
    late: true,
    erase: eraseCandidates,
  },
  {
    table: 'match_models',
    holds: 'PERSONAL',
    why: 'What training has found of all records together, with the values that several of them share.',
    effect: 'ANONYMISED',
    afterwards: 'Values that only records of the erased shared are gone; they are as rare as any other from now on.',
    erase: eraseModels,
  },
  holdsNothing('match_runs', 'Progress of work on all records.'),
  holdsNothing('match_progress', 'Progress of work on all records.'),
];

/** Also values that they had when a model was trained, and have not any more: the touchpoints tell. */
async function eraseModels(tx: Tx, { subject }: Erasure): Promise<number> {
  const models = await tx<StoredModel[]>`select version, sources, model from match_models`;
  if (models.length === 0) return 0;
  const texts = await findTexts(tx, subject.recordIds);
  let changed = 0;
  for (const { version, sources, model } of models) {
    const kinds = new Map(sources.map(({ name, kind }) => [name, kind]));
    const frequencies = withoutTraces(model.frequencies, { kinds, texts, records: subject.recordIds.length });
    if (!frequencies) continue;
    const json = JSON.stringify(frequencies);
    await tx`
      update match_models set model = jsonb_set(model, '{frequencies}', ${json}::text::jsonb) where version = ${version}`;
    changed += 1;
  }
  return changed;
}

type StoredModel = Pick<ModelRow, 'version' | 'sources' | 'model'>;

/** Every text and number that was said of these records. */
async function findTexts(tx: Tx, recordIds: readonly string[]): Promise<string[]> {
  const ids = idList(recordIds);
  const rows = await tx<{ text: string }[]>`
    select distinct leaf #>> '{}' as text
    from (
      select traits as said from touchpoints where record_id = any(${ids}::uuid[]) and traits is not null
      union all
      select value from record_traits where record_id = any(${ids}::uuid[])
    ) as told
    cross join lateral jsonb_path_query(said, 'strict $.** ? (@.type() == "string" || @.type() == "number")') as leaf
    union
    select i.value from claims c join identifiers i on i.id = c.identifier_id where c.record_id = any(${ids}::uuid[])
    union
    select given from claims where record_id = any(${ids}::uuid[]) and given is not null`;
  return rows.map(({ text }) => text);
}

async function eraseCandidates(tx: Tx, { subject }: Erasure): Promise<number> {
  const recordIds = idList(subject.recordIds);
  const first = await tx`delete from match_candidates where record_a = any(${recordIds}::uuid[])`;
  const second = await tx`delete from match_candidates where record_b = any(${recordIds}::uuid[])`;
  return first.count + second.count;
}

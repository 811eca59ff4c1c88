import { compileConditions } from './import-condition.ts';
import { compileDraftMapper, type DraftMapper } from './import-draft.ts';
import type { GroupRule } from './import-grouping.ts';
import type { ImportMapping } from './import-mapping.ts';
import type { Row } from './import-row.ts';
import { compileText } from './import-template.ts';

/** A mapping made ready to run. */
export interface CompiledMapping {
  readonly toDraft: DraftMapper;
  readonly group: GroupRule | undefined;
  /** Why the mapping leaves this row out; `undefined` when it doesn't. */
  skipReason(row: Row): string | undefined;
}

export function compileMapping(mapping: ImportMapping): CompiledMapping {
  const rules = mapping.skip.map(({ when, reason }) => ({ applies: compileConditions(when, mapping.decimal), reason }));
  return {
    toDraft: compileDraftMapper(mapping),
    group: mapping.group && { ...mapping.group, by: compileText(mapping.group.by) },
    skipReason: (row) => rules.find(({ applies }) => applies({ row, sum: undefined }))?.reason,
  };
}

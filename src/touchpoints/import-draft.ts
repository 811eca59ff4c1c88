import { optional, quoted, required } from './import-cell.ts';
import { compileConditions } from './import-condition.ts';
import { compileFields } from './import-fields.ts';
import { compileLines, compileValue, linesOf } from './import-lines.ts';
import type { ImportMapping } from './import-mapping.ts';
import { type Refusal, type Row, RowRefused } from './import-row.ts';
import { compileText } from './import-template.ts';
import { compileTime } from './import-time.ts';
import type { Channel, Direction, TouchpointDraft } from './touchpoint.ts';

/** The rows of one touchpoint → the touchpoint, or why there is none. */
export type DraftMapper = (rows: readonly Row[]) => { draft: TouchpointDraft } | { refusal: Refusal };

/** Compiles a mapping once, so that a row costs look-ups and nothing else. */
export function compileDraftMapper(mapping: ImportMapping): DraftMapper {
  const build = compileBuild(mapping);
  return (rows) => {
    const [first] = rows;
    if (!first) throw new Error('A touchpoint needs a row.');
    try {
      return { draft: build(first, rows) };
    } catch (error) {
      if (!(error instanceof RowRefused)) throw error;
      return {
        refusal: { line: error.line ?? first.line, rows: rows.length, code: error.code, reason: error.message },
      };
    }
  };
}

/** What is said once for a group (time, traits, properties, …) is read from its first row. */
function compileBuild(mapping: ImportMapping): (first: Row, rows: readonly Row[]) => TouchpointDraft {
  const messageId = required(mapping.messageId, 'messageId');
  const source = required(mapping.source, 'source');
  const person = compilePerson(mapping);
  const typeRules = compileTypes(mapping);
  const [lines, value] = [compileLines(mapping), compileValue(mapping)];
  const occurredAt = compileOccurredAt(mapping.occurredAt);
  const [traits, properties] = [
    compileFields(mapping.traits, mapping.decimal),
    compileFields(mapping.properties, mapping.decimal),
  ];
  const [channel, direction, campaign] = [
    optional(mapping.channel),
    optional(mapping.direction),
    optional(mapping.campaign),
  ];
  return (first, rows) => {
    const sold = lines?.(rows);
    const rule = typeRules.find(({ applies }) => applies({ row: first, sum: sold?.sum }));
    if (!rule) throw new RowRefused('NO_TYPE', 'None of the mapping’s types applies.');
    return {
      messageId: messageId(first),
      source: source(first),
      ...person(first, rows),
      type: rule.type(first),
      // Which words these two may be is for the ingest to check, as for every other sender.
      channel: channel(first) as Channel | undefined,
      direction: direction(first) as Direction | undefined,
      occurredAt: occurredAt(first),
      value: value(first, sold?.sum, rule.negate),
      lines: sold && linesOf(sold, rule.negate),
      traits: traits(first),
      properties: properties(first),
      campaign: campaign(first),
    };
  };
}

/** Who it was. Rows of one group that name different people can't be one touchpoint. */
function compilePerson(mapping: ImportMapping) {
  const key = optional(mapping.key);
  const identifiers = mapping.identifiers.map(({ kind, value }) => ({ kind, read: compileText(value) }));
  const nameOf = (row: Row) => [key(row), ...identifiers.map(({ read }) => read(row))].join('\n');
  return (first: Row, rows: readonly Row[]) => {
    const name = nameOf(first);
    const other = rows.find((row) => nameOf(row) !== name);
    if (other) {
      const reason = `This row names another person than line ${first.line} of the same group.`;
      throw new RowRefused('GROUP_OF_SEVERAL_PEOPLE', reason, other.line);
    }
    const found = identifiers.flatMap(({ kind, read }) => {
      const value = read(first);
      return value === undefined ? [] : [{ kind, value }];
    });
    return { key: key(first), identifiers: found.length === 0 ? undefined : found };
  };
}

function compileTypes({ type, decimal }: ImportMapping) {
  return type.map((rule) => ({
    type: required(rule.type, 'type'),
    negate: rule.negate,
    applies: rule.when ? compileConditions(rule.when, decimal) : () => true,
  }));
}

function compileOccurredAt({ value, format, zone }: ImportMapping['occurredAt']): (row: Row) => string {
  const read = required(value, 'occurredAt.value');
  const parse = compileTime(format, zone);
  return (row) => {
    const text = read(row);
    const time = parse(text);
    if (time !== undefined) return time;
    throw new RowRefused('OCCURRED_AT_INVALID', `occurredAt: expected a time as ${format}, got ${quoted(text)}.`);
  };
}

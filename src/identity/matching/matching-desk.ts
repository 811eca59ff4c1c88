import { ruleKeys } from './block-keys.ts';
import { chooseRules, type KeepOptions } from './choose-rules.ts';
import { clusterPairs } from './cluster.ts';
import { defaultSpec } from './default-spec.ts';
import type { MatchModel, MatchRow, MatchSchema, PairList } from './match-model.ts';
import type { Matched, MatchRequests, RequestName, RowPair, WeightedPair } from './match-requests.ts';
import { buildMatchTable, type MatchTable, TableBuilder } from './match-table.ts';
import { PairCollector } from './predict.ts';
import { type MatchingProgress, runMatching } from './run-matching.ts';
import { Scorer } from './scorer.ts';
import { trainModel } from './train.ts';

/** Records of a larger block are not compared when one of them changes. */
export const blockLimit = 500;
const kept: KeepOptions = { blockLimit, smallTable: 20_000, mostRules: 10 };

type Answer<Name extends RequestName> = MatchRequests[Name]['answer'] | Promise<MatchRequests[Name]['answer']>;
type Handlers = { [Name in RequestName]: (ask: MatchRequests[Name]['ask']) => Answer<Name> };

/** Answers the requests of {@link MatchRequests}, one after the other; holds the table that was loaded last. */
export class MatchingDesk {
  #builder = new TableBuilder([]);
  #table: MatchTable | undefined;
  readonly #onProgress: (share: number) => void;
  readonly #handlers: Handlers = {
    begin: ({ schema }) => {
      this.#builder = new TableBuilder(schema);
      this.#table = undefined;
      return null;
    },
    load: ({ rows }) => {
      for (const row of rows) this.#builder.add(row);
      return null;
    },
    train: () => {
      const table = this.#loaded();
      return trainModel(table, defaultSpec(fieldsInUse(table)), {
        onProgress: (done, total) => this.#onProgress(done / total),
      });
    },
    match: ({ model, threads }) => this.#match(model, threads),
    weigh: ({ model, pairs }) => weigh(this.#loaded(), model, pairs),
    keys: ({ model, rules, rows }) => keysOf(model, rules, rows),
    cluster: ({ model, rows, pairs }) => clustersOf(model, rows, pairs),
    score: ({ model, rows, pairs }) => weigh(tableOf(model, rows), model, pairs),
  };

  constructor(onProgress: (share: number) => void) {
    this.#onProgress = onProgress;
  }

  answer<Name extends RequestName>(name: Name, ask: MatchRequests[Name]['ask']): Answer<Name> {
    return this.#handlers[name](ask);
  }

  /** Makes the table of what has been loaded, once; what was needed to build it is let go. */
  #loaded(): MatchTable {
    this.#table ??= this.#builder.build();
    this.#builder = new TableBuilder([]);
    return this.#table;
  }

  async #match(model: MatchModel, threads: number): Promise<Matched> {
    const table = this.#loaded();
    const onProgress = ({ phase, done, total }: MatchingProgress) => {
      if (phase === 'predict') this.#onProgress(done / total);
    };
    const { pairs, clusters } = await runMatching(table, { model, threads, onProgress });
    const rules = chooseRules(table, model.spec.blocking, pairs, kept);
    return {
      pairs: inOrder(pairs),
      clusters,
      kept: rules.map(({ name, keys }) => ({ name, keys, order: rowsByKey(keys) })),
    };
  }
}

function inOrder({ count, left, right, weight }: PairList): PairList {
  const order = Int32Array.from({ length: count }, (_, pair) => pair);
  order.sort((a, b) => left[a]! - left[b]! || right[a]! - right[b]!);
  return {
    count,
    left: order.map((pair) => left[pair]!),
    right: order.map((pair) => right[pair]!),
    weight: Float32Array.from(order, (pair) => weight[pair]!),
  };
}

function rowsByKey(keys: Int32Array): Int32Array {
  const rows = new Int32Array(keys.length);
  let count = 0;
  for (let row = 0; row < keys.length; row++) if (keys[row] !== 0) rows[count++] = row;
  return rows.subarray(0, count).sort((a, b) => keys[a]! - keys[b]! || a - b);
}

function fieldsInUse({ columns }: MatchTable): MatchSchema {
  return columns.filter(({ codes }) => codes.some((code) => code >= 0)).map(({ field }) => field);
}

/** A table in the order of the rows as they are given. */
function tableOf(model: MatchModel, rows: readonly MatchRow[]): MatchTable {
  const digits = String(rows.length).length;
  const numbered = rows.map(({ source, values }, at) => ({ id: String(at).padStart(digits, '0'), source, values }));
  return buildMatchTable(model.spec.schema, numbered);
}

function clustersOf(model: MatchModel, rows: readonly MatchRow[], pairs: readonly WeightedPair[]): number[] {
  const list = new PairCollector();
  for (const [a, b, weight] of pairs) list.add(a, b, weight);
  return [...clusterPairs(tableOf(model, rows), model, list.pairs())];
}

function weigh(table: MatchTable, model: MatchModel, pairs: readonly RowPair[]): number[] {
  const scorer = new Scorer(table, model);
  // As exact as the weights of a run over all records: the same pair has the same weight, whoever found it.
  return pairs.map(([a, b]) => Math.fround(scorer.weigh(a, b)));
}

function keysOf(model: MatchModel, names: readonly string[], rows: readonly MatchRow[]): number[][] {
  const table = tableOf(model, rows);
  const rules = model.spec.blocking.filter(({ name }) => names.includes(name));
  const keys = rules.map((rule) => ruleKeys(table, rule)[0]!);
  return rows.map((_, row) => keys.map((ofRule) => ofRule[row]!).filter((key) => key !== 0));
}

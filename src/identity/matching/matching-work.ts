import { KeyMaker } from './block-keys.ts';
import { type Blocks, makeBlocks } from './blocks.ts';
import { pairBudget, type Share } from './candidate-pairs.ts';
import { clusterPairs } from './cluster.ts';
import type { BoundComparison } from './comparator.ts';
import { bindComparisons } from './comparators.ts';
import type { BlockingRule, ClusterConstraints, MatchModel, MatchSpec, PairList } from './match-model.ts';
import type { MatchTable } from './match-table.ts';
import type { Patterns } from './patterns.ts';
import { predict } from './predict.ts';
import { Scorer } from './scorer.ts';
import { modelOf } from './train.ts';
import { candidatePatterns, passPatterns, randomPatterns, type TrainingMaterial } from './training-material.ts';

/** The pieces that a run is cut into, each of them done by one thread: what is asked, and what is answered. */
export interface MatchingWork {
  block: { readonly ask: { readonly rule: BlockingRule }; readonly answer: Blocks };
  randomPatterns: { readonly ask: { readonly spec: MatchSpec; readonly seed: number }; readonly answer: Patterns };
  passPatterns: { readonly ask: { readonly spec: MatchSpec; readonly rule: BlockingRule }; readonly answer: Patterns };
  candidatePatterns: {
    readonly ask: { readonly spec: MatchSpec; readonly blocks: readonly Blocks[] };
    readonly answer: Patterns;
  };
  learn: {
    readonly ask: { readonly spec: MatchSpec; readonly material: TrainingMaterial };
    readonly answer: MatchModel;
  };
  predict: { readonly ask: PredictionShare; readonly answer: PairList };
  cluster: { readonly ask: Clustering; readonly answer: Int32Array };
}

interface PredictionShare {
  readonly model: MatchModel;
  readonly blocks: readonly Blocks[];
  readonly threshold: number;
  readonly share: Share;
}

interface Clustering {
  readonly model: MatchModel;
  readonly pairs: PairList;
  readonly constraints: ClusterConstraints;
  readonly threshold: number;
}

export type WorkName = keyof MatchingWork;

/** Does pieces of work on one table, and keeps what several of them need. */
export class MatchingWorker {
  readonly #table: MatchTable;
  readonly #keys: KeyMaker;
  #bound: readonly BoundComparison[] | undefined;
  #scorer: Scorer | undefined;

  constructor(table: MatchTable) {
    this.#table = table;
    this.#keys = new KeyMaker(table);
  }

  readonly #pieces: { [Name in WorkName]: (ask: MatchingWork[Name]['ask']) => MatchingWork[Name]['answer'] } = {
    block: ({ rule }) => makeBlocks(this.#keys.keys(rule), pairBudget(this.#table.rows)),
    randomPatterns: ({ spec, seed }) => randomPatterns(this.#source(spec), seed),
    passPatterns: ({ spec, rule }) => passPatterns(this.#source(spec), rule),
    candidatePatterns: ({ spec, blocks }) => candidatePatterns(this.#source(spec), blocks),
    learn: ({ spec, material }) => modelOf(this.#table, spec, material),
    predict: ({ model, ...options }) => predict(this.#table, model, { ...options, scorer: this.#scorerOf(model) }),
    cluster: ({ model, pairs, constraints, threshold }) =>
      clusterPairs(this.#table, model, pairs, constraints, { threshold, scorer: this.#scorerOf(model) }),
  };

  do<Name extends WorkName>(name: Name, ask: MatchingWork[Name]['ask']): MatchingWork[Name]['answer'] {
    return this.#pieces[name](ask);
  }

  #source(spec: MatchSpec) {
    this.#bound ??= bindComparisons(this.#table, spec.comparisons);
    return { table: this.#table, bound: this.#bound };
  }

  /** A run has one model. What comparing has learnt of the values while training is let go here. */
  #scorerOf(model: MatchModel): Scorer {
    this.#bound = undefined;
    this.#scorer ??= new Scorer(this.#table, model);
    return this.#scorer;
  }
}

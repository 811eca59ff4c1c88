import type { Blocks } from './blocks.ts';
import type { ClusterConstraints, MatchModel, MatchSpec, PairList } from './match-model.ts';
import type { MatchTable } from './match-table.ts';
import { MatchingThreads } from './matching-threads.ts';
import { joinPairLists } from './predict.ts';
import type { TrainingMaterial } from './training-material.ts';

export interface MatchingProgress {
  readonly phase: 'block' | 'train' | 'predict' | 'cluster';
  /** Of `total` pieces of the phase. */
  readonly done: number;
  readonly total: number;
}

export interface MatchingOptions {
  /** A model is trained by this specification, … */
  readonly spec?: MatchSpec;
  /** … unless there is one already. */
  readonly model?: MatchModel;
  /** Bits: pairs below are not returned. The model's threshold for review unless given. */
  readonly threshold?: number;
  /** Bits: from here on rows are linked. The model's unless given. */
  readonly linkThreshold?: number;
  readonly constraints?: ClusterConstraints;
  /** Threads; 2 unless given. */
  readonly threads?: number;
  readonly seed?: number;
  /** Ends the threads at once; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MatchingProgress) => void;
}

export interface MatchingResult {
  readonly model: MatchModel;
  readonly pairs: PairList;
  /** By row, the smallest row of its cluster. */
  readonly clusters: Int32Array;
}

/** Trains, predicts and clusters in threads of their own, so that the caller's thread stays free. */
export async function runMatching(table: MatchTable, options: MatchingOptions): Promise<MatchingResult> {
  options.signal?.throwIfAborted();
  const threads = new MatchingThreads(table, options.threads ?? 2);
  const abort = () => threads.fail(options.signal?.reason);
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    return await new Run(threads, table, options).result();
  } finally {
    options.signal?.removeEventListener('abort', abort);
    await threads.close();
  }
}

/** Pieces of a prediction per run: enough to see progress, and for no thread to wait long for the last. */
const predictionParts = 32;

class Run {
  readonly #threads: MatchingThreads;
  readonly #table: MatchTable;
  readonly #options: MatchingOptions;

  constructor(threads: MatchingThreads, table: MatchTable, options: MatchingOptions) {
    this.#threads = threads;
    this.#table = table;
    this.#options = options;
  }

  async result(): Promise<MatchingResult> {
    const spec = this.#options.model?.spec ?? this.#options.spec;
    if (!spec) throw new TypeError('Matching needs a model or a specification to train one by.');
    const blocks = await this.#all(
      'block',
      spec.blocking.map((rule) => this.#threads.ask('block', { rule })),
    );
    const model = this.#options.model ?? (await this.#train(spec, blocks));
    const pairs = await this.#predict(model, blocks);
    const clusters = await this.#cluster(model, pairs);
    return { model, pairs, clusters };
  }

  async #train(spec: MatchSpec, blocks: readonly Blocks[]): Promise<MatchModel> {
    const { seed = 1 } = this.#options;
    // The longest first, so that the threads finish together.
    const [candidates, random, ...passes] = await this.#all('train', [
      this.#threads.ask('candidatePatterns', { spec, blocks }),
      this.#threads.ask('randomPatterns', { spec, seed }),
      ...spec.training.map((rule) => this.#threads.ask('passPatterns', { spec, rule })),
    ]);
    const material: TrainingMaterial = { rows: this.#table.rows, random: random!, passes, candidates: candidates! };
    return this.#threads.ask('learn', { spec, material });
  }

  async #predict(model: MatchModel, blocks: readonly Blocks[]): Promise<PairList> {
    const { threshold = model.thresholds.review } = this.#options;
    const parts = Array.from({ length: predictionParts }, (_, part) =>
      this.#threads.ask('predict', { model, blocks, threshold, share: { part, parts: predictionParts } }),
    );
    return joinPairLists(await this.#all('predict', parts));
  }

  async #cluster(model: MatchModel, pairs: PairList): Promise<Int32Array> {
    const { linkThreshold: threshold = model.thresholds.link, constraints } = this.#options;
    const [clusters] = await this.#all('cluster', [
      this.#threads.ask('cluster', { model, pairs, constraints: spellOut(constraints), threshold }),
    ]);
    return clusters!;
  }

  /** Waits for all pieces of a phase, and says how many are done. */
  #all<Answer>(phase: MatchingProgress['phase'], pieces: readonly Promise<Answer>[]): Promise<Answer[]> {
    let done = 0;
    return Promise.all(
      pieces.map(async (piece) => {
        const answer = await piece;
        this.#options.onProgress?.({ phase, done: ++done, total: pieces.length });
        return answer;
      }),
    );
  }
}

/** Iterables can't travel to another thread, arrays can. */
function spellOut({ vetoes = [], links = [], uniqueSources = new Set() }: ClusterConstraints = {}): ClusterConstraints {
  return { vetoes: [...vetoes], links: [...links], uniqueSources: new Set(uniqueSources) };
}

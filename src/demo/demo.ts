import { setTimeout as wait } from 'node:timers/promises';
import { defaultRules } from '../identity/rules.ts';
import type { Config } from '../kernel/config.ts';
import type { Logger } from '../kernel/log.ts';
import { StartupError } from '../kernel/startup-error.ts';
import { type RunningServer, startServer } from '../server/start.ts';
import { ApiClient } from './api-client.ts';
import { writeBulk } from './bulk.ts';
import { type CustomerView, customerQuery, describeCustomer } from './customer-view.ts';
import { surveyHistory } from './example.ts';
import { type FeedCounts, feed, ingest } from './feed.ts';
import { describeKpis, prepareKpis } from './kpis.ts';
import { LiveFeed } from './live.ts';
import { describeClub, openClub } from './loyalty.ts';
import { describeServer, describeThingsToTry } from './notices.ts';
import { formatCount, Progress } from './progress.ts';
import { claimDataDir } from './reset.ts';
import { historyPeriod } from './retailer/calendar.ts';
import { Random } from './retailer/random.ts';
import { Retailer } from './retailer/retailer.ts';
import { fedByApi, planDemo } from './scale.ts';
import { createSegments, describeSegments } from './segments.ts';
import { type DemoState, findDemoState, saveDemoState } from './state.queries.ts';

export interface DemoOptions {
  /** False: the history only, and then the server alone. */
  readonly replay: boolean;
  /** Left out: as many as there are already, or the usual number. */
  readonly customers?: number;
  readonly seed?: string;
}

/** Settled touchpoints between two notes of how far the feed has come. */
const noteEvery = 5_000;

/** Serves, feeds the history, shows what came of it, and goes on with live touchpoints until `signal`. */
export async function runDemo(
  config: Config,
  log: Logger,
  options: DemoOptions & { signal: AbortSignal },
): Promise<void> {
  await claimDataDir(config);
  const server = await startServer(config, log);
  const stopping = new AbortController();
  void server.ended.then(() => stopping.abort());
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  try {
    await new Demo(server, config, signal).run(options);
    await aborted(signal);
  } finally {
    await server.close();
  }
}

class Demo {
  readonly #server: RunningServer;
  readonly #config: Config;
  readonly #signal: AbortSignal;
  readonly #api: ApiClient;

  constructor(server: RunningServer, config: Config, signal: AbortSignal) {
    const key = server.ownerKey.text;
    if (!key)
      throw new StartupError('The owner key of this database is not on this machine: set RUNDUM_OWNER_KEY to it.');
    this.#server = server;
    this.#config = config;
    this.#signal = signal;
    this.#api = new ApiClient(`${server.url}/graphql`, key);
    console.log(describeServer(server.url, key));
  }

  get #platform() {
    return this.#server.wiring.platform;
  }

  async run(options: DemoOptions): Promise<void> {
    let state = planDemo(await findDemoState(this.#platform.pool), options, this.#platform.clock.now());
    const retailer = new Retailer({
      seed: state.seed,
      customers: fedByApi(state.customers),
      now: new Date(state.until),
    });
    // What is written past the API, past it and its segments: they are made when it is there.
    const allByApi = fedByApi(state.customers) === state.customers;
    if (allByApi) await this.#openForBusiness(new Date(state.until));
    state = state.complete ? state : await this.#feedHistory(state, retailer);
    state = await this.#writeRest(state);
    if (this.#signal.aborted) return;
    if (!allByApi) await this.#openForBusiness(this.#platform.clock.now());
    await prepareKpis(this.#api, this.#signal);
    await this.#showExample(state);
    if (options.replay) await this.#goLive(retailer);
  }

  async #openForBusiness(until: Date): Promise<void> {
    await createSegments(this.#api, this.#signal);
    await openClub(this.#api, { since: new Date(historyPeriod(until).from), signal: this.#signal });
  }

  async #feedHistory(state: DemoState, retailer: Retailer): Promise<DemoState> {
    const { touchpoints, example } = surveyHistory(retailer);
    const people = formatCount(retailer.people.length);
    console.log(
      `Feeding ${formatCount(touchpoints)} touchpoints of ${people} people through the API. It answers queries meanwhile.`,
    );
    const progress = new Progress('Feeding', touchpoints, state.fed);
    let noted = { ...state, example };
    let fed = state.fed;
    const note = async (news: Partial<DemoState>) => {
      noted = { ...noted, ...news };
      await saveDemoState(this.#platform.pool, noted);
    };
    const counts = await feed(this.#api, draftsFrom(retailer, state.fed), {
      batchSize: 500,
      inFlight: 2,
      signal: this.#signal,
      onProgress: async ({ done, settled }) => {
        progress.update(state.fed + done);
        fed = state.fed + settled;
        if (fed >= noted.fed + noteEvery) await note({ fed });
      },
    }).finally(() => progress.stop());
    console.log(describeCounts(counts));
    const complete = fed === touchpoints;
    await note({ fed, complete, written: complete ? Math.max(state.written, retailer.people.length) : state.written });
    return noted;
  }

  /** People beyond what the API is fed with. */
  async #writeRest(state: DemoState): Promise<DemoState> {
    if (this.#signal.aborted || state.written >= state.customers) return state;
    const left = formatCount(state.customers - state.written);
    console.log(
      `Writing the other ${left} people set-based, straight into the tables: no change feed, no variety to speak of.`,
    );
    const progress = new Progress('Writing people', state.customers, state.written);
    let written = state;
    await writeBulk(this.#platform.pool, {
      first: state.written,
      end: state.customers,
      now: new Date(state.until),
      rules: defaultRules,
      defaultRegion: this.#config.defaultRegion,
      signal: this.#signal,
      onChunk: async (tx, { end }) => {
        written = { ...written, written: end };
        await saveDemoState(tx, written);
        progress.update(end);
      },
    }).finally(() => progress.stop());
    return written;
  }

  async #showExample(state: DemoState): Promise<void> {
    if (!state.example) return;
    const { customer } = await this.#api.request<{ customer: CustomerView | null }>(customerQuery, {
      userId: state.example,
    });
    if (!customer) return;
    console.log(
      `\nOne of ${formatCount(state.customers)} people, as one query sees them\n\n${describeCustomer(customer)}\n`,
    );
    console.log(`${await describeSegments(this.#api)}\n`);
    console.log(`${await describeClub(this.#api)}\n`);
    console.log(`${await describeKpis(this.#api, this.#platform.clock.now())}\n`);
    console.log(
      describeThingsToTry(this.#server.url, this.#api.key, { userId: state.example, customerId: customer.id }),
    );
  }

  /** Two to five touchpoints a second. */
  async #goLive(retailer: Retailer): Promise<void> {
    const { clock } = this.#platform;
    const live = new LiveFeed(retailer.people, retailer.seed, clock.now());
    const pace = new Random(retailer.seed, 'pace');
    console.log('Live: 2 to 5 touchpoints a second. Ctrl-C stops.');
    while (!this.#signal.aborted) {
      await ingest(this.#api, [live.next(clock.now())]);
      await wait(pace.between(200, 500), undefined, { signal: this.#signal }).catch(() => {});
    }
  }
}

function* draftsFrom(retailer: Retailer, skipped: number) {
  let position = 0;
  for (const { draft } of retailer.history()) {
    if (position++ >= skipped) yield draft;
  }
}

function describeCounts({ stored, duplicates, ...trouble }: FeedCounts): string {
  const faults = Object.entries(trouble)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `, ${formatCount(count)} ${what}`);
  return `${formatCount(stored)} touchpoints stored, ${formatCount(duplicates)} repeats recognised${faults.join('')}.`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

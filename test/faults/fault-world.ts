import { setTimeout as wait } from 'node:timers/promises';
import { formatApiKey } from '../../src/access/api-key.ts';
import { newApiKey } from '../../src/access/new-api-key.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { earningRule, exampleProgram } from '../loyalty/example-program.ts';
import { publishAt } from '../loyalty/fixture.ts';
import { derivedChecks } from './derived-checks.ts';
import { FaultCluster, type SmallDiskUse } from './fault-cluster.ts';
import { FaultNode } from './fault-node.ts';
import { FaultProxy } from './fault-proxy.ts';
import { feedChecks } from './feed-checks.ts';
import { Follower, positionOf } from './follower.ts';
import type { Check, History } from './history.ts';
import { Load, type LoadOptions } from './load.ts';
import { touchpointChecks } from './touchpoint-checks.ts';

export const checks: readonly Check[] = [...touchpointChecks, ...derivedChecks, ...feedChecks];

const createSegment = 'mutation($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }';

/** One that only grows, and two that time empties. */
const segments = {
  regulars: 'count of order.completed ever is at least 10',
  lately: 'count of order.completed in the last 1 minute is at least 3',
  busy: 'count of order.completed in the last 1 hour is at least 20',
};

const earns = { spend: { points: '1', per: '1', currency: 'EUR' } };

export interface WorldOptions {
  readonly nodes: number;
  readonly poolSize?: number;
  /** Another release for the first node; the others are not started. */
  readonly program?: string;
  readonly disk?: SmallDiskUse;
  /** Of PostgreSQL, instead of those of the suite. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Nodes on one database, each reaching it by a way of its own, with loyalty and segments, under load if wanted. */
export class FaultWorld {
  readonly cluster: FaultCluster;
  readonly proxies: readonly FaultProxy[];
  readonly nodes: readonly FaultNode[];
  readonly ownerKey: string;
  #load: Load | undefined;
  #loads = 0;
  readonly #earlier: Load[] = [];
  #follower: Follower | undefined;
  #from = '';

  static async open(options: WorldOptions): Promise<FaultWorld> {
    const cluster = await FaultCluster.make({ disk: options.disk });
    const world = await FaultWorld.#assemble(cluster, options);
    try {
      await cluster.start(options.settings);
      // One after the other: the first one migrates.
      for (const node of options.program ? world.nodes.slice(0, 1) : world.nodes) await node.start();
      await world.#furnish();
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  static async #assemble(
    cluster: FaultCluster,
    { nodes: count, poolSize, program }: WorldOptions,
  ): Promise<FaultWorld> {
    const ownerKey = formatApiKey(newApiKey(randomIds));
    const proxies = await Promise.all(Array.from({ length: count }, () => FaultProxy.open(cluster.port)));
    const make = ({ port }: FaultProxy, index: number) =>
      FaultNode.make({
        databaseUrl: cluster.url(port),
        ownerKey,
        poolSize,
        program: index === 0 ? program : undefined,
      });
    return new FaultWorld({ cluster, proxies, nodes: await Promise.all(proxies.map(make)), ownerKey });
  }

  private constructor(parts: Pick<FaultWorld, 'cluster' | 'proxies' | 'nodes' | 'ownerKey'>) {
    this.cluster = parts.cluster;
    this.proxies = parts.proxies;
    this.nodes = parts.nodes;
    this.ownerKey = parts.ownerKey;
  }

  get load(): Load {
    return this.#load!;
  }

  get follower(): Follower {
    return this.#follower!;
  }

  async #furnish(): Promise<void> {
    const [node] = this.nodes;
    await publishAt(this.cluster, exampleProgram({ rules: [earningRule({ earns })] }));
    for (const [name, text] of Object.entries(segments)) await node!.ask(createSegment, { input: { name, text } });
    await this.#untilServed();
    const { changeFeed } = await node!.ask<{ changeFeed: { head: string } }>('{ changeFeed { head } }', {});
    this.#from = positionOf(changeFeed.head);
    this.#follower = new Follower(this.nodes, this.ownerKey, changeFeed.head);
  }

  async #untilServed(): Promise<void> {
    for (;;) {
      const building = await this.cluster.pool`select from segment_versions where phase <> 'SERVED'`;
      if (building.length === 0) return;
      await wait(50);
    }
  }

  startLoad(options: Partial<LoadOptions> = {}): Load {
    if (this.#load) this.#earlier.push(this.#load);
    this.#loads += 1;
    this.#load = new Load(this.nodes, { senders: 3, spenders: 1, name: `load${this.#loads}`, ...options });
    return this.#load;
  }

  /** What all clients so far know. */
  history(): History {
    const loads = [...this.#earlier, ...(this.#load ? [this.#load] : [])];
    return {
      pool: this.cluster.pool,
      sent: new Map(loads.flatMap(({ sent }) => [...sent])),
      redeemed: new Map(loads.flatMap(({ redeemed }) => [...redeemed])),
      surprises: loads.flatMap(({ surprises }) => surprises),
      followed: this.follower.positions,
      from: this.#from,
    };
  }

  /** Check → what does not hold. What only time brings about may take so long. */
  async violations(patienceMs = 20_000): Promise<Map<string, readonly string[]>> {
    const found = new Map<string, readonly string[]>();
    const deadline = performance.now() + patienceMs;
    for (const { name, look } of checks) {
      let violations = await look(this.history());
      while (violations.length > 0 && performance.now() < deadline) {
        await wait(250);
        violations = await look(this.history());
      }
      if (violations.length > 0) found.set(name, violations);
    }
    return found;
  }

  /** Lets go of the database, which then is a template for others. What the clients know stays. */
  async quieten(): Promise<void> {
    await this.follower.stop();
    for (const node of this.nodes) await node.stop();
    await this.cluster.release();
  }

  async close(): Promise<void> {
    await this.#follower?.stop();
    for (const node of this.nodes) await node.remove();
    for (const proxy of this.proxies) await proxy.shut();
    await this.cluster.remove();
  }
}

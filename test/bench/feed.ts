import { Agent, request } from 'node:http';
import { Retailer } from '../../src/demo/retailer/retailer.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { type CpuTime, cpuTime } from './cpu-time.ts';
import { type Figures, median, percentile, round } from './report.ts';
import type { ServerProcess } from './server-process.ts';

export const callSize = 500;
/** So many calls at once that the server has more to choose from than it has under way. */
const connections = 16;
/** Each phase is cut into this many slices; the median slice stands for it. */
export const slices = 8;

const mutation = `mutation Ingest($events: [TouchpointInput!]!) {
  ingest(events: $events) { stored duplicates conflicts rejected quarantined results { messageId status code } }
}`;

/** The demo retailer's history in the order of its arrival: new people all along, known ones coming back. */
export function demoDrafts(now: Date, count: number): TouchpointDraft[] {
  const retailer = new Retailer({ seed: 'bench', customers: Math.ceil(count / 35), now });
  const drafts: TouchpointDraft[] = [];
  for (const { draft } of retailer.history()) {
    drafts.push(draft);
    if (drafts.length === count) break;
  }
  return drafts;
}

export interface Phase {
  readonly rate: number;
  readonly figures: Figures;
}

/** Sends the drafts by a few connections that each wait for their answer. Bodies are made before the clock runs. */
export async function feed(server: ServerProcess, drafts: readonly TouchpointDraft[], name: string): Promise<Phase> {
  const calls = chunk(drafts, callSize).map((events) => ({
    size: events.length,
    body: Buffer.from(JSON.stringify({ query: mutation, variables: { events } })),
  }));
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latencies: number[] = [];
  const finished: { at: number; size: number }[] = [];
  const pid = server.process.child.pid!;
  const cpuBefore = await cpuTime(pid);
  const started = performance.now();
  const queue = calls.values();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (const call of queue) {
        const sent = performance.now();
        await post(server, agent, call.body);
        latencies.push(performance.now() - sent);
        finished.push({ at: performance.now(), size: call.size });
      }
    }),
  );
  agent.destroy();
  const cpuAfter = await cpuTime(pid);
  const rate = median(sliceRates(started, finished));
  const figures = {
    phase: name,
    touchpoints: drafts.length,
    'touchpoints/s (median slice)': round(rate),
    'touchpoints/s (overall)': round(drafts.length / ((performance.now() - started) / 1000)),
    'call p50 ms': round(percentile(latencies, 0.5)),
    'call p99 ms': round(percentile(latencies, 0.99)),
    ...(cpuBefore && cpuAfter ? cpuFigures(cpuBefore, cpuAfter, drafts.length) : {}),
  };
  console.log(figures);
  return { rate, figures };
}

function cpuFigures(before: CpuTime, after: CpuTime, touchpoints: number): Figures {
  return {
    'API CPU ms/touchpoint': round((after.own - before.own) / touchpoints, 3),
    'PostgreSQL CPU ms/touchpoint': round((after.below - before.below) / touchpoints, 3),
  };
}

function sliceRates(started: number, finished: readonly { at: number; size: number }[]): number[] {
  const perSlice = Math.ceil(finished.length / slices);
  let from = started;
  return chunk(finished, perSlice).map((slice) => {
    const to = slice.at(-1)!.at;
    const rate = slice.reduce((sum, { size }) => sum + size, 0) / ((to - from) / 1000);
    from = to;
    return rate;
  });
}

function post(server: ServerProcess, agent: Agent, body: Buffer): Promise<void> {
  const headers = {
    authorization: `Bearer ${server.key}`,
    'content-type': 'application/json',
    'content-length': body.length,
  };
  return new Promise((resolve, reject) => {
    const call = request(`${server.url}/graphql`, { method: 'POST', agent, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString();
        // Errors and everything not stored would make the figure a lie.
        if (answer.statusCode === 200 && /"conflicts":0,"rejected":0,"quarantined":0/.test(text)) resolve();
        else reject(new Error(`The server answered ${answer.statusCode}: ${text.slice(0, 500)}`));
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}

export function chunk<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

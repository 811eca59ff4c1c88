import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { demoDrafts, feed } from './feed.ts';
import { type Figures, round } from './report.ts';
import { fiftySegments } from './segment-definitions.ts';
import { openSegmentsOf } from './segments-setup.ts';
import { startServerProcess } from './server-process.ts';

const warmUp = 30_000;
const measured = 100_000;

/** The same touchpoints into two empty databases, one of them with fifty live segments. */
export async function run(): Promise<Figures> {
  const drafts = demoDrafts(new Date(), warmUp + measured);
  const without = await rate(drafts, 'without segments', false);
  const beside = await rate(drafts, 'with 50 live segments', true);
  return {
    'ingest without segments, touchpoints/s': round(without.rate),
    'ingest with 50 segments, touchpoints/s': round(beside.rate),
    'ratio (goal ≥ 0.6)': round(beside.rate / without.rate, 3),
    'members in all': beside.members,
  };
}

async function rate(drafts: readonly TouchpointDraft[], name: string, segments: boolean) {
  const server = await startServerProcess();
  try {
    if (segments) {
      const desk = await openSegmentsOf(server.pool);
      for (const [index, definition] of fiftySegments().entries()) await desk.create(`Segment ${index}`, definition);
    }
    await feed(server, drafts.slice(0, warmUp), `warm-up ${name}`);
    const { rate: touchpointsPerSecond } = await feed(server, drafts.slice(warmUp), name);
    const [row] = await server.pool<{ members: number }[]>`
      select count(*)::int as members from segment_states where member`;
    return { rate: touchpointsPerSecond, members: row!.members };
  } finally {
    await server.stop();
  }
}

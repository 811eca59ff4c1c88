import { buildSchema } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { readPage } from '../docs/markdown.ts';
import { CallGraph } from '../support/call-graph.ts';

/** Mutations that need no entry, and why. */
const exceptions: Readonly<Record<string, string>> = {
  ingest: 'Facts come in by the thousand; each touchpoint keeps its own source, time and fingerprint.',
  presentOffer: 'A till shows an offer: the presentation is stored with who saw what, and changes nothing else.',
};

const entering = new Set(['audit', 'auditAll']);

let graph: CallGraph;
let mutations: ReadonlyMap<string, object>;

beforeAll(() => {
  graph = new CallGraph(process.cwd());
  mutations = graph.decorated('Mutation');
});

function isAudited(name: string): boolean {
  const method = mutations.get(name);
  if (!method) throw new Error(`No resolver has a mutation ${name}.`);
  return graph.reaches(method as never, 'src/access/audit.service.ts', entering);
}

/**
 * What cannot be told by running some mutations: that no mutation was forgotten. Each is followed through the functions
 * that it may call, by the types, to the one that enters an act in the log. That the entry is right is for the tests of
 * each module.
 */
describe('the audit log', () => {
  const fields = Object.keys(buildSchema(readPage('schema/schema.graphql')).getMutationType()!.getFields());

  test('is written by every mutation of the schema, but for those with a reason', () => {
    expect(fields.length).toBeGreaterThan(50);
    expect(fields.filter((name) => !isAudited(name))).toEqual(Object.keys(exceptions).sort());
  });

  test('is not reached from everywhere: the walk can tell', () => {
    const readers = graph.decorated('Query');
    const reach = (name: string) => graph.reaches(readers.get(name) as never, 'src/access/audit.service.ts', entering);
    expect(['viewer', 'apiKeys', 'auditLog', 'customers', 'segments'].map(reach)).toEqual(Array(5).fill(false));
  });
});

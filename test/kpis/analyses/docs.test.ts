import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toPublicId } from '../../../src/kernel/ids.ts';
import { findBlocks } from '../../docs/markdown.ts';
import { exampleProgram } from '../../loyalty/example-program.ts';
import { publishAt } from '../../loyalty/fixture.ts';
import { type AnalysesFixture, openAnalyses } from './fixture.ts';

const examples = findBlocks('graphql', ['docs/analyses.md']);

describe('examples of the documentation run', () => {
  let fixture: AnalysesFixture;
  let program: string;
  beforeAll(async () => {
    fixture = await openAnalyses({ now: '2026-11-01T12:00:00Z' });
    program = toPublicId('prg', await publishAt(fixture, exampleProgram(), { at: '2026-01-01T00:00:00Z' }));
  });
  afterAll(() => fixture.close());

  test.each(examples.map(({ place, text }) => [place, text]))('%s', async (_place, text) => {
    const answer = await fixture.ask<object>(text, { program });
    expect(Object.values(answer)).toEqual([expect.any(Object)]);
  });
});

test('there is one for every query', () => {
  const named = examples.flatMap(({ text }) => [...text.matchAll(/^ {2}(\w+)/gm)].map((match) => match[1]!));
  expect([...new Set(named)].sort()).toEqual(
    ['attribution', 'caseResolution', 'churnRate', 'nps', 'portfolio', 'retentionCohorts', 'tierMigration'].sort(),
  );
});

import { expect } from 'vitest';
import type { Condition } from '../../src/conditions/condition.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import { fromPublicId } from '../../src/kernel/ids.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openIngest, touchpoint } from '../support/ingest.ts';
import { expectAgreement } from './fixture.ts';

/** What a condition says of a person, and until when that stays so: `null` for ever. */
export interface Answer {
  readonly verdict: boolean;
  readonly next: string | null;
}

export interface People {
  readonly database: TestDatabase;
  /** The customer of a person who has been told of. */
  readonly ids: ReadonlyMap<string, string>;
  /** Something happened with a person. */
  tell(person: string, ...happened: readonly Partial<TouchpointDraft>[]): Promise<void>;
  /** What the condition says of each person, after all ways to evaluate it have agreed. */
  ask(condition: Condition, now: string, timeZone?: string): Promise<Record<string, Answer>>;
  close(): Promise<void>;
}

export async function openPeople(clock?: Clock): Promise<People> {
  const database = await openTestDatabase();
  const { ingest, ctx } = await openIngest(database.pool, clock ? { clock } : {});
  const ids = new Map<string, string>();
  return {
    database,
    ids,
    async tell(person, ...happened) {
      const identifiers = [{ kind: 'userId', value: person }];
      const results = await ingest.submit(
        ctx,
        happened.map((draft) => touchpoint({ identifiers, ...draft })),
      );
      expect(results.filter(({ status }) => status !== 'STORED')).toEqual([]);
      ids.set(person, fromPublicId('cus', results[0]!.customerId!));
    },
    async ask(condition, now, timeZone = 'Europe/Zurich') {
      const each = await expectAgreement(database.pool, [condition], { now: new Date(now), timeZone });
      const answers = [...ids].map(([person, id]): [string, Answer] => {
        const { verdicts, nexts } = each.get(id)!;
        return [person, { verdict: verdicts[0]!, next: nexts[0]?.toISOString() ?? null }];
      });
      return Object.fromEntries(answers);
    },
    close: () => database.close(),
  };
}

import { compileBucket } from './bucket-leaf.queries.ts';
import { bucketLeaf } from './bucket-leaf.ts';
import type { LeafName } from './condition.ts';
import { compileDate } from './date-leaf.queries.ts';
import { dateLeaf } from './date-leaf.ts';
import { compileEvent } from './event-leaf.queries.ts';
import { eventLeaf } from './event-leaf.ts';
import { everyoneLeaf } from './everyone-leaf.ts';
import { compileFact } from './fact-leaf.queries.ts';
import { factLeaf } from './fact-leaf.ts';
import { compileFirst } from './first-leaf.queries.ts';
import { firstLeaf } from './first-leaf.ts';
import { compileIdentity } from './identity-leaf.queries.ts';
import { identityLeaf } from './identity-leaf.ts';
import { compileKeyed } from './keyed-leaf.queries.ts';
import { keyedLeaf } from './keyed-leaf.ts';
import { compileLast } from './last-leaf.queries.ts';
import { lastLeaf } from './last-leaf.ts';
import type { LeafKind } from './leaf-kind.ts';
import { compileMembers } from './members-leaf.queries.ts';
import { membersLeaf } from './members-leaf.ts';
import { compileMessage } from './message-leaf.queries.ts';
import { messageLeaf } from './message-leaf.ts';
import { compilePlace } from './place-leaf.queries.ts';
import { placeLeaf } from './place-leaf.ts';
import { compileRegular } from './regular-leaf.queries.ts';
import { regularLeaf } from './regular-leaf.ts';
import { compileRestarted } from './restarted-leaf.queries.ts';
import { restartedLeaf } from './restarted-leaf.ts';
import { compileSequence } from './sequence-leaf.queries.ts';
import { sequenceLeaf } from './sequence-leaf.ts';
import { type CompileLeaf, never } from './sql-scope.queries.ts';
import { compileStopped } from './stopped-leaf.queries.ts';
import { stoppedLeaf } from './stopped-leaf.ts';
import { compileTotal } from './total-leaf.queries.ts';
import { totalLeaf } from './total-leaf.ts';
import { compileTraitHeld } from './trait-held-leaf.queries.ts';
import { traitHeldLeaf } from './trait-held-leaf.ts';
import { compileTrait } from './trait-leaf.queries.ts';
import { traitLeaf } from './trait-leaf.ts';

/** A kind of leaf with its SQL: what a module registers, see the wiring. */
export interface RegisteredLeaf<Name extends LeafName = LeafName> {
  readonly kind: LeafKind<Name>;
  readonly compile: CompileLeaf<Name>;
}

/** Checks that kind and SQL are of the same leaf; the list holds leaves of all kinds. */
export function register<Name extends LeafName>(kind: LeafKind<Name>, compile: CompileLeaf<Name>): RegisteredLeaf {
  return { kind, compile } as unknown as RegisteredLeaf;
}

/** The leaves whose facts belong to customers and their touchpoints. */
export const coreLeaves: readonly RegisteredLeaf[] = [
  register(everyoneLeaf, () => ({ verdict: 'true', next: never })),
  register(traitLeaf, compileTrait),
  register(dateLeaf, compileDate),
  register(traitHeldLeaf, compileTraitHeld),
  register(factLeaf, compileFact),
  register(identityLeaf, compileIdentity),
  register(placeLeaf, compilePlace),
  register(bucketLeaf, compileBucket),
  register(eventLeaf, compileEvent),
  register(firstLeaf, compileFirst),
  register(stoppedLeaf, compileStopped),
  register(restartedLeaf, compileRestarted),
  register(regularLeaf, compileRegular),
  register(sequenceLeaf, compileSequence),
  register(totalLeaf, compileTotal),
  register(lastLeaf, compileLast),
  register(keyedLeaf, compileKeyed),
  register(messageLeaf, compileMessage),
  register(membersLeaf, compileMembers),
];

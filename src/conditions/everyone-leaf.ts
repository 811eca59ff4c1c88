import { badInput } from '../kernel/errors.ts';
import type { LeafKind } from './leaf-kind.ts';

/** All customers. */
export const everyoneLeaf: LeafKind<'everyone'> = {
  name: 'everyone',
  check: (given, field) => {
    if (given !== true) throw badInput('Expected `true`; use `not` for nobody.', field);
    return true;
  },
  needs: () => ({}),
  cost: () => 0,
  judge: () => ({ verdict: true, found: true }),
};

import { registerEnumType } from 'type-graphql';
import type { RetentionAct as Act } from './retention-policy.ts';

export const RetentionAct = { DELETE: 'DELETE', ANONYMIZE: 'ANONYMIZE' } as const satisfies { readonly [A in Act]: A };

registerEnumType(RetentionAct, {
  name: 'RetentionAct',
  description: 'What becomes of touchpoints that are older than they may be.',
  valuesConfig: {
    DELETE: {
      description:
        'They go, and what they were counted in with them. Identifiers and traits stay as long as anything of their record does.',
    },
    ANONYMIZE: {
      description:
        'What was said freely goes: traits, context, message ids, and properties that no figure and no earning rule looks at. Sums, points and KPIs stay as they are.',
    },
  },
});

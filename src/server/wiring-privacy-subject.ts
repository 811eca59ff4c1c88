import 'reflect-metadata';
import type { CurrentRules } from '../identity/current-rules.service.ts';
import { IdentityExplainer } from '../identity/stewardship/explanation.service.ts';
import type { Context, Platform } from '../kernel/context.ts';
import type { Database } from '../kernel/database.ts';
import type { IdPrefix } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import type { Metrics } from '../kernel/metrics.ts';
import type { NodeFinder } from '../kernel/node.resolver.ts';
import { CustomerKpiReader } from '../kpis/customers/customer-kpis.service.ts';
import { factProperties } from '../kpis/facts/fact-properties.ts';
import { forgetFacts } from '../kpis/facts/facts-removal.service.ts';
import { earningTypes, testedProperties } from '../loyalty/earning/earning-types.service.ts';
import {
  forgetMemberships,
  forgetVerdicts,
  pinnedByLoyalty,
  recountMemberships,
} from '../loyalty/members/forgotten-touchpoints.service.ts';
import { earnFromRegrouping } from '../loyalty/members/member-reactions.service.ts';
import { PartialDeletionResolver } from '../privacy/partial-deletion/partial-deletion.resolver.ts';
import { PartialDeletionService } from '../privacy/partial-deletion/partial-deletion.service.ts';
import type { PersonalTable } from '../privacy/personal-data.ts';
import { pinnedByStatements } from '../privacy/pinned-records.service.ts';
import { findRetentionPolicyNode, RetentionResolver } from '../privacy/retention/retention.resolver.ts';
import { RetentionService, retentionFailures } from '../privacy/retention/retention.service.ts';
import { RetentionKeeper } from '../privacy/retention/retention-keeper.service.ts';
import { AccessExportResolver } from '../privacy/subject-access/access-export.resolver.ts';
import { AccessExportService, type Explained } from '../privacy/subject-access/access-export.service.ts';
import { explainMemberships } from '../segments/memberships-explained.service.ts';
import { pinnedByLists } from '../segments/pinned-records.service.ts';
import { SegmentExplainer } from '../segments/segment-explanation.service.ts';
import type { KeptProperty } from '../touchpoints/anonymise-touchpoints.queries.ts';
import type { RemovalReactions } from '../touchpoints/removal.events.ts';
import { accessExports } from './access-exports.ts';
import { type Engines, regroupingReactions } from './engines.ts';
import { personalTables } from './personal-data.ts';

/** What happens in the transaction that deletes touchpoints. */
export function removalReactions(engines: Engines): RemovalReactions {
  return {
    leaving: [forgetVerdicts, forgetFacts(engines.ids)],
    pinned: [pinnedByStatements, pinnedByLoyalty, pinnedByLists],
    recordsLeaving: [forgetMemberships],
    settling: [earnFromRegrouping(engines.folder)],
    regrouped: regroupingReactions(engines),
    recounting: [recountMemberships],
  };
}

/** Properties that stay when a touchpoint is anonymised: figures and points have to come out the same. */
export function keptProperties({ book }: Engines) {
  const ofFacts = [...factProperties].flatMap(([type, names]) => names.map((name) => ({ type, name })));
  return async (db: Database): Promise<KeptProperty[]> => {
    const tested = await testedProperties(book, db);
    return [...ofFacts, ...tested.map((name) => ({ type: null, name }))];
  };
}

export interface SubjectParts {
  readonly idSecret: string;
  readonly defaultRegion: string;
  readonly rules: CurrentRules;
}

/** How messages in quarantine are found that are somebody's. */
export function quarantineOf({ idSecret, defaultRegion, rules }: SubjectParts): Pick<PersonalTable, 'find'> {
  const tables = personalTables({ idSecret, defaultRegion }, () => rules.inForce.rules);
  return tables.find(({ table }) => table === 'quarantine')!;
}

/** Everything that is held about a person, and why it is what it is. */
export function createAccessExports(engines: Engines, { idSecret, defaultRegion, rules }: SubjectParts) {
  const settings = { idSecret, defaultRegion };
  const inForce = () => rules.inForce.rules;
  return new AccessExportService({
    idSecret,
    exports: accessExports(settings, inForce),
    tables: personalTables(settings, inForce),
    explained: explanations(engines, rules),
  });
}

function explanations({ kpis, book, evaluator }: Engines, rules: CurrentRules): readonly Explained[] {
  const identity = new IdentityExplainer(rules);
  const reader = new CustomerKpiReader({ ...kpis, programs: book });
  const segments = new SegmentExplainer(evaluator);
  return [
    {
      of: 'identity',
      async explain(ctx: Context, customerId: string) {
        const { recordIds, paths, unused, truncated } = await identity.explain(ctx, { customerId });
        return toJson({ recordIds, paths, unused, truncated });
      },
    },
    { of: 'kpis', explain: async (ctx, customerId) => toJson(await reader.kpisOf(ctx, customerId)) },
    { of: 'segments', explain: (ctx, customerId) => explainMemberships(ctx, segments, customerId) },
  ];
}

/** Exact amounts as text. */
function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one))) as Json;
}

export const subjectNodes: readonly (readonly [IdPrefix, NodeFinder])[] = [['ret', findRetentionPolicyNode]];

/** Access, partial deletion and retention, as the rest of the wiring sees them. */
export interface SubjectWiring {
  readonly instances: readonly (readonly [unknown, object])[];
  readonly accessExports: AccessExportService;
  start(): void;
  stop(): Promise<void>;
}

export function wireSubjects(
  platform: Platform,
  engines: Engines,
  parts: SubjectParts & { readonly metrics: Metrics },
): SubjectWiring {
  const { idSecret, rules, metrics } = parts;
  const reactions = removalReactions(engines);
  const keeper = new RetentionKeeper(platform, { rules, reactions, kept: keptProperties(engines) });
  const exports = createAccessExports(engines, parts);
  const deletion = { idSecret, rules, reactions, quarantine: quarantineOf(parts) };
  const retention = new RetentionService({
    earningTypes: (db) => earningTypes(engines.book, db),
    changed: () => keeper.wake(),
  });
  metrics.observe(
    'rundum_retention_failures',
    'Source records for which retention failed in the last passes of all policies.',
    () => retentionFailures(platform.pool).catch(() => Number.NaN),
  );
  return {
    accessExports: exports,
    instances: [
      [PartialDeletionResolver, new PartialDeletionResolver(new PartialDeletionService(deletion))],
      [RetentionResolver, new RetentionResolver(retention)],
      [AccessExportResolver, new AccessExportResolver(exports)],
    ],
    start: () => keeper.start(),
    stop: () => keeper.stop(),
  };
}

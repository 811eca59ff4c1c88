import type { Json, JsonObject } from '../../kernel/json.ts';
import type { AcceptedLine } from '../../touchpoints/touchpoint.ts';
import type { MemberState, MembershipSpan, MemberTerms, Verdicts } from '../earning/member-fold.ts';
import type { EarningFact } from '../earning/purchase.ts';
import type { TierOverride } from '../earning/tier-level.ts';
import type { ConsumptionBucket } from '../ledger/bucket.ts';
import type { Grant, LotTerms } from '../ledger/lot.ts';

/** Of what a row of a member's history tells; they come in this order. */
export const historyKinds = { membership: 0, override: 1, consumption: 2, lot: 3, standing: 4, fact: 5 } as const;

/** One line of what is known of a member, as the database streams it. */
export interface HistoryRow {
  readonly customerId: string;
  readonly kind: number;
  readonly recordId: string;
  readonly occurredAt: Date;
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly channel: string;
  readonly direction: string;
  readonly campaign: string | null;
  readonly valueMinor: bigint | null;
  readonly currency: string | null;
  /** JSON text. Of the whole, or `orderId` alone: see `properties` of the question. */
  readonly properties: string | null;
  /** JSON text: of a touchpoint its lines, of other kinds what they are. */
  readonly told: string | null;
  /** JSON text. */
  readonly verdicts: string | null;
}

export interface ToldConsumption {
  readonly recordId: string;
  readonly wallet: string;
  readonly decisionId: string;
  readonly at: Date;
  readonly points: bigint;
  readonly bucket: ConsumptionBucket;
}

/** What is stored of a member. */
export interface ToldStanding {
  readonly state: MemberState;
  readonly tier: string | null;
  readonly dueAt: Date | null;
}

/** A member with all that the fold asks for. */
export interface MemberHistory extends MemberTerms {
  readonly customerId: string;
  /** In the order of (time, id). */
  readonly facts: readonly EarningFact[];
  readonly consumptions: readonly ToldConsumption[];
  /** Lots that the question asked for. */
  readonly lots: readonly LotTerms[];
  /** Null: nothing is stored, or the question didn't ask for it. */
  readonly standing: ToldStanding | null;
}

/** A touchpoint whose JSON is read when somebody asks for it. */
class ToldFact implements EarningFact {
  readonly id: string;
  readonly recordId: string;
  readonly occurredAt: Date;
  readonly type: string;
  readonly source: string;
  readonly channel: string;
  readonly direction: string;
  readonly campaign: string | null;
  readonly valueMinor: bigint | null;
  readonly currency: string | null;
  readonly traits = null;
  readonly #properties: string | null;
  readonly #lines: string | null;
  #readProperties: JsonObject | null | undefined;
  #readLines: readonly AcceptedLine[] | null | undefined;

  constructor(row: HistoryRow) {
    this.id = row.id;
    this.recordId = row.recordId;
    this.occurredAt = row.occurredAt;
    this.type = row.type;
    this.source = row.source;
    this.channel = row.channel;
    this.direction = row.direction;
    this.campaign = row.campaign;
    this.valueMinor = row.valueMinor;
    this.currency = row.currency;
    this.#properties = row.properties;
    this.#lines = row.told;
  }

  get properties(): JsonObject | null {
    this.#readProperties ??= this.#properties === null ? null : (JSON.parse(this.#properties) as JsonObject);
    return this.#readProperties;
  }

  get lines(): readonly AcceptedLine[] | null {
    this.#readLines ??= this.#lines === null ? null : (JSON.parse(this.#lines) as AcceptedLine[] | null);
    return this.#readLines;
  }
}

/** Puts rows of one member together, as they come. */
export class HistoryReader {
  readonly #programId: string;
  #customerId: string | undefined;
  #memberships: MembershipSpan[] = [];
  #overrides: TierOverride[] = [];
  #consumptions: ToldConsumption[] = [];
  #lots: LotTerms[] = [];
  #facts: EarningFact[] = [];
  #verdicts = new Map<string, Verdicts>();
  #standing: ToldStanding | null = null;

  constructor(programId: string) {
    this.#programId = programId;
  }

  /** Rows come member by member. Answers the one before, once the next one begins. */
  add(row: HistoryRow): MemberHistory | undefined {
    const finished = this.#customerId !== undefined && this.#customerId !== row.customerId ? this.finish() : undefined;
    this.#customerId = row.customerId;
    this.#put(row);
    return finished;
  }

  /** The last one. */
  finish(): MemberHistory | undefined {
    if (this.#customerId === undefined) return undefined;
    const history: MemberHistory = {
      customerId: this.#customerId,
      memberships: this.#memberships,
      overrides: this.#overrides,
      consumptions: this.#consumptions,
      lots: this.#lots,
      facts: this.#facts,
      verdicts: this.#verdicts,
      standing: this.#standing,
    };
    this.#customerId = undefined;
    this.#memberships = [];
    this.#overrides = [];
    this.#consumptions = [];
    this.#lots = [];
    this.#facts = [];
    this.#verdicts = new Map();
    this.#standing = null;
    return history;
  }

  #put(row: HistoryRow): void {
    switch (row.kind) {
      case historyKinds.fact:
        this.#facts.push(new ToldFact(row));
        if (row.verdicts !== null) this.#verdicts.set(row.id, JSON.parse(row.verdicts) as Verdicts);
        return;
      case historyKinds.membership:
        this.#memberships.push(readMembership(toldBy(row)));
        return;
      case historyKinds.override:
        this.#overrides.push(readOverride(toldBy(row)));
        return;
      case historyKinds.consumption:
        this.#consumptions.push(readConsumption(row.recordId, toldBy(row)));
        return;
      case historyKinds.standing:
        this.#standing = readStanding(toldBy(row));
        return;
      default:
        this.#lots.push(readLot({ recordId: row.recordId, programId: this.#programId }, toldBy(row)));
    }
  }
}

type Told = Readonly<Record<string, Json>>;

function toldBy({ told }: HistoryRow): Told {
  return JSON.parse(told!) as Told;
}

function readMembership({ from, to, how }: Told): MembershipSpan {
  return { from: instant(from), to: instantOrNull(to), explicit: how !== 'AUTOMATIC' };
}

function readOverride({ id, tier, from, to }: Told): TierOverride {
  return { id: String(id), tier: String(tier), from: instant(from), to: instant(to) };
}

function readConsumption(recordId: string, told: Told): ToldConsumption {
  return {
    recordId,
    wallet: String(told.wallet),
    decisionId: String(told.decisionId),
    at: instant(told.at),
    points: BigInt(String(told.points)),
    bucket: told.bucket as ConsumptionBucket,
  };
}

function readStanding({ state, tier, dueAt }: Told): ToldStanding {
  return { state: state as unknown as MemberState, tier: tier as string | null, dueAt: instantOrNull(dueAt) };
}

function readLot(owner: { recordId: string; programId: string }, told: Told): LotTerms {
  return {
    ...owner,
    wallet: String(told.wallet),
    id: String(told.id),
    source: told.source as LotTerms['source'],
    sourceId: told.sourceId === null ? null : String(told.sourceId),
    earnedAt: instant(told.earnedAt),
    availableAt: instant(told.availableAt),
    expiresAt: instantOrNull(told.expiresAt),
    version: told.version as number | null,
    grants: readGrants(told.grants),
    granted: BigInt(String(told.granted)),
  };
}

function readGrants(told: Json | undefined): Grant[] {
  const grants = told as unknown as readonly { rule: string | null; line: number | null; points: number }[];
  return grants.map((grant) => ({ ...grant, points: BigInt(grant.points) }));
}

function instant(told: Json | undefined): Date {
  return new Date(String(told));
}

function instantOrNull(told: Json | undefined): Date | null {
  return told == null ? null : instant(told);
}

import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { DateTime, JsonObjectValue } from '../../kernel/scalars.ts';
import type { Evaluation } from './evaluate.ts';
import { MatchFieldKind, MatchRunKind, MatchRunStatus } from './match.enum.ts';
import type { Activated, MatchingStatus as StatusFacts } from './match.service.ts';
import type { ComparisonParameters, FieldKind, LevelParameters } from './match-model.ts';
import type { ModelRow } from './match-models.queries.ts';
import type { RunKind, RunRow, RunStatus } from './match-runs.queries.ts';
import type { FieldSource } from './record-fields.ts';

@ObjectType({ simpleResolvers: true, description: 'A field that a model compares, and where its value is found.' })
export class MatchField {
  @Field(() => String, { description: 'Its name.' })
  readonly name: string;

  @Field(() => MatchFieldKind, { description: 'What it means.' })
  readonly kind: FieldKind;

  @Field(() => [String], { description: 'Traits that hold it, the preferred first.' })
  readonly traits: readonly string[];

  @Field(() => String, { nullable: true, description: 'A kind of identifier that is preferred to traits.' })
  readonly identifier: string | null;

  constructor({ name, kind, traits, identifier }: FieldSource) {
    this.name = name;
    this.kind = kind;
    this.traits = traits;
    this.identifier = identifier;
  }
}

@ObjectType({ simpleResolvers: true, description: 'How two values may agree, and what that is worth.' })
export class MatchLevel {
  @Field(() => String, { description: 'How they agree.' })
  readonly agreement: string;

  @Field(() => Float, { description: 'Probability that records of one person agree so.' })
  readonly m: number;

  @Field(() => Float, { description: 'Probability that records of two people agree so.' })
  readonly u: number;

  @Field(() => Float, { description: 'log2(m/u), in bits.' })
  readonly weight: number;

  constructor({ label, m, u }: LevelParameters) {
    this.agreement = label;
    this.m = m;
    this.u = u;
    this.weight = Math.log2(m / u);
  }
}

@ObjectType({ simpleResolvers: true, description: 'One respect in which a model compares records.' })
export class MatchComparison {
  @Field(() => String, { description: 'Its name.' })
  readonly name: string;

  @Field(() => [String], { description: 'The fields that it compares.' })
  readonly fields: readonly string[];

  @Field(() => [MatchLevel], { description: 'From the closest agreement to none.' })
  readonly levels: readonly MatchLevel[];

  constructor({ name, fields, levels }: ComparisonParameters) {
    this.name = name;
    this.fields = fields;
    this.levels = levels.map((level) => new MatchLevel(level));
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'How a model judges the pairs that stewards decided on: those that were hard enough to be looked at.',
})
export class MatchEvaluation implements Evaluation {
  @Field(() => Int, { description: 'Pairs that stewards have decided on.' })
  readonly pairs!: number;

  @Field(() => Int, { description: 'Of these, that they accepted.' })
  readonly same!: number;

  @Field(() => Int, { description: 'Would be linked, rightly.' })
  readonly linkedRightly!: number;

  @Field(() => Int, { description: 'Would be linked, wrongly.' })
  readonly linkedWrongly!: number;

  @Field(() => Int, { description: 'Would be proposed, rightly.' })
  readonly proposedRightly!: number;

  @Field(() => Int, { description: 'Would be proposed, wrongly.' })
  readonly proposedWrongly!: number;

  @Field(() => Int, { description: 'Are one person, and would not be proposed.' })
  readonly missed!: number;
}

@ObjectType({ simpleResolvers: true, description: 'What a training has learned. It never changes.' })
export class MatchModel {
  @Field(() => Int, { description: 'Counts the trainings.' })
  readonly version: number;

  @Field(() => Boolean, { description: 'It is the one that is used.' })
  readonly active: boolean;

  @Field(() => DateTime, { description: 'When it was trained.' })
  readonly createdAt: Date;

  @Field(() => String, { description: 'Who asked for it: the name of the API key.' })
  readonly createdBy: string;

  @Field(() => DateTime, { nullable: true, description: 'Since when it is used, or when it last began to be.' })
  readonly activatedAt: Date | null;

  @Field(() => Int, { description: 'Records that it has learned from.' })
  readonly records: number;

  @Field(() => Float, { description: 'The probability that two records drawn at random are one person.' })
  readonly prior: number;

  @Field(() => Float, { description: 'From this weight on (in bits) records are linked.' })
  readonly linkThreshold: number;

  @Field(() => Float, { description: 'From this weight on they are proposed to stewards.' })
  readonly reviewThreshold: number;

  @Field(() => [MatchField], { description: 'What it compares.' })
  readonly fields: readonly MatchField[];

  @Field(() => [MatchComparison], { description: 'How, and what each agreement is worth.' })
  readonly comparisons: readonly MatchComparison[];

  @Field(() => MatchEvaluation, { nullable: true, description: 'Null while stewards had decided nothing yet.' })
  readonly evaluation: Evaluation | null;

  constructor({ model, sources, ...row }: ModelRow) {
    this.version = row.version;
    this.active = row.active;
    this.createdAt = row.createdAt;
    this.createdBy = row.createdBy;
    this.activatedAt = row.activatedAt;
    this.records = model.facts.records;
    this.prior = model.lambda;
    this.linkThreshold = model.thresholds.link;
    this.reviewThreshold = model.thresholds.review;
    this.fields = sources.map((source) => new MatchField(source));
    this.comparisons = model.comparisons.map((comparison) => new MatchComparison(comparison));
    this.evaluation = row.evaluation;
  }
}

@ObjectType({ simpleResolvers: true, description: 'Work on all records, done in the background by one of the nodes.' })
export class MatchRun {
  @Field(() => ID, { description: '`mr_…`.' })
  readonly id: string;

  @Field(() => MatchRunKind, { description: 'What it does.' })
  readonly kind: RunKind;

  @Field(() => MatchRunStatus, { description: 'How far it is.' })
  readonly status: RunStatus;

  @Field(() => String, { description: 'What is being done just now, for people.' })
  readonly phase: string;

  @Field(() => Int, { description: 'How much of the phase is done.' })
  readonly done: number;

  @Field(() => Int, { nullable: true, description: 'Of how much, where that is known.' })
  readonly total: number | null;

  @Field(() => Int, { nullable: true, description: 'The model that it made, or used; null before the end.' })
  readonly modelVersion: number | null;

  @Field(() => JsonObjectValue, {
    nullable: true,
    description: 'Counts: `records`, and of MATCH `pairs`, `linked`, `proposed`, `withdrawn`. Null before the end.',
  })
  readonly result: JsonObject | null;

  @Field(() => String, { nullable: true, description: 'Why it failed.' })
  readonly error: string | null;

  @Field(() => String, { description: 'Who asked for it; `matcher` where it was necessary without anybody asking.' })
  readonly actor: string;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  readonly requestedAt: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it was last begun.' })
  readonly startedAt: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it ended.' })
  readonly finishedAt: Date | null;

  constructor(row: RunRow) {
    this.id = toPublicId('mr', row.id);
    this.kind = row.kind;
    this.status = row.status;
    this.phase = row.phase;
    this.done = row.done;
    this.total = row.total;
    this.modelVersion = row.modelVersion;
    this.result = row.result;
    this.error = row.error;
    this.actor = row.actor;
    this.requestedAt = row.requestedAt;
    this.startedAt = row.startedAt;
    this.finishedAt = row.finishedAt;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A run that was asked for.' })
export class MatchRunPayload {
  @Field(() => MatchRun, { description: 'The run; ask for `matchRun` or `matchRuns` to see how far it is.' })
  readonly run: MatchRun;

  constructor(run: RunRow) {
    this.run = new MatchRun(run);
  }
}

@ObjectType({ simpleResolvers: true, description: 'The model that is used from now on.' })
export class ActivateMatchModelPayload {
  @Field(() => MatchModel, { description: 'The model.' })
  readonly model: MatchModel;

  @Field(() => MatchRun, { description: 'The run that matches all records by it.' })
  readonly run: MatchRun;

  constructor({ model, run }: Activated) {
    this.model = new MatchModel(model);
    this.run = new MatchRun(run);
  }
}

@ObjectType({ simpleResolvers: true, description: 'How matching is.' })
export class MatchingStatus {
  @Field(() => MatchModel, { nullable: true, description: 'The model in use; null: nothing is matched.' })
  readonly activeModel: MatchModel | null;

  @Field(() => Float, {
    nullable: true,
    description: 'By how many seconds matching is behind the touchpoints; null without a model in use.',
  })
  readonly lagSeconds: number | null;

  @Field(() => Boolean, {
    description: 'All records have been matched by the model in use, and changes are followed.',
  })
  readonly complete: boolean;

  @Field(() => MatchRun, { nullable: true, description: 'The run that is being done, or is next.' })
  readonly currentRun: MatchRun | null;

  @Field(() => Int, { description: 'Candidates that wait for a steward.' })
  readonly pendingCandidates: number;

  constructor({ activeModel, lagSeconds, isComplete, currentRun, pending }: StatusFacts) {
    this.activeModel = activeModel && new MatchModel(activeModel);
    this.lagSeconds = lagSeconds;
    this.complete = isComplete;
    this.currentRun = currentRun && new MatchRun(currentRun);
    this.pendingCandidates = pending;
  }
}

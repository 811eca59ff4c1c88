import { requireScope } from '../../access/scopes.ts';
import { foldCase } from '../../conditions/fold-case.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { type Page, type PageArguments, readPageArguments, toPage } from '../../kernel/paging.ts';
import type { Phase } from '../program.ts';
import { leverAt, phaseAt, versionAt } from '../terms.ts';
import { loadProgramPasts, loadProgramViews, type ProgramPast } from './program.loader.ts';
import { publishedOf } from './program.service.ts';
import {
  findProgramNames,
  type LeverChangeView,
  listPrograms,
  type PhaseView,
  type ProgramView,
  type VersionView,
} from './programs.queries.ts';
import type { RuleConditions } from './rule-conditions.ts';
import type { RuleWords } from './rule-text.ts';

/** By UUID. */
export async function findProgram(ctx: Context, id: string): Promise<ProgramView | null> {
  requireScope(ctx, 'loyalty:read');
  return ctx.loaders.get(loadProgramViews, ctx).load(id);
}

/** By public id or by name, whatever its case; exactly one of them. */
export async function findProgramBy(
  ctx: Context,
  { id, name }: { id?: string | null; name?: string | null },
): Promise<ProgramView | null> {
  requireScope(ctx, 'loyalty:read');
  if (id != null && name == null) return findProgram(ctx, fromPublicId('prg', id));
  if (name == null || id != null) throw badInput('Give `id` or `name`, exactly one of them.');
  const folded = foldCase(name.trim());
  const found = (await findProgramNames(ctx.pool)).find((one) => foldCase(one.name) === folded);
  return found ? findProgram(ctx, found.id) : null;
}

/** The newest first. */
export async function listAllPrograms<N>(
  ctx: Context,
  args: PageArguments,
  node: (program: ProgramView) => N,
): Promise<Page<N>> {
  requireScope(ctx, 'loyalty:read');
  const page = readPageArguments('loyaltyPrograms', args);
  const rows = await listPrograms(ctx.pool, page);
  return toPage(page, rows, { position: ({ createdAt, id }) => ({ at: createdAt, id }), node });
}

export async function currentPhase(ctx: Context, programId: string): Promise<Phase> {
  return phaseAt({ phases: await listPhases(ctx, programId) }, ctx.clock.now());
}

export async function listPhases(ctx: Context, programId: string): Promise<readonly PhaseView[]> {
  return (await pastOf(ctx, programId)).phases;
}

/** A version with what it takes to show it to this caller, now. */
export interface ShownVersion extends RuleWords {
  readonly version: VersionView;
  /** Of a lever: by this version's word, and the latest first. */
  changesOf(lever: string): LeverChangeView[];
}

/** What reading programmes takes conditions for. */
export class ProgramReader {
  readonly #conditions: Pick<RuleConditions, 'isHidden'>;

  constructor(conditions: Pick<RuleConditions, 'isHidden'>) {
    this.#conditions = conditions;
  }

  /** The one that applies now; null before the first one does. */
  async versionInForce(ctx: Context, programId: string): Promise<ShownVersion | null> {
    const past = await pastOf(ctx, programId);
    const found = inForce(past, ctx.clock.now());
    return found ? this.#show(ctx, found, past) : null;
  }

  /** The one in force, or else the latest: what there is to say about a programme before it begins. */
  async versionToShow(ctx: Context, programId: string): Promise<ShownVersion> {
    const past = await pastOf(ctx, programId);
    // Every programme has a version.
    return this.#show(ctx, inForce(past, ctx.clock.now()) ?? past.versions[0]!, past);
  }

  async draftOf(ctx: Context, programId: string): Promise<ShownVersion | null> {
    const past = await pastOf(ctx, programId);
    const draft = past.versions.find(({ status }) => status === 'DRAFT');
    return draft ? this.#show(ctx, draft, past) : null;
  }

  /** The latest first. */
  async versionsOf(ctx: Context, programId: string): Promise<ShownVersion[]> {
    const past = await pastOf(ctx, programId);
    return past.versions.map((version) => this.#show(ctx, version, past));
  }

  #show(ctx: Context, version: VersionView, { leverChanges }: ProgramPast): ShownVersion {
    const { definition } = version;
    const at = ctx.clock.now();
    return {
      version,
      wallets: definition.wallets,
      numberOf: (setting) =>
        typeof setting === 'string'
          ? setting
          : leverAt({ leverValues: leverChanges }, definition, { lever: setting.lever, at }),
      isHidden: (condition) => this.#conditions.isHidden(ctx, condition),
      changesOf: (lever) => leverChanges.filter((change) => change.lever === lever).reverse(),
    };
  }
}

function inForce({ versions }: ProgramPast, now: Date): VersionView | undefined {
  const found = versionAt({ versions: publishedOf(versions) }, now);
  return found && versions.find(({ version }) => version === found.version);
}

function pastOf(ctx: Context, programId: string): Promise<ProgramPast> {
  requireScope(ctx, 'loyalty:read');
  return ctx.loaders.get(loadProgramPasts, ctx).load(programId);
}

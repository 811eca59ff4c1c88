import type { Context } from '../../kernel/context.ts';
import { groupBy } from '../../kernel/lists.ts';
import {
  findLeverChanges,
  findPhases,
  findPrograms,
  findVersions,
  type LeverChangeView,
  type PhaseView,
  type ProgramView,
  type VersionView,
} from './programs.queries.ts';

export async function loadProgramViews(ctx: Context, ids: readonly string[]): Promise<(ProgramView | null)[]> {
  const byId = new Map((await findPrograms(ctx.pool, ids)).map((program) => [program.id, program]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** All that was ever said of a programme. */
export interface ProgramPast {
  /** The latest first. */
  readonly versions: readonly VersionView[];
  /** By when they take effect. */
  readonly phases: readonly PhaseView[];
  /** In the order of entry. */
  readonly leverChanges: readonly LeverChangeView[];
}

export async function loadProgramPasts(ctx: Context, ids: readonly string[]): Promise<ProgramPast[]> {
  const [versions, phases, changes] = await Promise.all([
    findVersions(ctx.pool, ids),
    findPhases(ctx.pool, ids),
    findLeverChanges(ctx.pool, ids),
  ]);
  const programOf = ({ programId }: { programId: string }) => programId;
  const [versionsOf, phasesOf, changesOf] = [
    groupBy(versions, programOf),
    groupBy(phases, programOf),
    groupBy(changes, programOf),
  ];
  return ids.map((id) => ({
    versions: versionsOf.get(id) ?? [],
    phases: phasesOf.get(id) ?? [],
    leverChanges: changesOf.get(id) ?? [],
  }));
}

import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { SimulateLeversInput } from './lever-simulation.input.ts';
import { LeverSimulation } from './lever-simulation.type.ts';
import type { LeverSimulator } from './simulator.service.ts';

@Resolver()
export class LeverSimulationResolver {
  readonly #simulator: LeverSimulator;

  constructor(simulator: LeverSimulator) {
    this.#simulator = simulator;
  }

  @Query(() => LeverSimulation, {
    description:
      'What members would have earned, and which tiers they would have, had levers been turned to other values, or another version ' +
      'been in force. Replays what happened, without and with the change, and writes nothing. It can take a minute; one runs at a ' +
      'time on a node. Needs the scope `loyalty:manage`. Codes: `BAD_USER_INPUT`, `NOT_FOUND`, `OVERLOADED` while another one runs, ' +
      '`STATEMENT_TOO_SLOW`.',
  })
  async simulateLevers(
    @Ctx() ctx: Context,
    @Arg('input', () => SimulateLeversInput, { description: 'What to replay, and what to suppose.' })
    { programId, ...input }: SimulateLeversInput,
  ): Promise<LeverSimulation> {
    const found = await this.#simulator.simulate(ctx, {
      ...input,
      programId: fromPublicId('prg', programId, 'input.programId'),
    });
    return new LeverSimulation(found);
  }
}

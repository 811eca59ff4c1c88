import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { CreateAccessExportInput } from './access-export.input.ts';
import type { AccessExportService } from './access-export.service.ts';
import { CreateAccessExportPayload } from './access-export.type.ts';

@Resolver()
export class AccessExportResolver {
  readonly #exports: AccessExportService;

  constructor(exports: AccessExportService) {
    this.#exports = exports;
  }

  @Mutation(() => CreateAccessExportPayload, {
    description:
      'Lets everything that is held about a customer be fetched for a week: each row of each table, with where it came from, what ' +
      'was decided about them and why they are what they are; nothing of other people. Needs the scopes `privacy:manage` and ' +
      '`pii:read`. Codes: `BAD_USER_INPUT`, `NOT_FOUND`, `IDEMPOTENCY_CONFLICT`.',
  })
  async createAccessExport(
    @Ctx() ctx: Context,
    @Arg('input', () => CreateAccessExportInput, { description: 'Whose, and why.' }) input: CreateAccessExportInput,
  ): Promise<CreateAccessExportPayload> {
    const customerId = fromPublicId('cus', input.customerId, 'input.customerId');
    return new CreateAccessExportPayload(await this.#exports.create(ctx, { ...input, customerId }));
  }
}

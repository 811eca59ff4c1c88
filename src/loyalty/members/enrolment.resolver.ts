import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { hasScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { givenMember, givenProgram } from '../redeeming/redeeming.input.ts';
import { EnrollMemberInput, ImportMembershipsInput, LeaveProgramInput } from './enrolment.input.ts';
import type { EnrolmentService } from './enrolment.service.ts';
import { EnrolmentPayload, ImportMembershipsPayload } from './enrolment.type.ts';

@Resolver()
export class EnrolmentResolver {
  readonly #enrolment: EnrolmentService;

  constructor(enrolment: EnrolmentService) {
    this.#enrolment = enrolment;
  }

  @Mutation(() => EnrolmentPayload, {
    description:
      'Makes somebody a member, and counts what they have bought since. Repeating it changes nothing. Needs the scope ' +
      '`loyalty:operate`. Codes: `NOT_FOUND` (ingest something of them first), `PROGRAM_NOT_OPEN`, `BAD_USER_INPUT`; ' +
      '`SERVICE_UNAVAILABLE` while customers are being merged: try again.',
  })
  async enrollMember(
    @Ctx() ctx: Context,
    @Arg('input', () => EnrollMemberInput, { description: 'Who.' }) input: EnrollMemberInput,
  ): Promise<EnrolmentPayload> {
    const enrolled = await this.#enrolment.enrollMember(ctx, {
      ...input,
      programId: givenProgram(input.programId),
      member: givenMember(input.member),
    });
    return new EnrolmentPayload(enrolled, hasScope(ctx, 'customers:read'));
  }

  @Mutation(() => EnrolmentPayload, {
    description:
      'Ends all memberships of a customer in a programme. What they have stays in the ledger and can be spent again if they ' +
      'come back. Repeating it changes nothing. Needs the scope `loyalty:operate`. Codes: `NOT_FOUND`, `BAD_USER_INPUT`.',
  })
  async leaveProgram(
    @Ctx() ctx: Context,
    @Arg('input', () => LeaveProgramInput, { description: 'Who.' }) input: LeaveProgramInput,
  ): Promise<EnrolmentPayload> {
    const left = await this.#enrolment.leaveProgram(ctx, {
      ...input,
      programId: givenProgram(input.programId),
      member: givenMember(input.member),
    });
    return new EnrolmentPayload(left, hasScope(ctx, 'customers:read'));
  }

  @Mutation(() => ImportMembershipsPayload, {
    description:
      'Takes over memberships of another system: up to 1,000 in a call, which can be repeated at will. Who is not known is ' +
      'left out and named. Needs the scope `loyalty:manage`. Codes: `NOT_FOUND`, `PROGRAM_NOT_OPEN`, `BAD_USER_INPUT`.',
  })
  async importMemberships(
    @Ctx() ctx: Context,
    @Arg('input', () => ImportMembershipsInput, { description: 'Whose.' }) input: ImportMembershipsInput,
  ): Promise<ImportMembershipsPayload> {
    const imported = await this.#enrolment.importMemberships(ctx, {
      ...input,
      programId: givenProgram(input.programId),
      memberships: input.memberships.map(({ member, enrolledAt }, index) => ({
        member: givenMember(member, `input.memberships[${index}].member`),
        enrolledAt,
      })),
    });
    return new ImportMembershipsPayload(imported);
  }
}

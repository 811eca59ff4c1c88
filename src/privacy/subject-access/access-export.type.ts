import { Field, ObjectType } from 'type-graphql';
import { DataSubjectRequest } from '../erasure/erasure.type.ts';
import type { SubjectRequest } from '../subject-requests.queries.ts';

@ObjectType({ simpleResolvers: true, description: 'An access export that can be fetched.' })
export class CreateAccessExportPayload {
  @Field(() => DataSubjectRequest, { description: 'The request; `expiresAt` says until when it can be fetched.' })
  readonly request: DataSubjectRequest;

  @Field(() => String, {
    description:
      'Where it can be fetched with this key, as often as needed: `/privacy/exports/dsr_…`. One JSON object a line; one JSON ' +
      'document with `?format=json`. It is made while it is read, as of that moment.',
  })
  readonly url: string;

  constructor(row: SubjectRequest) {
    this.request = new DataSubjectRequest(row);
    this.url = `/privacy/exports/${this.request.id}`;
  }
}

import { registerEnumType } from 'type-graphql';
import type { CandidateStatus } from './match-candidate.ts';
import type { FieldKind } from './match-model.ts';
import type { RunKind, RunStatus } from './match-runs.queries.ts';

export const MatchFieldKind = {
  GIVEN_NAME: 'givenName',
  FAMILY_NAME: 'familyName',
  FULL_NAME: 'fullName',
  BIRTH_DATE: 'birthDate',
  EMAIL: 'email',
  PHONE: 'phone',
  IDENTITY_NUMBER: 'identityNumber',
  STREET: 'street',
  HOUSE_NUMBER: 'houseNumber',
  ADDRESS_LINE: 'addressLine',
  POSTAL_CODE: 'postalCode',
  CITY: 'city',
  REGION: 'region',
  COUNTRY: 'country',
  GENDER: 'gender',
  COMPANY: 'company',
  TEXT: 'text',
} as const satisfies Record<string, FieldKind>;

registerEnumType(MatchFieldKind, {
  name: 'MatchFieldKind',
  description: 'What a field means: how its values are compared.',
  valuesConfig: {
    GIVEN_NAME: { description: 'First name; short forms and other spellings resemble it.' },
    FAMILY_NAME: { description: 'Last name.' },
    FULL_NAME: { description: 'A whole name, where it is not known in parts.' },
    BIRTH_DATE: { description: 'Date of birth; days and months may be swapped.' },
    EMAIL: { description: 'E-mail address; the part before the @ counts for itself.' },
    PHONE: { description: 'Telephone number; its last digits count most.' },
    IDENTITY_NUMBER: { description: 'A number that one person has: social security, passport.' },
    STREET: { description: 'Street, with or without the number of the house.' },
    HOUSE_NUMBER: { description: 'Number of the house.' },
    ADDRESS_LINE: { description: 'Second line of an address.' },
    POSTAL_CODE: { description: 'Postcode; its beginning counts for itself.' },
    CITY: { description: 'City, town or village.' },
    REGION: { description: 'State, canton, province.' },
    COUNTRY: { description: 'Country.' },
    GENDER: { description: 'Gender.' },
    COMPANY: { description: 'Company; its legal form does not count.' },
    TEXT: { description: 'Anything else: compared by its words and its spelling.' },
  },
});

export const MatchCandidateStatus = {
  PENDING: 'PENDING',
  LINKED: 'LINKED',
  ACCEPTED: 'ACCEPTED',
  REJECTED: 'REJECTED',
  OBSOLETE: 'OBSOLETE',
} as const satisfies { [Status in CandidateStatus]: Status };

registerEnumType(MatchCandidateStatus, {
  name: 'MatchCandidateStatus',
  description: 'What has become of two records that may be one person.',
  valuesConfig: {
    PENDING: { description: 'Waits for somebody to decide: likely, but not certain, or certain and against a limit.' },
    LINKED: { description: 'Linked by the matcher.' },
    ACCEPTED: { description: 'Somebody decided that they are one person.' },
    REJECTED: { description: 'Somebody decided that they are not. It is never proposed again.' },
    OBSOLETE: { description: 'Was a candidate; since the records or the model changed, it is none.' },
  },
});

export const MatchRunKind = { TRAIN: 'TRAIN', MATCH: 'MATCH' } as const satisfies { [Kind in RunKind]: Kind };

registerEnumType(MatchRunKind, {
  name: 'MatchRunKind',
  description: 'What a run does.',
  valuesConfig: {
    TRAIN: { description: 'Learns a new model from all records.' },
    MATCH: { description: 'Matches all records by the model in use.' },
  },
});

export const MatchRunStatus = {
  QUEUED: 'QUEUED',
  RUNNING: 'RUNNING',
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
} as const satisfies { [Status in RunStatus]: Status };

registerEnumType(MatchRunStatus, {
  name: 'MatchRunStatus',
  description: 'How far a run is.',
  valuesConfig: {
    QUEUED: { description: 'Waits for its turn: one run at a time.' },
    RUNNING: { description: 'Is being done. Where its node ends, another one begins it again.' },
    SUCCEEDED: { description: 'Is done.' },
    FAILED: { description: 'Has failed; `error` says why.' },
  },
});

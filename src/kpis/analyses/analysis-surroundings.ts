import type { SegmentScope } from '../segment-scope.queries.ts';

/** What every analysis is given when a server is put together. */
export interface AnalysisSurroundings {
  /** Of the organisation: what is meant where a question names no zone. */
  readonly timeZone: string;
  readonly scope: SegmentScope;
}

/** The present, and the time zone of the organisation: where its days begin and end. */
export interface Moment {
  readonly now: Date;
  readonly timeZone: string;
}

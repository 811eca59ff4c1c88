import { day, historyPeriod, hour, minute, type Period, startOfDay } from './calendar.ts';
import { planMailings } from './campaigns.ts';
import { play } from './episode.ts';
import { makePeople } from './household.ts';
import type { Person } from './person.ts';
import { type Episode, planLife } from './plan.ts';
import { Random } from './random.ts';
import { type Sent, Story } from './story.ts';
import { answerSurveys } from './surveys.ts';

export interface RetailerOptions {
  readonly seed: string;
  readonly customers: number;
  readonly now: Date;
}

/**
 * Ahornia, a retailer that does not exist: its people, and eighteen months of what they do as six systems see it.
 * The same options always give the same people and the same touchpoints.
 */
export class Retailer {
  readonly seed: string;
  readonly period: Period;
  readonly people: readonly Person[];

  constructor({ seed, customers, now }: RetailerOptions) {
    this.seed = seed;
    this.period = historyPeriod(now);
    this.people = [...makePeople(seed, customers, this.period)];
  }

  /** Every touchpoint of the history in the order in which it arrives; holds one day's touchpoints at a time. */
  *history(): Generator<Sent> {
    const plans = this.#plans();
    const arrivals = new Map<number, Sent[]>();
    let next = 0;
    for (let today = startOfDay(this.period.from); today < this.period.to; today += day) {
      for (; next < plans.length; next++) {
        const episode = plans[next];
        if (!episode || episode.at >= today + day) break;
        this.#deliver(episode, arrivals);
      }
      yield* inOrder(arrivals.get(today) ?? []);
      arrivals.delete(today);
    }
  }

  /** All episodes by time. They are small; what they come to is only told when their day comes. */
  #plans(): Episode[] {
    const mailings = planMailings(this.period);
    const plans = this.people.flatMap((person) =>
      planLife(person, mailings, this.period, new Random(this.seed, 'life', person.no)),
    );
    return plans.sort((a, b) => a.at - b.at || a.person.no - b.person.no || a.no - b.no);
  }

  #deliver(episode: Episode, arrivals: Map<number, Sent[]>): void {
    const random = new Random(this.seed, 'episode', episode.person.no, episode.no);
    const story = new Story(episode.person, episode.at, random);
    play(story, episode);
    // From a stream of their own: nothing else is told differently for it.
    answerSurveys(story, new Random(this.seed, 'survey', episode.person.no, episode.no));
    for (const sent of withMishaps(story)) {
      if (sent.arrivesAt >= this.period.to) continue;
      const arrivalDay = startOfDay(sent.arrivesAt);
      const list = arrivals.get(arrivalDay);
      if (list) list.push(sent);
      else arrivals.set(arrivalDay, [sent]);
    }
  }
}

/** What goes wrong between systems: whole sittings that arrive late, and single messages that are sent twice. */
function withMishaps(story: Story): Sent[] {
  const { random } = story;
  const source = story.sent[0]?.draft.source;
  const late = random.chance(source === 'app' ? 0.08 : source === 'pos' ? 0.03 : 0.003);
  const delay = late ? random.int(hour, 60 * hour) : 0;
  return story.sent.flatMap((sent) => {
    const once = { ...sent, arrivesAt: sent.arrivesAt + delay };
    return random.chance(0.006)
      ? [once, { ...once, arrivesAt: once.arrivesAt + random.int(minute / 30, 5 * hour) }]
      : [once];
  });
}

/** Stable: touchpoints of the same millisecond stay in the order in which they were told. */
function inOrder(sent: Sent[]): Sent[] {
  return sent.sort((a, b) => a.arrivesAt - b.arrivesAt);
}

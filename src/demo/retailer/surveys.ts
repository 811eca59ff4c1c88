import { atHome, day } from './calendar.ts';
import type { Random } from './random.ts';
import type { Sent, Story } from './story.ts';

/** Some of those who bought or called answer how likely they are to recommend Ahornia, a few days later. */
export function answerSurveys(story: Story, random: Random): void {
  for (const occasion of story.sent.filter(asksAfter)) {
    if (!random.chance(occasion.draft.type === 'case.resolved' ? 0.3 : 0.14)) continue;
    const { source, key, identifiers } = occasion.draft;
    const asked = story.later(atHome(occasion.arrivesAt + random.between(1, 6) * day, random));
    const messageId = `survey-${occasion.draft.messageId}`;
    const properties = { survey: 'NPS', score: scoreOf(story, random), variant: 'relationship' };
    asked.tell(source, 'survey.answered', {
      messageId,
      channel: 'EMAIL',
      properties,
      ...(key ? { key } : {}),
      ...(identifiers ? { identifiers } : {}),
    });
  }
}

function asksAfter({ draft: { type, identifiers, key } }: Sent): boolean {
  return (type === 'order.completed' || type === 'case.resolved') && Boolean(key || identifiers?.length);
}

/** Who had to complain, or sent something back, thinks less of the shop. */
function scoreOf({ sent }: Story, random: Random): number {
  const complained = sent.some(({ draft }) => draft.type === 'case.opened' && draft.properties?.complaint === true);
  const returned = sent.some(({ draft }) => draft.type === 'order.returned');
  const liking = 8.6 - (complained ? 3.2 : 0) - (returned ? 0.8 : 0) + 1.7 * random.normal();
  return Math.min(10, Math.max(0, Math.round(liking)));
}

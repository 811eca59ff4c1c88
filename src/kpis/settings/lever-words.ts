import { type Bounds, boundsText, collaborativeBounds, leverBounds } from './lever-bounds.ts';

type Words = { readonly [Group in keyof typeof leverBounds]: Record<keyof (typeof leverBounds)[Group], string> };

const words: Words = {
  abc: {
    a: 'A customer is A while those before them, the most valuable first, come to less than this part of the whole.',
    b: 'And B while they come to less than this part; above `a`.',
  },
  clv: {
    months: 'Over how many months to come the predicted value runs. A month is 30.4375 days.',
    discountRate: 'By which part of 1 a month later is worth less: 0.01 is 1 % a month, not a year.',
    marginRate:
      'Which part of net revenue is left when goods are paid, for customers whose costs are not known. Null: they have no ' +
      'customer lifetime value.',
    costPerCase: "What a case costs on average, in units of the customer's currency.",
  },
  lifecycle: {
    prospectDays: 'Silent for so many days, a prospect is archived.',
    overdueDays: 'Silent for so many days, a customer is at risk, as long as their own gaps are too few to tell.',
    dormantDays: 'And dormant, likewise; above `overdueDays`.',
    ownGaps: 'From how many gaps between purchase days on these count, and not the days above.',
    lostProbability: 'Customers who are still customers with less than this probability are lost.',
    lostDays: 'Or silent for so many days, as long as there is no model; above `dormantDays`.',
    loyalRecency: 'The score of recency that it takes to be loyal.',
    loyalFrequency: 'And that of frequency.',
    loyalTier: 'Or the tier, counted from the lowest, 1.',
    loyalEvaluations: 'How many scorings in a row somebody must fall short of it to be loyal no more.',
    advocateDays: 'For so many days a recommendation makes an advocate of a loyal customer.',
  },
  churn: {
    elevated: 'From which risk on the band is ELEVATED.',
    high: 'From which risk on it is HIGH; above `elevated`.',
    overdueWeight: 'What being overdue adds, in logits.',
    detractorWeight: 'What an answer of 0 to 6 to a survey of recommendation adds.',
    complaintWeight: 'What an open complaint or severe case adds.',
    contractWeight: 'What a contract that ends soon adds.',
    contractDays: 'How many days are soon.',
    detractorDays: 'For how many days such an answer counts.',
    engagementWeight: 'What being here less often than usual adds, times the part by which it is.',
    engagementDays: 'How many days are compared with three times as many before.',
    tierDropWeight: 'What a tier adds that they are about to lose.',
    tierDropDays: 'How many days before that.',
  },
};

/** What a lever does, and how far it goes: for the type and the input alike. */
export function leverText<Group extends keyof typeof leverBounds>(
  group: Group,
  lever: keyof (typeof leverBounds)[Group],
): string {
  return `${words[group][lever]} ${boundsText(leverBounds[group][lever] as Bounds)}.`;
}

export const collaborativeText =
  'From so many identified purchases on, a relationship is COLLABORATIVE and no longer TRANSACTIONAL. ' +
  `${boundsText(collaborativeBounds)}.`;

export const groupText = {
  rfm: 'How scores of recency, frequency and monetary value are made, and named.',
  abc: 'How customers are classed by what they are worth.',
  clv: 'What the customer lifetime value counts.',
  lifecycle: 'When a stage of the life cycle begins and ends.',
  churn: 'What the churn risk is made of, and where its bands begin.',
};

export const leverGroupText = {
  groups:
    'Customers for whom other thresholds count. Of several groups, the first one whose condition holds is theirs. At most 20. ' +
    'Who is in which group is found at every scoring.',
  key: 'Such as `WHOLESALE`: a capital letter, then up to 39 capital letters, digits and underscores. Of no other group.',
  name: '1 to 80 characters.',
  condition:
    'Who is in it: any condition, such as being in a segment, but for stages of the life cycle and churn risks.',
  lifecycle: 'Levers of the life cycle that are others for them; what is left out, or null, is as for everybody.',
  churn: 'Levers of the churn risk that are others for them; what is left out, or null, is as for everybody.',
};

export const rfmText = {
  binning: 'How customers are spread over scores.',
  segments: 'In order: the first one whose ranges all three scores lie in is the segment of a customer. At most 50.',
  otherwise: 'Key for customers whom no segment fits.',
  key: 'Such as `CHAMPIONS`: a capital letter, then up to 39 capital letters, digits and underscores. Of no other segment.',
  name: '1 to 80 characters.',
  recency: 'Of recency: 5 for the latest buyers.',
  frequency: 'Of frequency: 5 for those who buy most often.',
  monetary: 'Of monetary value: 5 for those who have spent most.',
  least: 'The lowest score, 1 to 5.',
  most: 'The highest score, `least` to 5.',
};
